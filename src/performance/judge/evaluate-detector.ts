import type { Alarm, DetectionScore, DetectorEvaluation, DetectorName } from '../../domain/data/detector.js';
import { domainOf, openStream } from './catalogue.js';

export interface KnownChanges {
  /** First items of each new world, counted from 0, in ascending order. */
  readonly changes?: readonly number[];
  /** An alarm finds a change if it comes within this many items after it and before the next change. */
  readonly window: number;
}

/** Runs one detector over a recorded stream. Values that are not finite are skipped but counted in the index. */
export function evaluateDetector(
  name: DetectorName,
  values: Float64Array,
  { changes, window }: KnownChanges,
): DetectorEvaluation {
  const skipped = reasonToSkip(name, values);
  if (skipped !== undefined) return { name, alarms: [], skipped };
  const alarms = alarmsOf(name, values);
  if (changes === undefined) return { name, alarms };
  return { name, alarms, against: scoreAlarms(alarms, values.length, { changes, window }) };
}

function alarmsOf(name: DetectorName, values: Float64Array): readonly Alarm[] {
  const stream = openStream(name);
  const alarms: Alarm[] = [];
  let warning: number | undefined;
  for (let index = 0; index < values.length; index++) {
    const x = values[index] ?? Number.NaN;
    if (!Number.isFinite(x)) continue;
    const signal = stream.update(x);
    if (signal === 'warning') warning ??= index;
    else {
      if (signal === 'drift') alarms.push({ index, warning });
      warning = undefined;
    }
  }
  return alarms;
}

function reasonToSkip(name: DetectorName, values: Float64Array): string | undefined {
  const domain = domainOf(name);
  if (domain === 'bit' && values.some((x) => Number.isFinite(x) && x !== 0 && x !== 1))
    return 'needs values of 0 and 1';
  if (domain === 'unit' && values.some((x) => Number.isFinite(x) && (x < 0 || x > 1)))
    return 'needs values from 0 to 1';
  return undefined;
}

/**
 * Compares alarms with known changes: the first one in a change's window finds it; one outside of all windows is false.
 */
export function scoreAlarms(
  alarms: readonly Alarm[],
  items: number,
  { changes, window }: { readonly changes: readonly number[]; readonly window: number },
): DetectionScore {
  const ends = changes.map((change, i) => Math.min(change + window, changes[i + 1] ?? items, items));
  const delays = changes.flatMap((change, i) => {
    const first = alarms.find(({ index }) => index >= change && index < (ends[i] ?? items));
    return first === undefined ? [] : [first.index - change];
  });
  const isInside = ({ index }: Alarm): boolean =>
    changes.some((change, i) => index >= change && index < (ends[i] ?? items));
  const falseAlarms = alarms.filter((alarm) => !isInside(alarm)).length;
  const quiet = items - changes.reduce((sum, change, i) => sum + (ends[i] ?? items) - change, 0);
  const scores = { falseAlarms, detected: delays.length, missed: changes.length - delays.length };
  const times = falseAlarms === 0 ? {} : { itemsBetweenFalseAlarms: quiet / falseAlarms };
  if (changes.length === 0) return { ...scores, ...times };
  const missedRate = scores.missed / changes.length;
  if (delays.length === 0) return { ...scores, ...times, missedRate, mtr: 0 };
  const delayMean = delays.reduce((sum, one) => sum + one, 0) / delays.length;
  // A change that is found at once counts as found within one item.
  const mtr = (quiet / Math.max(1, falseAlarms) / Math.max(1, delayMean)) * (1 - missedRate);
  return { ...scores, ...times, delayMean, missedRate, mtr };
}
