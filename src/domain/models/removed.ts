import { type Instant, toIso } from '../support/time.js';

/** Why bytes are not in the store, although nothing was lost. */
export interface Removed {
  /** gc removed them here; the machine that pushed them did not have them any more; or an import did not find them. */
  readonly by: 'gc' | 'sender' | 'import';
  readonly at: Instant;
}

/** `gc removed them 2026-11-30`, for a sentence about bytes that are not there. */
export function removedText({ by, at }: Removed): string {
  if (by === 'gc') return `gc removed them ${toIso(at).slice(0, 10)}`;
  return by === 'sender'
    ? 'they were never here, and the machine that pushed them did not have them any more'
    : 'they were never here: an import did not find them';
}
