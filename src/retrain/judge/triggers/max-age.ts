import type { Measurements } from '../../../domain/decisions/measurements.js';
import { formatDuration, formatDurationBeside } from '../../../domain/support/time.js';
import { type Seen, stateOf } from './seen.js';

/** Fires when the champion was trained too long ago. */
export function measureMaxAge(ageMs: number, { now, championTrainedAt }: Measurements): Seen {
  if (championTrainedAt === undefined)
    return { condition: 'max_age', state: 'undecided', detail: 'there is no champion' };
  // A champion of a machine whose clock was ahead is not younger than new.
  const age = Math.max(0, now - championTrainedAt);
  const shown = formatDurationBeside(age, ageMs);
  return {
    condition: 'max_age',
    state: stateOf(age >= ageMs),
    measured: shown,
    threshold: formatDuration(ageMs),
    detail: `the champion was trained ${shown} ago`,
  };
}
