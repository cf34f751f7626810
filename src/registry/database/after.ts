import { fromIso, type Instant, instantOf, toIso } from '../../domain/support/time.js';

/**
 * The time under which an answer is stored: `at`, or a millisecond after the `last` answer to the same question. Answers are
 * ordered by time, because rows from another machine arrive later than they were written. So an answer that a clock ahead of its
 * time has written would otherwise outweigh every answer that people give after it.
 */
export const after = (last: string | null, at: Instant): string =>
  last === null || toIso(at) > last ? toIso(at) : toIso(instantOf(fromIso(last) + 1));
