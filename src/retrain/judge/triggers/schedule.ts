import { Cron } from 'croner';
import type { Measurements } from '../../../domain/decisions/measurements.js';
import type { Trigger } from '../../../domain/pipeline/pipeline.js';
import { type Instant, instantOf, toIso } from '../../../domain/support/time.js';
import { type Seen, stateOf } from './seen.js';

/** Due when a scheduled time lies after the last training. Several missed times cause one training. */
export function measureSchedule(
  { cron, timezone }: Extract<Trigger, { readonly kind: 'schedule' }>,
  { now, lastTrainedAt: since }: Measurements,
): Seen {
  if (since === undefined) return { condition: 'schedule', state: 'undecided', detail: 'nothing was trained yet' };
  const times = new Cron(cron, { timezone, paused: true });
  const next = times.nextRun(toIso(since));
  const first: Instant | undefined = next === null ? undefined : instantOf(next.getTime());
  const isDue = first !== undefined && first <= now;
  const last = isDue ? latestUpTo(times, now) : undefined;
  const missed = last !== undefined && first !== undefined && last > first ? `, last ${toIso(last)}` : '';
  return {
    condition: 'schedule',
    state: stateOf(isDue),
    threshold: `${cron} ${timezone}`,
    measured: first === undefined ? undefined : toIso(first),
    detail: first === undefined ? undefined : `${isDue ? 'was due' : 'is due'} ${toIso(first)}${missed}`,
    occasions: isDue ? [toIso(last ?? first)] : [],
  };
}

/** `previousRuns` excludes the given time itself. */
const latestUpTo = (times: Cron, now: Instant): Instant | undefined => {
  const [last] = times.previousRuns(1, toIso(instantOf(now + 1000)));
  return last === undefined || last.getTime() > now ? undefined : instantOf(last.getTime());
};
