import { describe, expect, it } from 'vitest';
import { calibrationError } from '../../../src/performance/judge/metrics/calibration.js';
import { f1, precision, recall } from '../../../src/performance/judge/metrics/decisions.js';
import { logLoss, mae, mape, pinball, rmse } from '../../../src/performance/judge/metrics/losses.js';
import {
  findMetric,
  isHigherBetter,
  isShare,
  type MetricName,
  measure,
  metricsOf,
  usualMetric,
  worthlessValue,
} from '../../../src/performance/judge/metrics/metrics.js';
import { GRID_ANCHOR } from '../../../src/performance/measure-grid.js';

const of = (...values: readonly number[]): Float64Array => Float64Array.from(values);
const repeat = (values: readonly number[], times: number): Float64Array =>
  Float64Array.from({ length: values.length * times }, (_, i) => values[i % values.length] ?? 0);

describe('what is known of a metric', () => {
  it.each<[MetricName, 'higher' | 'lower', number | undefined, boolean]>([
    ['auc', 'higher', 0.5, true],
    ['accuracy', 'higher', 0, true],
    ['f1', 'higher', 0, true],
    ['precision', 'higher', 0, true],
    ['recall', 'higher', 0, true],
    ['log-loss', 'lower', undefined, false],
    ['brier', 'lower', 1, true],
    ['calibration-error', 'lower', 1, true],
    ['mae', 'lower', undefined, false],
    ['rmse', 'lower', undefined, false],
    ['mape', 'lower', undefined, false],
    ['pinball', 'lower', undefined, false],
  ])('%s: better if %s, worthless at %s', (name, better, worthless, share) => {
    expect([isHigherBetter(name), worthlessValue(name), isShare(name)]).toEqual([
      better === 'higher',
      worthless,
      share,
    ]);
    expect(metricsOf(better === 'higher' || share || name === 'log-loss' ? 'bits' : 'numbers')).toContain(name);
  });

  it('is found by the names in use', () => {
    expect(['Brier', 'calibration error', 'F1', 'auroc', 'ROC AUC', 'M-A-E', ''].map(findMetric)).toEqual([
      'brier',
      'calibration-error',
      'f1',
      'auc',
      'auc',
      'mae',
      undefined,
    ]);
  });

  it('is measured in windows that begin on a Monday', () => {
    expect(new Date(GRID_ANCHOR).toISOString()).toBe('1970-01-05T00:00:00.000Z');
  });

  it('needs two rows, and labels of 0 and 1 where it is about classes', () => {
    expect(measure('mae', of(1, 2), of(1, 3))?.value).toBe(0.5);
    expect(measure('accuracy', of(1), of(1))).toBeUndefined();
    expect(measure('accuracy', of(1, 0.5), of(1, 0))).toBeUndefined();
    expect(measure('mae', of(1, 0.5), of(1, 0.5))?.value).toBe(0);
  });

  it('is one of classes only if all labels are 0 or 1', () => {
    expect(usualMetric(of(1, 1), of(0, 0.5))).toBe('auc');
    expect(usualMetric(of(1, 2), of(0, 0.5))).toBe('mae');
  });
});

describe('decisions at one half', () => {
  // 3 hits, 1 false alarm, 2 misses, 4 rightly not called; 0.5 is called
  const label = of(1, 1, 1, 0, 1, 1, 0, 0, 0, 0);
  const score = of(0.5, 0.9, 1, 0.5, 0.49, 0, 0.1, 0.2, 0.3, 0.4);

  it('are counted', () => {
    expect(measure('accuracy', label, score)?.value).toBe(0.7);
    expect(precision(label, score)?.value).toBe(0.75);
    expect(recall(label, score)?.value).toBe(0.6);
    expect(f1(label, score)?.value).toBeCloseTo(6 / 9, 12);
  });

  it('have an error that follows from the rows concerned', () => {
    // F1 = 2s/(1 + s) with s = 3 of 6
    const share = 0.5;
    const ofShare = (recall(of(1, 1, 1, 1, 1, 1), of(1, 1, 1, 0, 0, 0))?.standardError ?? 0) * 2;
    expect(f1(label, score)?.standardError).toBeCloseTo(ofShare / (1 + share) ** 2, 12);
    expect(f1(label, score)?.lower).toBeGreaterThanOrEqual(0);
    expect(f1(label, score)?.upper).toBeLessThanOrEqual(1);
  });

  it('are undefined without such rows', () => {
    expect(precision(of(1, 0), of(0, 0))).toBeUndefined();
    expect(precision(of(0, 0), of(0, 1))?.value).toBe(0);
    expect(precision(of(1, 1), of(1, 1))?.value).toBe(1);
    expect(precision(of(1, 0), of(1, 1))?.value).toBe(0.5);
    expect(recall(of(0, 0), of(0, 1))).toBeUndefined();
    expect(recall(of(1, 0), of(0, 1))?.value).toBe(0);
    expect(f1(of(0, 0), of(0, 0))).toBeUndefined();
    expect(f1(of(1, 0), of(0, 0))?.value).toBe(0);
    expect(f1(of(0, 0), of(1, 0))?.value).toBe(0);
  });
});

describe('losses', () => {
  it('of certain and wrong predictions stay finite', () => {
    expect(logLoss(of(1, 1), of(0, 0)).value).toBeCloseTo(-Math.log(1e-15), 6);
    expect(logLoss(of(0, 0), of(1, 1)).value).toBeCloseTo(-Math.log(1e-15), 0);
    expect(logLoss(of(1, 0), of(1, 0)).value).toBeCloseTo(0, 12);
  });

  it('are never below 0, and have no upper bound', () => {
    const far = mae(of(0, 0, 0, 90), of(0, 0, 0, 0));
    expect([far.value, far.lower]).toEqual([22.5, 0]);
    expect(far.upper).toBeGreaterThan(60);
    expect(rmse(of(0, 0, 0, 90), of(0, 0, 0, 0)).upper).toBeGreaterThan(60);
  });

  it('have the standard error of their mean; a root has half of it, divided by its value', () => {
    // squares 1, 9: mean 5, variance 32
    expect(rmse(of(1, 3), of(0, 0)).standardError).toBeCloseTo(Math.sqrt(32 / 2) / (2 * Math.sqrt(5)), 12);
    expect(rmse(of(1, 3), of(1, 3))).toMatchObject({ value: 0, standardError: 0 });
  });

  it('relative to the label leave out rows whose label is 0', () => {
    expect(mape(of(0, 0), of(1, 2))).toBeUndefined();
    expect(mape(of(0, -2, 4), of(1, -1, 5))?.value).toBeCloseTo((0.5 + 0.25) / 2, 12);
  });

  it('of a quantile weigh both sides by it', () => {
    expect(pinball(of(3, 0), of(1, 2), 0.9).value).toBeCloseTo((1.8 + 0.2) / 2, 12);
    expect(pinball(of(1, 0), of(0, 2)).value).toBeCloseTo((0.5 + 1) / 2, 12);
  });
});

describe('calibration error', () => {
  it('needs ten rows for each of ten bins', () => {
    expect(calibrationError(repeat([1], 99), repeat([0.5], 99))).toBeUndefined();
    expect(calibrationError(repeat([1], 100), repeat([0.5], 100))?.value).toBeCloseTo(0.5, 12);
  });

  it('is the mean distance of bins of equal numbers of rows, whatever their order', () => {
    // certain scores have no noise: the lower half is right, of the upper half one row in five is not
    const label = repeat([0, 1, 0, 1, 0, 1, 0, 1, 0, 0], 100);
    const score = repeat([0, 1], 500);
    expect(calibrationError(label, score)?.value).toBeCloseTo(0.1, 12);
    expect(calibrationError(label.toReversed(), score.toReversed())?.value).toBeCloseTo(0.1, 12);
  });

  it('subtracts what noise adds to a small distance only', () => {
    // all scores 0.2, bins of 100 rows: noise 0.04 a bin, folded mean 0.0319
    const noise = Math.sqrt(0.2 * 0.8) / 10;
    const rate = (positives: number): Float64Array =>
      Float64Array.from({ length: 1000 }, (_, i) => (i % 100 < positives ? 1 : 0));
    const at = (positives: number): number => calibrationError(rate(positives), repeat([0.2], 1000))?.value ?? -1;
    expect(at(20)).toBe(0);
    expect(at(26)).toBeCloseTo(0.06 - Math.sqrt(2 / Math.PI) * noise, 10);
    expect(at(29)).toBeCloseTo(0.09, 10);
    expect(at(11)).toBeCloseTo(0.09, 10);
    expect(calibrationError(rate(26), repeat([0.2], 1000))?.standardError).toBeCloseTo(noise / Math.sqrt(10), 10);
  });
});
