import type { ProcessIdentity, ProcessOutcome } from '../../domain/run.js';

/** To the starter. The environment is said by how it differs from the starter's own: most of it is the same each time. */
export interface StartMessage {
  readonly id: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  /** Gets both streams. */
  readonly logPath: string;
}

/** From the starter: `ready` once, then for each message `started` and later `ended`, or `not-started`. */
export type StartReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly id: number; readonly identity: ProcessIdentity }
  | { readonly kind: 'ended'; readonly id: number; readonly outcome: ProcessOutcome }
  | { readonly kind: 'not-started'; readonly id: number; readonly reason: string };
