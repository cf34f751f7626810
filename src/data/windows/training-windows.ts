import type { DatedChange, TrainingWindow } from '../../domain/data/training-window.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { Instant } from '../../domain/support/time.js';
import type { When } from '../../domain/when.js';
import { championOf } from '../../models/champion.js';
import { chooseWindow } from '../judge/windows/choose-window.js';

type Dependencies = Pick<Services, 'registry' | 'clock'>;

/** The rows that the steps of a run are handed now, by what the newest decision knew about changes. No verdict is made. */
export const trainingWindows = (services: Dependencies, pipeline: Pipeline, when: When): readonly TrainingWindow[] =>
  windowsGiven(pipeline, when, () => [
    ...(lastKnown(services, pipeline, when)?.changes ?? []),
    ...championChanges(services, pipeline, when),
  ]);

/** The same with changes that are known already. */
export function windowsGiven(
  { datasets, nowRoundingMs }: Pick<Pipeline, 'datasets' | 'nowRoundingMs'>,
  { now }: Pick<When, 'now'>,
  known: () => readonly DatedChange[],
): readonly TrainingWindow[] {
  const windowed = datasets.flatMap(({ name, window }) => (window === undefined ? [] : [{ name, window }]));
  const changes = windowed.some(({ window }) => window.kind === 'auto') ? known() : [];
  return windowed.map((one) => chooseWindow(one, { changes, now, roundingMs: nowRoundingMs }));
}

/** Whether the window of a dataset depends on changes that verdicts have dated. */
export const hasAutoWindow = ({ datasets }: Pick<Pipeline, 'datasets'>): boolean =>
  datasets.some(({ window }) => window?.kind === 'auto');

/** Where the window of a dataset begins. */
export const beginOf = (windows: readonly TrainingWindow[] | undefined, dataset: string): Instant | undefined =>
  windows?.find((one) => one.dataset === dataset)?.from;

/** The changes since which the champion was trained. The world has not changed back because a model has learnt it. */
export function championChanges(services: Dependencies, pipeline: Pipeline, when: When): readonly DatedChange[] {
  const champion = championOf(services, pipeline, when);
  const run = champion === undefined ? undefined : services.registry.runs.get(champion.run);
  return (run?.windows ?? []).flatMap(({ change }) => change ?? []);
}

/** What the newest decision until then knew, with the version that served. */
export function lastKnown({ registry }: Dependencies, pipeline: Pipeline, { now }: Pick<When, 'now'>) {
  const [last] = registry.decisions.list({ pipeline: pipeline.name, limit: 1, until: now });
  return last?.windows === undefined ? undefined : { ...last.windows, champion: last.championVersion };
}
