import { randomBytes } from 'node:crypto';
import { type Instant, toIso } from '../../domain/support/time.js';

/** `YYYYMMDD-HHMMSS-xxxxxx`: sorts by time, to the second; unique across machines. */
export const newId = (at: Instant): string => {
  const iso = toIso(at);
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}-${randomBytes(3).toString('hex')}`;
};
