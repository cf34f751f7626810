import { Cron } from 'croner';
import type { Condition, RetrainSpec } from '../../domain/pipeline/pipeline.js';
import { HOUR_MS, MINUTE_MS } from '../../domain/support/time.js';

/** Winter and summer: in a few zones they differ by half an hour. */
const SEASONS = ['2026-01-15T00:00:00Z', '2026-07-15T00:00:00Z'];
const MINUTES_PER_HOUR = 60;

/**
 * The minutes of each hour (UTC) at which `retrain` must be called, so that no schedule of the pipeline is late and `tick` is
 * kept. Empty if any minute will do.
 */
export function tickMinutes({ when, tickMs }: Pick<RetrainSpec, 'when' | 'tickMs'>): readonly number[] {
  const found = new Set(schedulesOf(when).flatMap(minutesOf));
  if (tickMs !== undefined && tickMs < HOUR_MS) for (const minute of everyMs(tickMs)) found.add(minute);
  return [...found].sort((a, b) => a - b);
}

type Schedule = { readonly cron: string; readonly timezone: string };

function schedulesOf(condition: Condition): readonly Schedule[] {
  switch (condition.kind) {
    case 'any':
    case 'all':
      return condition.of.flatMap(schedulesOf);
    case 'not':
      return schedulesOf(condition.of);
    case 'schedule':
      return [condition];
    default:
      return [];
  }
}

/** The hour and the day do not matter: the line ticks every hour anyway. */
function minutesOf({ cron, timezone }: Schedule): readonly number[] {
  const [minutes = '*'] = cron.trim().split(/\s+/);
  const times = new Cron(`${minutes} * * * *`, { timezone, paused: true });
  return SEASONS.flatMap((from) => times.nextRuns(MINUTES_PER_HOUR, from).map((time) => time.getUTCMinutes()));
}

/** Evenly spaced within the hour, at least as often as `tickMs`. */
function everyMs(tickMs: number): readonly number[] {
  let step = Math.max(1, Math.floor(tickMs / MINUTE_MS));
  while (MINUTES_PER_HOUR % step !== 0) step--;
  return Array.from({ length: MINUTES_PER_HOUR / step }, (_, i) => i * step);
}
