import type { Change, ChangeKind } from '../../../domain/data/detector.js';
import { type Instant, instantOf } from '../../../domain/support/time.js';
import { comparePredictions } from '../unlabelled/prediction-drift.js';
import { analyseChange } from './analyse-change.js';
import { compareWithinStrata, kindOfChange, type Moved, type StratifiedRows } from './kind.js';
import { countBefore } from './labelled-rows.js';
import { mannerOf } from './manner.js';

/** Labelled predictions, ordered by time, with the error of each. */
export interface ErrorRows {
  readonly time: Float64Array;
  readonly prediction: Float64Array;
  readonly label: Float64Array;
  readonly error: Float64Array;
}

export interface LocatedChange {
  readonly change: Change;
  /** Time of an item that the change names. */
  readonly at: (index: number) => Instant;
}

/** Largest number of items that are searched. Longer streams are reduced to means of neighbours. */
const MOST_ITEMS = 20_000;
/** Number of cells per window if errors within an hour or a day are similar. */
const CELLS = 7;
const FEWEST_CELLS = 30;
/** Share of a window for which the old level must be back. Good weekends between bad weeks are no pause of a fall. */
const LEAST_PAUSE = 0.5;
/** Rows are dependent if their cells vary this many times more than those of independent rows. */
const DEPENDENT = 2;

/**
 * The change behind an alarm is searched for from this many windows before it, because a slow change begins long before
 * it shows.
 */
const NEAR_WINDOWS = 5;

/**
 * The last change in a model's errors, or the one that an alarm at a given time is about, with its time. Rows of one
 * day often share its weather. If means of cells vary more than independent rows would explain, the cells are the
 * items, so that one bad day does not count as a lasting change.
 */
export function locateChange(rows: ErrorRows, windowMs: number, alarm?: Instant): LocatedChange | undefined {
  const cells = meansByTime(rows, windowMs / CELLS);
  const isByCell = cells.error.length >= FEWEST_CELLS && dispersion(rows.error, cells) > DEPENDENT;
  const perCell = rows.error.length / Math.max(1, cells.error.length);
  const step = Math.max(1, Math.ceil(rows.error.length / MOST_ITEMS));
  const items = isByCell ? cells : meansByCount(rows, step);
  const most = (rowsAtMost: number): number => Math.max(perCell, Math.min(rowsAtMost, 3 * perCell)) / step;
  const perWindow = (CELLS * (isByCell ? 1 : perCell)) / step;
  const pause = { least: LEAST_PAUSE * perWindow, most: NEAR_WINDOWS * perWindow };
  const options = isByCell
    ? { suddenItems: 3, blipItems: 4 }
    : { suddenItems: Math.max(3, Math.ceil(most(200))), blipItems: Math.max(4, Math.ceil(most(250))) };
  const last = items.time.length - 1;
  const at = (index: number): Instant => instantOf(items.time[Math.max(0, Math.min(last, index))] ?? 0);
  const change = analyseChange(items.error, {
    ...options,
    alarm: alarm === undefined ? undefined : { ...near(items, alarm, windowMs), pause },
  });
  return change === undefined ? undefined : { change: { ...change, form: formOf(rows, change, at) }, at };
}

const near = ({ time }: Items, alarm: Instant, windowMs: number) => ({
  at: countBefore(time, alarm),
  from: countBefore(time, alarm - NEAR_WINDOWS * windowMs),
  // A fall may begin with a chance dip and show in the errors only weeks later.
  to: time.length,
});

/** The rows themselves show the form of a slow change better than their errors do. */
function formOf(rows: ErrorRows, { form, since, until }: Change, at: LocatedChange['at']): Change['form'] {
  if (form !== 'gradual' && form !== 'incremental') return form;
  const end = until === undefined ? Number.POSITIVE_INFINITY : at(until);
  return mannerOf(rows, { start: at(since.index), end }) ?? form;
}

interface Items {
  readonly time: Float64Array;
  readonly error: Float64Array;
  readonly counts: Float64Array;
}

function meansByCount({ time, error }: Pick<ErrorRows, 'time' | 'error'>, step: number): Items {
  const items = Math.ceil(error.length / step);
  const [times, means, counts] = [new Float64Array(items), new Float64Array(items), new Float64Array(items)];
  for (let i = 0; i < error.length; i++) {
    const item = Math.floor(i / step);
    if (i % step === 0) times[item] = time[i] ?? 0;
    means[item] = (means[item] ?? 0) + (error[i] ?? 0);
    counts[item] = (counts[item] ?? 0) + 1;
  }
  return { time: times, error: means.map((sum, i) => sum / (counts[i] ?? 1)), counts };
}

/** Cells without rows are left out. */
function meansByTime({ time, error }: Pick<ErrorRows, 'time' | 'error'>, cellMs: number): Items {
  const cells = new Map<number, { time: number; sum: number; count: number }>();
  for (let i = 0; i < error.length; i++) {
    const index = Math.floor((time[i] ?? 0) / cellMs);
    const cell = cells.get(index) ?? { time: index * cellMs, sum: 0, count: 0 };
    cell.sum += error[i] ?? 0;
    cell.count += 1;
    cells.set(index, cell);
  }
  const found = [...cells.values()];
  return {
    time: Float64Array.from(found, (cell) => cell.time),
    error: Float64Array.from(found, (cell) => cell.sum / cell.count),
    counts: Float64Array.from(found, (cell) => cell.count),
  };
}

/** Mean squared step between neighbouring cells, divided by its value for independent rows. */
function dispersion(error: Float64Array, { error: means, counts }: Items): number {
  const mean = error.reduce((sum, x) => sum + x, 0) / error.length;
  const variance = error.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, error.length - 1);
  let sum = 0;
  for (let i = 1; i < means.length; i++)
    sum +=
      ((means[i] ?? 0) - (means[i - 1] ?? 0)) ** 2 / (variance * (1 / (counts[i] ?? 1) + 1 / (counts[i - 1] ?? 1)));
  return variance === 0 ? 0 : sum / Math.max(1, means.length - 1);
}

/** Most rows on either side that are compared. */
const COMPARED = 50_000;
/** Bins of predictions. Rows with similar predictions are similar for the model. */
const BINS = 10;

/**
 * The kind of change, with the model's own predictions in place of its inputs: a change of inputs that does not show in
 * them did not matter to the model.
 */
export function kindBetween(rows: ErrorRows, since: Instant): ChangeKind {
  const cut = countBefore(rows.time, since);
  const [before, after] = [side(rows, 0, cut), side(rows, cut, rows.time.length)];
  const moved = comparePredictions(before.prediction, after.prediction, 0.05);
  const edges = quantiles(before.prediction);
  return kindOfChange({
    inputs: moved.verdict === 'drift' ? 'moved' : moved.verdict,
    labels: didMeanMove(before.label, after.label),
    error: didMeanMove(before.error, after.error),
    relation: compareWithinStrata(stratify(before, edges), stratify(after, edges)),
  });
}

/** The rows that a change is about. Of a recurring one, those between the last return of the old level and the next. */
export function rowsOf(rows: ErrorRows, { change: { form, since, before, after }, at }: LocatedChange): ErrorRows {
  if (form !== 'recurring') return rows;
  const from = countBefore(rows.time, at(since.index - before.items));
  const to = countBefore(rows.time, at(since.index + after.items) + 1);
  const { time, prediction, label, error } = rows;
  return {
    time: time.subarray(from, to),
    prediction: prediction.subarray(from, to),
    label: label.subarray(from, to),
    error: error.subarray(from, to),
  };
}

function side(rows: ErrorRows, from: number, to: number): Omit<ErrorRows, 'time'> {
  const step = Math.ceil((to - from) / COMPARED);
  const pick = (values: Float64Array): Float64Array => values.subarray(from, to).filter((_, i) => i % step === 0);
  return { prediction: pick(rows.prediction), label: pick(rows.label), error: pick(rows.error) };
}

function quantiles(values: Float64Array): readonly number[] {
  const sorted = values.toSorted();
  return Array.from({ length: BINS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / BINS)] ?? 0);
}

const stratify = ({ prediction, label }: Omit<ErrorRows, 'time'>, edges: readonly number[]): StratifiedRows => ({
  strata: Array.from(prediction, (p) => edges.filter((edge) => p >= edge).length),
  outcomes: Array.from(label),
});

/**
 * Whether two means differ by more than 3.09 standard errors, which chance exceeds one time in a thousand. With too few rows
 * for that, the predictions are undecided, and so is the kind.
 */
function didMeanMove(before: Float64Array, after: Float64Array): Moved {
  const moments = (values: Float64Array) => {
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    return { mean, error: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length ** 2 };
  };
  const [a, b] = [moments(before), moments(after)];
  return Math.abs(a.mean - b.mean) > 3.09 * Math.sqrt(a.error + b.error) ? 'moved' : 'stable';
}
