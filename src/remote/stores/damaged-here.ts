import type { Failure } from '../../domain/failure.js';
import type { RemoteFile } from '../../domain/ports/remotes.js';

/** A file whose bytes are not those of its name is not passed on. */
export const damagedHere = ({ hash }: RemoteFile): Failure => ({
  code: 'integrity',
  what: `stored object ${hash.slice(0, 12)}`,
  expected: hash,
  found: 'other bytes',
  next: '"refit doctor --repair" looks for another copy of it; then push again',
});
