import type { Failure } from '../../domain/failure.js';
import type { RemoteFile } from '../../domain/ports/remotes.js';

/** The failure for a local file whose bytes do not match its hash. Such a file is not sent. */
export const damagedObject = ({ hash }: RemoteFile): Failure => ({
  code: 'integrity',
  what: `stored object ${hash.slice(0, 12)}`,
  expected: hash,
  found: 'other bytes',
  next: '"refit doctor --repair" looks for another copy of it; then push again',
});
