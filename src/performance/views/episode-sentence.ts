import type { EpisodeTrainings, PerformanceEpisode } from '../../domain/data/performance.js';
import { DAY_MS, toIso } from '../../domain/support/time.js';
import { plural, span, threeDigits } from '../../render/parts/parts.js';

/** `AUC 0.58, was 0.83, since 2026-04-07, 38 days, 5 trainings refused`. */
export function describeEpisode(
  metric: string,
  {
    now,
    before,
    since,
    ageMs,
    trainings,
  }: Pick<PerformanceEpisode, 'now' | 'before' | 'since' | 'ageMs' | 'trainings'>,
): string {
  const day = toIso(since).slice(0, 10);
  const name = metric === 'auc' ? 'AUC' : metric;
  const parts = [`${name} ${threeDigits(now)}`, `was ${threeDigits(before.level)}`, `since ${day}`, ageText(ageMs)];
  return [...parts, ...describeTrainings(trainings)].join(', ');
}

const ageText = (ms: number): string => (ms < 2 * DAY_MS ? span(ms) : `${Math.floor(ms / DAY_MS)} days`);

function describeTrainings({ total, refused }: EpisodeTrainings): readonly string[] {
  if (total === 0) return [];
  if (refused === total) return [`${plural(total, 'training')} refused`];
  return [`${plural(total, 'training')}${refused === 0 ? '' : ` (${refused} refused)`}`];
}
