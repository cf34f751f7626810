import type { ProcessIdentity, ProcessOutcome } from '../../domain/runs/run.js';

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

/** From the starter: `ready` once, then for each message `not-started`, or `ended` and before it, unless it ended at once, `started`. */
export type StartReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly id: number; readonly identity: ProcessIdentity }
  | {
      readonly kind: 'ended';
      readonly id: number;
      readonly identity: ProcessIdentity;
      readonly outcome: ProcessOutcome;
    }
  | { readonly kind: 'not-started'; readonly id: number; readonly reason: string };
