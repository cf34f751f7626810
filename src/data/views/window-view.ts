import type { DatedChange, TrainingWindow } from '../../domain/data/training-window.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';

const changeJson = ({ earliest, latest, complete, ...change }: DatedChange): JsonObject => ({
  ...change,
  earliest: toIso(earliest),
  latest: toIso(latest),
  complete: complete === undefined ? null : toIso(complete),
});

/** The rows that a training reads, of each dataset with a window. */
export const windowJson = ({ from, until, change, ...window }: TrainingWindow): JsonObject => ({
  ...window,
  from: from === undefined ? null : toIso(from),
  until: toIso(until),
  change: change === undefined ? null : changeJson(change),
});

/** One row for each dataset with a window: which rows, and why those. */
export const windowFields = (windows: readonly TrainingWindow[] = []): readonly (readonly [string, string])[] =>
  windows.map(({ detail }) => ['window', detail] as const);
