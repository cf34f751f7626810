import { describe, expect, it } from 'vitest';
import { estimatePerformance } from '../../../src/performance/judge/unlabelled/estimate-performance.js';
import { comparePredictions } from '../../../src/performance/judge/unlabelled/prediction-drift.js';

const of = (...values: readonly number[]): Float64Array => Float64Array.from(values);
const repeat = (values: readonly number[], times: number): Float64Array =>
  Float64Array.from({ length: values.length * times }, (_, i) => values[i % values.length] ?? 0);

describe('a metric estimated without labels', () => {
  const current = of(0.9, 0.2);

  it.each([
    ['accuracy', (0.9 + 0.8) / 2],
    ['brier', (0.9 * 0.01 + 0.1 * 0.81 + 0.2 * 0.64 + 0.8 * 0.04) / 2],
    ['log-loss', -(0.9 * Math.log(0.9) + 0.1 * Math.log(0.1) + 0.2 * Math.log(0.2) + 0.8 * Math.log(0.8)) / 2],
    ['auc', (0.9 * 0.8 + (0.9 * 0.1 + 0.2 * 0.8) / 2) / (1.1 * 0.9)],
  ] as const)('%s: its expectation over the probabilities', (metric, expected) => {
    expect(estimatePerformance(metric, undefined, current)).toBeCloseTo(expected, 12);
  });

  it('calls a row positive from one half on', () => {
    expect(estimatePerformance('accuracy', undefined, of(0.5, 0.5))).toBe(0.5);
    expect(estimatePerformance('accuracy', gateOf([0.5, 0.1], [1, 0]), of(0.5, 0.5))).toBe(1);
  });

  it('counts pairs of equal scores as half', () => {
    expect(estimatePerformance('auc', undefined, of(0.5, 0.5, 0.5))).toBeCloseTo(0.5, 12);
    expect(estimatePerformance('auc', undefined, of(1, 0, 1, 0))).toBe(1);
  });

  it('is an AUC over all pairs of rows, whatever their order', () => {
    const scores = [0.3, 0.9, 0.1, 0.6, 0.3, 0.8, 0.6, 0.2, 0.7, 0.05, 0.6];
    let [above, pairs] = [0, 0];
    for (const positive of scores)
      for (const negative of scores) {
        const chance = positive * (1 - negative);
        pairs += chance;
        above += chance * (positive > negative ? 1 : positive === negative ? 0.5 : 0);
      }
    expect(estimatePerformance('auc', undefined, of(...scores))).toBeCloseTo(above / pairs, 12);
  });

  it('has no AUC without both outcomes', () => {
    expect(estimatePerformance('auc', undefined, of(1, 1))).toBeUndefined();
    expect(estimatePerformance('auc', undefined, of(0, 0))).toBeUndefined();
  });

  it('keeps the log loss finite', () => {
    expect(estimatePerformance('log-loss', undefined, of(0, 1))).toBeCloseTo(0, 12);
    expect(estimatePerformance('log-loss', gateOf([0, 1], [1, 0]), of(0, 1))).toBeCloseTo(-Math.log(1e-15) / 2, 1);
  });

  /** A gate of at least two hundred rows, with these scores and labels in turn. */
  const gateOf = (scores: readonly number[], labels: readonly number[]) => {
    const rows = scores.length * Math.ceil(200 / scores.length);
    return { prediction: repeat(scores, rows / scores.length), label: repeat(labels, rows / labels.length) };
  };

  it('reads scores as the rates that the gate saw', () => {
    // score 1: three of four positive; score 2: all
    const gate = gateOf([1, 1, 1, 1, 2, 2, 2, 2], [1, 1, 1, 0, 1, 1, 1, 1]);
    expect(estimatePerformance('accuracy', gate, of(1, 2))).toBeCloseTo((0.75 + 1) / 2, 12);
    // a score between two of the gate's counts as the next larger one, one above all as the largest
    expect(estimatePerformance('accuracy', gate, of(1.5, 9))).toBe(1);
    expect(estimatePerformance('accuracy', gateOf([2, 1], [1, 0]), of(0.9, 0.9))).toBe(0);
  });

  it('joins neighbouring scores whose rates fall', () => {
    // rates 0, 1, 0.5, 1: those of 0.2 and 0.3 become 0.75
    const gate = gateOf([0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.4], [0, 1, 1, 1, 0, 1, 1, 1]);
    const brier = (score: number): number | undefined => estimatePerformance('brier', gate, of(score, score));
    const expected = (p: number, score: number): number => p * (1 - score) ** 2 + (1 - p) * score ** 2;
    for (const [score, rate] of [
      [0.1, 0],
      [0.2, 0.75],
      [0.3, 0.75],
      [0.4, 1],
    ] as const)
      expect(brier(score)).toBeCloseTo(expected(rate, score), 12);
  });

  it('reads rows of one score together, whichever outcome comes first', () => {
    expect(estimatePerformance('accuracy', gateOf([1], [0, 1, 1, 1]), of(1, 1))).toBeCloseTo(0.75, 12);
  });

  it('joins as many scores as it takes until no rate falls', () => {
    const positiveOfTen = [1, 5, 6, 7, 0, 9];
    const gate = gateOf(
      positiveOfTen.flatMap((_, i) => Array<number>(10).fill(i + 1)),
      positiveOfTen.flatMap((count) => [...Array<number>(count).fill(1), ...Array<number>(10 - count).fill(0)]),
    );
    // a row is called positive, so the accuracy is the rate; the score without positives joins the three before it
    const rates = positiveOfTen.map((_, i) => estimatePerformance('accuracy', gate, of(i + 1, i + 1)));
    for (const [i, rate] of [0.1, 0.45, 0.45, 0.45, 0.45, 0.9].entries()) expect(rates[i]).toBeCloseTo(rate, 12);
  });

  it('is absent where it cannot be', () => {
    expect(estimatePerformance('f1', undefined, current)).toBeUndefined();
    expect(estimatePerformance('mae', undefined, current)).toBeUndefined();
    expect(estimatePerformance('auc', undefined, of(0.9))).toBeUndefined();
    expect(estimatePerformance('accuracy', undefined, of(0.9, 1.1))).toBeUndefined();
    expect(estimatePerformance('accuracy', undefined, of(-0.1, 0.5))).toBeUndefined();
    expect(estimatePerformance('accuracy', undefined, of(0, 1))).toBe(1);
    const gate = (rows: number, label: number) => ({
      prediction: Float64Array.from({ length: rows }, (_, i) => i % 2),
      label: Float64Array.from({ length: rows }, (_, i) => (i === 1 ? label : i % 2)),
    });
    expect(estimatePerformance('accuracy', gate(99, 1), of(0, 1))).toBeUndefined();
    expect(estimatePerformance('accuracy', gate(100, 1), of(0, 1))).toBe(1);
    expect(estimatePerformance('accuracy', gate(100, 2), of(0, 1))).toBeUndefined();
  });
});

describe('drift of predictions', () => {
  const ramp = (count: number, from = 0): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => from + (i + 0.5) / count);

  it('is the greatest distance between both distributions', () => {
    const whole = (from: number): Float64Array => Float64Array.from({ length: 1000 }, (_, i) => from + i);
    expect(comparePredictions(whole(0), whole(300)).score).toBeCloseTo(0.3, 10);
    expect(comparePredictions(whole(300), whole(0)).score).toBeCloseTo(0.3, 10);
    expect(comparePredictions(ramp(60), ramp(60, 5)).score).toBe(1);
    expect(comparePredictions(repeat([0, 1], 50), repeat([0, 1], 30)).score).toBe(0);
    expect(comparePredictions(repeat([1, 0, 0, 0], 50), repeat([1, 0], 50)).score).toBe(0.25);
  });

  it.each([
    ['just below 0.1 of many rows', 100_000, 0.0999, 'stable'],
    ['more', 100_000, 0.1001, 'drift'],
    ['as much as sampling of few rows allows', 200, 0.185, 'stable'],
    ['more than it', 200, 0.2, 'drift'],
  ])('%s', (_, rows, shift, verdict) => {
    const found = comparePredictions(ramp(rows), ramp(rows, shift));
    expect(found.verdict).toBe(verdict);
    expect(found.limit).toBeCloseTo(Math.max(0.1, 1.949 * Math.sqrt(2 / rows)), 12);
  });

  it('may have another smallest distance', () => {
    expect(comparePredictions(ramp(100_000), ramp(100_000, 0.06), 0.05).verdict).toBe('drift');
    const [all, some] = [repeat([0, 0, 0, 0], 100), repeat([0, 0, 0, 1], 100)];
    expect(comparePredictions(all, some, 0.25)).toEqual({ verdict: 'stable', score: 0.25, limit: 0.25 });
  });

  it('needs fifty rows on each side', () => {
    expect(comparePredictions(ramp(49), ramp(50))).toEqual({ verdict: 'undecided' });
    expect(comparePredictions(ramp(50), ramp(49))).toEqual({ verdict: 'undecided' });
    expect(comparePredictions(ramp(50), ramp(50)).verdict).toBe('stable');
  });
});
