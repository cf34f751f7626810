import { createHash } from 'node:crypto';
import type { Instant } from '../domain/support/time.js';

/**
 * The UUID of a run, a step or a decision for lineage systems: version 7 (RFC 9562), which sorts by time, with a hash of the
 * name instead of random bits, so that every export gives the same id.
 */
export function runUuid(name: string, startedAt: Instant): string {
  const time = startedAt.toString(16).padStart(12, '0').slice(-12);
  const hash = createHash('sha256').update(name).digest('hex');
  const variant = (0x8 | (Number.parseInt(hash.charAt(3), 16) & 0x3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-${variant}${hash.slice(4, 7)}-${hash.slice(7, 19)}`;
}
