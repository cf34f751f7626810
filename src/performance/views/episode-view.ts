import type { PerformanceEpisode, WatchedEpisode } from '../../domain/data/performance.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { ViewPart } from '../../domain/view.js';
import { dim, line, moment, toned } from '../../render/parts/parts.js';
import { describeEpisode } from './episode-sentence.js';

export const episodeJson = (episode: PerformanceEpisode): JsonObject => ({
  since: toIso(episode.since),
  before: episode.before.level,
  now: episode.now,
  age_ms: episode.ageMs,
  trainings: episode.trainings.total,
  trainings_refused: episode.trainings.refused,
  finding: episode.finding ?? null,
});

export const watchedEpisodeJson = ({ metric, episode, end }: WatchedEpisode): Json => ({
  metric,
  ...episodeJson(episode),
  ended: end === undefined ? null : { because: end.because, at: toIso(end.now) },
});

const ENDS = {
  recovered: 'it recovered',
  champion: 'a new champion reached the old level',
  resolved: 'the new level was called normal',
} as const;

/** A fall. If it is open, with the way to end it. */
export function episodeParts({ metric, episode, end }: WatchedEpisode): readonly ViewPart[] {
  const sentence = describeEpisode(metric, episode);
  if (end !== undefined) return [line('  fell: ', sentence, dim(`; ended ${moment(end.now)}: ${ENDS[end.because]}`))];
  return [
    line(toned('  fallen: ', 'bad'), sentence),
    line(
      dim(`    → if the new level is right: refit resolve ${episode.finding ?? '<finding>'} --as normal --reason "…"`),
    ),
  ];
}
