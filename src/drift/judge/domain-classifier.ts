import { aucParts } from '../../statistics/auc.js';
import { seededRandom } from '../../statistics/random.js';
import { normalTail } from '../../statistics/special-functions.js';

/** One column of both samples. Text is represented by its frequent values; missing counts as a value. */
export interface SampledColumn {
  readonly name: string;
  readonly reference: readonly (number | string | null)[];
  readonly current: readonly (number | string | null)[];
}

export interface Separation {
  /** Area under the ROC curve on held-out rows: 0.5 if nothing separates the windows, 1 if everything does. */
  readonly auc: number;
  /** The windows differ beyond this AUC: by enough to act on, and by more than chance explains. */
  readonly threshold: number;
  readonly pValue: number;
  /** Columns by their share in separating the windows, largest first. */
  readonly columns: readonly { readonly name: string; readonly share: number }[];
  /** Row numbers of the current sample, the least like the reference first. */
  readonly rows: readonly number[];
}

const BINS = 16;
const ROUNDS = 60;
const LEARNING_RATE = 0.3;
const LEAST_AUC = 0.55;
const SHOWN_ROWS = 20;
const FOLDS = 2;

/**
 * Classifier two-sample test (Friedman 2003; Lopez-Paz and Oquab 2017): boosted stumps (Friedman 2001) are trained on
 * one half of the rows to tell current from reference, and scored on the other half, both ways. Without drift the AUC
 * is 0.5 with standard deviation √((n + m + 1)/(12nm)) (Mann and Whitney 1947). Stumps see and add up changes of single
 * columns, including spread and missing values. They do not see a changed relation between two columns. `undefined` for
 * fewer than 50 rows.
 */
export function separate(columns: readonly SampledColumn[], zLimit = 3.09): Separation | undefined {
  const [n, m] = [columns[0]?.reference.length ?? 0, columns[0]?.current.length ?? 0];
  if (columns.length === 0 || Math.min(n, m) < 50) return undefined;
  const table = toBins(columns);
  const isCurrent = Array.from({ length: n + m }, (_, i) => i >= n);
  const folds = shuffledFolds(n + m);
  const scores = new Float64Array(n + m);
  const gains = new Array<number>(columns.length).fill(0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const training = folds.flatMap((one, i) => (one === fold ? [] : [i]));
    const model = boost(table, isCurrent, training);
    model.gains.forEach((gain, i) => {
      gains[i] = (gains[i] ?? 0) + gain;
    });
    for (let i = 0; i < n + m; i++) if (folds[i] === fold) scores[i] = model.score(i);
  }
  const auc = meanOf(
    Array.from({ length: FOLDS }, (_, fold) => {
      const held = folds.flatMap((one, i) => (one === fold ? [i] : []));
      const labels = held.map((i) => Number(isCurrent[i]));
      return (
        aucParts(
          labels,
          held.map((i) => scores[i] ?? 0),
        )?.auc ?? 0.5
      );
    }),
  );
  const sd = Math.sqrt((n + m + 1) / (12 * n * m));
  const all = gains.reduce((sum, gain) => sum + gain, 0);
  return {
    auc,
    threshold: Math.max(LEAST_AUC, 0.5 + zLimit * sd),
    pValue: normalTail((auc - 0.5) / sd),
    columns: columns
      .map((column, i) => ({ name: column.name, share: all === 0 ? 0 : (gains[i] ?? 0) / all }))
      .sort((a, b) => b.share - a.share),
    rows: Array.from({ length: m }, (_, i) => i)
      .sort((a, b) => (scores[n + b] ?? 0) - (scores[n + a] ?? 0))
      .slice(0, SHOWN_ROWS),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function shuffledFolds(rows: number): readonly number[] {
  const random = seededRandom(rows);
  return Array.from({ length: rows }, () => Math.floor(random() * FOLDS));
}

/** Each column as bin numbers: 0 for missing, numbers by pooled quantiles, text by its frequent values. */
function toBins(columns: readonly SampledColumn[]): readonly Uint8Array[] {
  return columns.map(({ reference, current }) => {
    const values = [...reference, ...current];
    const numbers = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
    const isText = values.some((value) => typeof value === 'string');
    return Uint8Array.from(
      isText ? textBins(values.map((value) => (value === null ? null : String(value)))) : numberBins(values, numbers),
    );
  });
}

function numberBins(values: readonly (number | string | null)[], numbers: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(numbers).sort();
  const edges = [
    ...new Set(Array.from({ length: BINS - 1 }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / BINS)] ?? 0)),
  ];
  return values.map((value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 0;
    return 1 + edges.filter((edge) => edge <= value).length;
  });
}

function textBins(values: readonly (string | null)[]): readonly number[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).slice(0, BINS - 1);
  const bins = new Map(frequent.map(([value], i) => [value, i + 2]));
  return values.map((value) => (value === null ? 0 : (bins.get(value) ?? 1)));
}

interface Model {
  readonly score: (row: number) => number;
  readonly gains: readonly number[];
}

/**
 * Gradient boosting with the logistic loss. A split takes one bin, or all bins below a bound; each leaf makes a Newton
 * step.
 */
function boost(table: readonly Uint8Array[], isCurrent: readonly boolean[], training: readonly number[]): Model {
  const share = training.filter((i) => isCurrent[i]).length / training.length;
  const base = Math.log(share / (1 - share));
  const leaves = table.map(() => new Float64Array(BINS + 2));
  const margin = new Float64Array(isCurrent.length).fill(base);
  const gains = table.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const best = bestSplit(table, margin, { isCurrent, training });
    if (best === undefined) break;
    gains[best.column] = (gains[best.column] ?? 0) + best.gain;
    const column = table[best.column];
    const leaf = leaves[best.column];
    if (column === undefined || leaf === undefined) break;
    for (let bin = 0; bin < leaf.length; bin++)
      leaf[bin] = (leaf[bin] ?? 0) + (best.isIn(bin) ? best.inside : best.outside);
    for (const i of training) margin[i] = (margin[i] ?? 0) + (best.isIn(column[i] ?? 0) ? best.inside : best.outside);
  }
  return { gains, score: (row) => table.reduce((sum, column, k) => sum + (leaves[k]?.[column[row] ?? 0] ?? 0), base) };
}

interface Split {
  readonly column: number;
  readonly gain: number;
  readonly isIn: (bin: number) => boolean;
  readonly inside: number;
  readonly outside: number;
}

interface Rows {
  readonly isCurrent: readonly boolean[];
  readonly training: readonly number[];
}

function bestSplit(
  table: readonly Uint8Array[],
  margin: Float64Array,
  { isCurrent, training }: Rows,
): Split | undefined {
  const slope = new Float64Array(margin.length);
  const weight = new Float64Array(margin.length);
  for (const i of training) {
    const p = 1 / (1 + Math.exp(-(margin[i] ?? 0)));
    slope[i] = (isCurrent[i] ? 1 : 0) - p;
    weight[i] = p * (1 - p);
  }
  let best: Split | undefined;
  table.forEach((bins, column) => {
    const [g, h] = [new Float64Array(BINS + 2), new Float64Array(BINS + 2)];
    for (const i of training) {
      const bin = bins[i] ?? 0;
      g[bin] = (g[bin] ?? 0) + (slope[i] ?? 0);
      h[bin] = (h[bin] ?? 0) + (weight[i] ?? 0);
    }
    const [allG, allH] = [sumOf(g), sumOf(h)];
    let [belowG, belowH] = [0, 0];
    for (let bin = 0; bin < g.length; bin++) {
      belowG += g[bin] ?? 0;
      belowH += h[bin] ?? 0;
      const options = [
        { inG: belowG, inH: belowH, isIn: (one: number) => one <= bin },
        { inG: g[bin] ?? 0, inH: h[bin] ?? 0, isIn: (one: number) => one === bin },
      ];
      for (const { inG, inH, isIn } of options) {
        const [outG, outH] = [allG - inG, allH - inH];
        const gain = inG ** 2 / (inH + 1) + outG ** 2 / (outH + 1) - allG ** 2 / (allH + 1);
        if (gain > 1e-9 && gain > (best?.gain ?? 0))
          best = {
            column,
            gain,
            isIn,
            inside: (LEARNING_RATE * inG) / (inH + 1),
            outside: (LEARNING_RATE * outG) / (outH + 1),
          };
      }
    }
  });
  return best;
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
