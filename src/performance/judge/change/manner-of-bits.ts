import type { MannerRows, Moving } from './labelled-rows.js';

/** Rows of one time slice with similar predictions. */
interface Cell {
  /** Mean log-odds of the predictions. */
  readonly score: number;
  /** Mean time. */
  readonly time: number;
  readonly count: number;
  readonly positives: number;
}

const SLICES = 40;
/** Ranks at which predictions are cut: narrow at both ends, where a mixture and a moving curve differ most. */
const TAIL = [0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12];
const MIDDLE = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const CUTS = [...TAIL, ...MIDDLE, ...TAIL.map((share) => 1 - share).reverse()];
const BINS = CUTS.length + 1;
/** Larger log-odds count as this value. */
const MOST_SCORE = 6;
/**
 * Where the change may begin and end, relative to where the errors place it and in units of its length. It may continue
 * beyond the rows.
 */
const STARTS = [-0.2, -0.1, 0];
const ENDS = [-0.1, 0, 0.1, 0.3, 0.6, 1.2];

/**
 * Log odds of two explanations of the labels: a mixture of an old and a new calibration curve, against one curve whose
 * log-odds move in a straight line. Positive: the change is gradual. Each likelihood is averaged over where the change
 * may begin and end.
 */
export function calibrationManner(rows: MannerRows, { start, end }: Moving): number {
  const scores = scoresOf(rows.prediction);
  const edges = binEdges(scores);
  const length = end - start;
  const spans = STARTS.flatMap((early) =>
    ENDS.map((late) => ({ start: start + early * length, end: end + late * length })),
  );
  const from = Math.min(...spans.map((one) => one.start));
  const to = Math.min((rows.time.at(-1) ?? end) + 1, end + length);
  const cells = [
    ...cellsOf(rows, scores, { edges, from: Number.NEGATIVE_INFINITY, to: from, slices: 1 }),
    ...cellsOf(rows, scores, { edges, from, to, slices: SLICES }),
  ];
  const evidence = (isMixture: boolean): number =>
    logMeanExp(spans.map((span) => greatestLikelihood(cells, { ...span, isMixture })));
  return evidence(true) - evidence(false);
}

function logMeanExp(values: readonly number[]): number {
  const greatest = Math.max(...values);
  return greatest + Math.log(values.reduce((sum, one) => sum + Math.exp(one - greatest), 0) / values.length);
}

/** Log-odds of probabilities. Other scores are standardised. */
function scoresOf(prediction: Float64Array): Float64Array {
  if (prediction.every((p) => p >= 0 && p <= 1))
    return prediction.map((p) => Math.max(-MOST_SCORE, Math.min(MOST_SCORE, Math.log(p / (1 - p)))));
  const mean = prediction.reduce((sum, p) => sum + p, 0) / prediction.length;
  const variance = prediction.reduce((sum, p) => sum + (p - mean) ** 2, 0) / prediction.length;
  const sd = variance === 0 ? 1 : Math.sqrt(variance);
  return prediction.map((p) => (p - mean) / sd);
}

function binEdges(scores: Float64Array): readonly number[] {
  const sorted = scores.toSorted();
  return CUTS.map((share) => sorted[Math.floor(share * sorted.length)] ?? 0);
}

interface Grid {
  readonly edges: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly slices: number;
}

function cellsOf(
  { time, label }: MannerRows,
  scores: Float64Array,
  { edges, from, to, slices }: Grid,
): readonly Cell[] {
  const sums = new Map<number, { score: number; time: number; count: number; positives: number }>();
  for (let i = 0; i < time.length; i++) {
    const [at, score] = [time[i] ?? 0, scores[i] ?? 0];
    if (at < from || at >= to) continue;
    const slice = slices === 1 ? 0 : Math.floor(((at - from) / (to - from)) * slices);
    const key = slice * BINS + edges.filter((edge) => score >= edge).length;
    const cell = sums.get(key) ?? { score: 0, time: 0, count: 0, positives: 0 };
    sums.set(key, {
      score: cell.score + score,
      time: cell.time + at,
      count: cell.count + 1,
      positives: cell.positives + (label[i] ?? 0),
    });
  }
  return [...sums.values()].map((one) => ({ ...one, score: one.score / one.count, time: one.time / one.count }));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * The path of the calibration curve from sigmoid(a + b·score) to sigmoid(c + d·score), with all four coefficients free.
 */
interface Path {
  readonly start: number;
  readonly end: number;
  readonly isMixture: boolean;
}

type Coefficients = readonly number[];

/** Start of the search: a calibrated model that becomes a worse one. */
const FIRST: Coefficients = [0, 1, 0, 0.3];
const MOST_COEFFICIENT = 8;
const ROUNDS = 25;
/** Keeps the equations solvable if the labels do not determine a coefficient. */
const RIDGE = 1e-3;

const bounded = (x: number): number => Math.max(-MOST_COEFFICIENT, Math.min(MOST_COEFFICIENT, x));

/** The greatest likelihood over the four coefficients, by Fisher scoring with step halving. */
function greatestLikelihood(cells: readonly Cell[], path: Path): number {
  let coefficients = FIRST;
  let best = evaluate(cells, coefficients, path);
  for (let round = 0; round < ROUNDS; round++) {
    const step = solve(best.information, best.gradient);
    const next = [1, 0.5, 0.25, 0.125, 0.0625]
      .map((share) => coefficients.map((one, i) => bounded(one + share * (step[i] ?? 0))))
      .map((tried) => ({ tried, found: evaluate(cells, tried, path) }))
      .find(({ found }) => found.likelihood > best.likelihood);
    if (next === undefined) break;
    const gain = next.found.likelihood - best.likelihood;
    [coefficients, best] = [next.tried, next.found];
    if (gain < 1e-4) break;
  }
  return best.likelihood;
}

interface Evaluated {
  readonly likelihood: number;
  readonly gradient: readonly number[];
  readonly information: readonly (readonly number[])[];
}

function evaluate(cells: readonly Cell[], coefficients: Coefficients, path: Path): Evaluated {
  let likelihood = 0;
  const gradient = [0, 0, 0, 0];
  const information = gradient.map(() => [0, 0, 0, 0]);
  for (const cell of cells) {
    const { chance, slopes } = chanceOf(cell, coefficients, path);
    const p = Math.max(1e-9, Math.min(1 - 1e-9, chance));
    likelihood += cell.positives * Math.log(p) + (cell.count - cell.positives) * Math.log(1 - p);
    const variance = p * (1 - p);
    const residual = (cell.positives - cell.count * p) / variance;
    slopes.forEach((slope, i) => {
      gradient[i] = (gradient[i] ?? 0) + residual * slope;
      const row = information[i] ?? [];
      slopes.forEach((other, j) => {
        row[j] = (row[j] ?? 0) + (cell.count * slope * other) / variance;
      });
    });
  }
  return { likelihood, gradient, information };
}

/** Probability of a positive in a cell, and its derivative by each coefficient. */
function chanceOf({ score, time }: Cell, [a = 0, b = 0, c = 0, d = 0]: Coefficients, { start, end, isMixture }: Path) {
  const share = Math.max(0, Math.min(1, (time - start) / (end - start)));
  const [old, recent] = [a + b * score, c + d * score];
  if (!isMixture) {
    const chance = sigmoid((1 - share) * old + share * recent);
    const weight = chance * (1 - chance);
    return { chance, slopes: slopesOf((1 - share) * weight, share * weight, score) };
  }
  const [before, after] = [sigmoid(old), sigmoid(recent)];
  const chance = (1 - share) * before + share * after;
  return { chance, slopes: slopesOf((1 - share) * before * (1 - before), share * after * (1 - after), score) };
}

const slopesOf = (old: number, recent: number, score: number): readonly number[] => [
  old,
  old * score,
  recent,
  recent * score,
];

/** Solves a symmetric system by Gaussian elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, i) => [...row.map((x, j) => (i === j ? x + RIDGE : x)), right[i] ?? 0]);
  const size = rows.length;
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 0; i < size; i++) {
    const pivot = rows.reduce((best, _, r) => (r > i && Math.abs(at(r, i)) > Math.abs(at(best, i)) ? r : best), i);
    [rows[i], rows[pivot]] = [rows[pivot] ?? [], rows[i] ?? []];
    for (let r = i + 1; r < size; r++) {
      const factor = at(r, i) / at(i, i);
      rows[r] = (rows[r] ?? []).map((x, j) => x - factor * at(i, j));
    }
  }
  const found = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    const known = found.reduce((sum, x, j) => (j > i ? sum + at(i, j) * x : sum), 0);
    found[i] = (at(i, size) - known) / at(i, i);
  }
  return found;
}
