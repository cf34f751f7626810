import { describe, expect, it } from 'vitest';
import {
  findMetric,
  isHigherBetter,
  type MetricName,
  measure,
  metricsOf,
  usualMetric,
} from '../../../src/performance/judge/metrics/metrics.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

const of = (...values: readonly number[]) => Float64Array.from(values);

describe('values by hand', () => {
  const [label, score] = [of(1, 0, 1, 0, 1, 0), of(0.9, 0.2, 0.4, 0.4, 0.8, 0.7)];
  it.each([
    ['auc', 7.5 / 9],
    ['accuracy', 4 / 6],
    ['precision', 2 / 3],
    ['recall', 2 / 3],
    ['f1', 2 / 3],
    ['brier', (0.01 + 0.04 + 0.36 + 0.16 + 0.04 + 0.49) / 6],
    ['log-loss', -(Math.log(0.9 * 0.8 * 0.4 * 0.6) + Math.log(0.8 * 0.3)) / 6],
  ] as const)('%s', (name, value) => {
    expect(measure(name, label, score)?.value).toBeCloseTo(value, 12);
  });

  it.each([
    ['mae', 1.5],
    ['rmse', Math.sqrt(3)],
    ['mape', (1 + 0.5 + 0.75) / 3],
    ['pinball', 0.75],
  ] as const)('%s', (name, value) => {
    expect(measure(name, of(1, 2, 4, 0), of(0, 3, 7, 1))?.value).toBeCloseTo(value, 12);
  });

  it('are undefined where the rows do not allow the metric', () => {
    expect(measure('auc', of(1, 1, 1), of(0.1, 0.2, 0.3))).toBeUndefined();
    expect(measure('auc', of(1, 2, 3), of(0.1, 0.2, 0.3))).toBeUndefined();
    expect(measure('precision', of(1, 0, 1), of(0, 0, 0))).toBeUndefined();
    expect(measure('mae', of(1), of(1))).toBeUndefined();
  });

  it('are found by the names in use', () => {
    expect(['AUC', 'roc_auc', 'log_loss', 'logloss', 'ECE', 'rmse', 'gini'].map(findMetric)).toEqual([
      'auc',
      'auc',
      'log-loss',
      'log-loss',
      'calibration-error',
      'rmse',
      undefined,
    ]);
  });

  it('have a direction that is better', () => {
    expect((['auc', 'f1', 'log-loss', 'rmse'] as const).map(isHigherBetter)).toEqual([true, true, false, false]);
  });
});

describe('95 % intervals hold the truth about as often as they say', () => {
  /** Scores uniform, labels drawn by them: calibrated, AUC 5/6, accuracy 3/4, log loss 1/2, Brier 1/6. */
  const scored = (seed: number, rows: number) => {
    const uniform = seededRandom(seed);
    const score = Float64Array.from({ length: rows }, uniform);
    return { score, label: score.map((p) => (uniform() < p ? 1 : 0)) };
  };
  const coverage = (name: MetricName, truth: number, draw: (seed: number) => readonly [Float64Array, Float64Array]) =>
    Array.from({ length: 300 }, (_, seed) => measure(name, ...draw(seed + 1))).filter(
      (one) => one !== undefined && one.lower <= truth && one.upper >= truth,
    ).length / 300;

  it.each([
    ['auc', 5 / 6],
    ['accuracy', 3 / 4],
    ['precision', 3 / 4],
    ['recall', 3 / 4],
    ['f1', 3 / 4],
    ['log-loss', 1 / 2],
    ['brier', 1 / 6],
    ['calibration-error', 0],
  ] as const)('%s', (name, truth) => {
    const held = coverage(name, truth, (seed) => {
      const { label, score } = scored(seed, 400);
      return [label, score];
    });
    expect(held).toBeGreaterThanOrEqual(0.91);
  });

  it.each([
    ['mae', Math.sqrt(2 / Math.PI)],
    ['rmse', 1],
    ['pinball', Math.sqrt(2 / Math.PI) / 2],
  ] as const)('%s', (name, truth) => {
    const held = coverage(name, truth, (seed) => {
      const normal = seededNormal(seed);
      const label = Float64Array.from({ length: 400 }, normal);
      return [label, label.map(() => 0)];
    });
    expect(held).toBeGreaterThanOrEqual(0.91);
  });

  it('contain the calibration error of a badly calibrated model', () => {
    const { label, score } = scored(1, 20_000);
    const bold = score.map((p) => (p + (p >= 0.5 ? 1 : 0)) / 2);
    expect(measure('calibration-error', label, bold)?.value).toBeCloseTo(0.125, 1);
  });
});

it('chooses a metric of probabilities or of numbers if none is named', () => {
  expect(metricsOf('numbers')).toEqual(['mae', 'rmse', 'mape', 'pinball']);
  expect(metricsOf('bits')).toContain('calibration-error');
  expect(usualMetric(of(0, 1), of(0.2, 0.7))).toBe('auc');
  expect(usualMetric(of(0, 1), of(0, 1))).toBe('accuracy');
  expect(usualMetric(of(0, 1.5), of(0, 1))).toBe('mae');
});
