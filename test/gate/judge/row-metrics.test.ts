import { describe, expect, it } from 'vitest';
import { lowerGain, pairedDifference } from '../../../src/gate/judge/paired.js';
import { normalQuantile } from '../../../src/statistics/normal.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const variance = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + (one - mean(values)) ** 2, 0) / (values.length - 1);

/** True and false positives and negatives at one half, the half itself positive. */
function counts(label: readonly number[], prediction: readonly number[]) {
  const of = (is: number, said: boolean) =>
    label.filter((y, i) => y === is && (prediction[i] ?? 0) >= 0.5 === said).length;
  return { tp: of(1, true), fp: of(0, true), fn: of(1, false), tn: of(0, false) };
}

type Metric = (label: readonly number[], prediction: readonly number[]) => number;
const each =
  (of: (y: number, p: number) => number): Metric =>
  (label, prediction) =>
    mean(label.map((y, i) => of(y, prediction[i] ?? 0)));

const CLASSIFIERS: Readonly<Record<string, Metric>> = {
  brier: each((y, p) => (y - p) ** 2),
  log_loss: each((y, p) => (y === 1 ? -Math.log(p) : -Math.log(1 - p))),
  accuracy: (label, prediction) => {
    const { tp, tn } = counts(label, prediction);
    return (tp + tn) / label.length;
  },
  precision: (label, prediction) => {
    const { tp, fp } = counts(label, prediction);
    return tp / (tp + fp);
  },
  recall: (label, prediction) => {
    const { tp, fn } = counts(label, prediction);
    return tp / (tp + fn);
  },
  f1: (label, prediction) => {
    const { tp, fp, fn } = counts(label, prediction);
    return (2 * tp) / (2 * tp + fp + fn);
  },
  balanced_accuracy: (label, prediction) => {
    const { tp, fp, fn, tn } = counts(label, prediction);
    return (tp / (tp + fn) + tn / (tn + fp)) / 2;
  },
  mcc: (label, prediction) => {
    const { tp, fp, fn, tn } = counts(label, prediction);
    return (tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
  },
  average_precision: (label, prediction) => {
    const ranked = label.map((y, i) => ({ y, p: prediction[i] ?? 0 })).sort((a, b) => b.p - a.p);
    const found = ranked.flatMap(({ y }, i) => (y === 1 ? [i + 1] : []));
    return mean(found.map((rank, i) => (i + 1) / rank));
  },
};

const REGRESSIONS: Readonly<Record<string, Metric>> = {
  mse: each((y, p) => (y - p) ** 2),
  mae: each((y, p) => Math.abs(y - p)),
  mape: each((y, p) => Math.abs(y - p) / Math.abs(y)),
  rmse: (label, prediction) => Math.sqrt(mean(label.map((y, i) => (y - (prediction[i] ?? 0)) ** 2))),
  r2: (label, prediction) => {
    const residual = label.reduce((sum, y, i) => sum + (y - (prediction[i] ?? 0)) ** 2, 0);
    return 1 - residual / label.reduce((sum, y) => sum + (y - mean(label)) ** 2, 0);
  },
};

/** No prediction comes twice, so that no order of ties matters; some are exactly one half. */
function classified(rows: number, seed: number) {
  const [random, normal] = [seededRandom(seed), seededNormal(seed + 1)];
  const label = Array.from({ length: rows }, () => (random() < 0.4 ? 1 : 0));
  const predict = (noise: number) =>
    label.map((y, i) => (i === 3 ? 0.5 : 1 / (1 + Math.exp(-(2 * y - 1 + noise * normal())))));
  return { label, candidate: predict(0.8), champion: predict(1.6) };
}
function regressed(rows: number, seed: number) {
  const normal = seededNormal(seed);
  const label = Array.from({ length: rows }, () => 5 + 2 * normal());
  const predict = (noise: number) => label.map((y) => y + noise * normal());
  return { label, candidate: predict(0.5), champion: predict(0.8) };
}

describe.each([
  ['classifier', CLASSIFIERS, classified(60, 11)],
  ['regression', REGRESSIONS, regressed(60, 12)],
] as const)('metrics of a %s', (_, metrics, pairs) => {
  it.each(Object.keys(metrics))('%s is the metric by its definition, of both models', (name) => {
    const metric = metrics[name] as Metric;
    const found = pairedDifference(name, pairs);
    const [candidate, champion] = [metric(pairs.label, pairs.candidate), metric(pairs.label, pairs.champion)];
    expect(found?.candidate).toBeCloseTo(candidate, 10);
    expect(found?.difference).toBeCloseTo(candidate - champion, 10);
    expect(found?.rows).toBe(60);
  });

  // One of sums, one of ranks and one mean: all that is resampled goes the same way.
  it.each(['f1', 'average_precision', 'brier', 'rmse', 'mae'].filter((name) => name in metrics))(
    '%s has the standard error that leaving out each row gives',
    (name) => {
      const metric = metrics[name] as Metric;
      const large = metrics === CLASSIFIERS ? classified(200, 13) : regressed(200, 14);
      const without = large.label.map((_row, i) => {
        const pick = (values: readonly number[]) => values.filter((_value, k) => k !== i);
        return metric(pick(large.label), pick(large.candidate)) - metric(pick(large.label), pick(large.champion));
      });
      const jackknife = Math.sqrt(((without.length - 1) ** 2 / without.length) * variance(without));
      const found = pairedDifference(name, large)?.standardError ?? 0;
      expect(found / jackknife).toBeGreaterThan(0.85);
      expect(found / jackknife).toBeLessThan(1.15);
    },
  );
});

it('counts a prediction of one half as positive, and a metric without rows as 0', () => {
  const of = (metric: string, label: readonly number[], candidate: readonly number[]) =>
    pairedDifference(metric, { label, candidate, champion: candidate })?.candidate;
  expect(of('accuracy', [1, 0], [0.5, 0.5])).toBe(0.5);
  expect(of('recall', [1, 1, 0], [0.5, 0.49, 0])).toBe(0.5);
  for (const metric of ['precision', 'f1', 'mcc', 'average_precision'])
    expect(of(metric, [0, 0, 0], [0, 0, 0])).toBe(0);
});

it('keeps log loss finite for a prediction that was surely wrong', () => {
  const found = pairedDifference('logloss', { label: [1, 0], candidate: [0, 1], champion: [1, 0] });
  expect(found?.candidate).toBeGreaterThan(34);
  expect(found?.candidate).toBeLessThan(35);
  expect(found?.difference).toBeGreaterThan(34);
});

it('accepts the usual names of the same metric', () => {
  const pairs = classified(30, 5);
  for (const [names, one] of [
    [['auc', 'roc_auc', 'AUROC', 'rocauc'], 'auc'],
    [['log_loss', 'logloss', 'LogLoss'], 'logloss'],
    [['average_precision', 'pr_auc', 'PRAUC'], 'average_precision'],
  ] as const)
    for (const name of names) expect(pairedDifference(name, pairs)).toEqual(pairedDifference(one, pairs));
  for (const name of ['auc_x', 'my_auc', 'pr_aucs', 'x']) expect(pairedDifference(name, pairs)).toBeUndefined();
});

it('needs two rows, for AUC two of each label', () => {
  expect(pairedDifference('brier', { label: [1], candidate: [0.5], champion: [0.4] })).toBeUndefined();
  expect(pairedDifference('brier', { label: [1, 0], candidate: [0.5, 0.5], champion: [0.4, 0.5] })).toBeDefined();
  const auc = (label: readonly number[]) =>
    pairedDifference('auc', { label, candidate: label, champion: label.map((y) => 1 - y) });
  expect(auc([1, 1, 0, 0])).toMatchObject({ candidate: 1, difference: 1, rows: 4 });
  expect(auc([1, 0, 0])).toBeUndefined();
  expect(auc([1, 1, 0])).toBeUndefined();
});

it('gives the standard error of an AUC that DeLong gives, also for ties', () => {
  const label = [1, 1, 1, 0, 0, 0, 0];
  const candidate = [0.9, 0.6, 0.4, 0.6, 0.3, 0.2, 0.1];
  const champion = [0.8, 0.3, 0.5, 0.5, 0.4, 0.6, 0.2];
  const wins = (scores: readonly number[], i: number, k: number): number => {
    const [a, b] = [scores[i] ?? 0, scores[k] ?? 0];
    return a > b ? 1 : a === b ? 0.5 : 0;
  };
  const [positive, negative] = [
    [0, 1, 2],
    [3, 4, 5, 6],
  ];
  const shares = (scores: readonly number[]) => ({
    above: positive?.map((i) => mean((negative ?? []).map((k) => wins(scores, i, k)))) ?? [],
    below: negative?.map((k) => mean((positive ?? []).map((i) => wins(scores, i, k)))) ?? [],
  });
  const [a, b] = [shares(candidate), shares(champion)];
  const spread = (one: readonly number[], other: readonly number[]) =>
    variance(one.map((value, i) => value - (other[i] ?? 0)));
  const found = pairedDifference('auc', { label, candidate, champion });
  expect(found?.standardError).toBeCloseTo(Math.sqrt(spread(a.above, b.above) / 3 + spread(a.below, b.below) / 4), 10);
  expect(found?.difference).toBeCloseTo(mean(a.above) - mean(b.above), 10);
});

describe('the bootstrap', () => {
  const pairs = regressed(50, 3);

  it('draws a thousand resamples, and returns the sorted differences with their spread', () => {
    const { resampled, standardError } = pairedDifference('rmse', pairs) ?? {};
    const drawn = [...(resampled ?? [])];
    expect(drawn).toHaveLength(1000);
    expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
    expect(standardError).toBeCloseTo(Math.sqrt(variance(drawn)), 12);
    expect(new Set(drawn).size).toBeGreaterThan(900);
  });

  it('draws fewer resamples for many rows', () => {
    expect(pairedDifference('rmse', regressed(60_000, 4))?.resampled).toHaveLength(500);
  });

  it('gives the same result for the same rows', () => {
    expect(pairedDifference('f1', classified(40, 6))).toEqual(pairedDifference('f1', classified(40, 6)));
  });

  it('leaves out resamples without a value', () => {
    const { resampled } = pairedDifference('r2', { label: [0, 1], candidate: [0.1, 0.8], champion: [0.3, 0.6] }) ?? {};
    expect(resampled?.length).toBeGreaterThan(400);
    expect(resampled?.length).toBeLessThan(600);
    expect([...(resampled ?? [])].every(Number.isFinite)).toBe(true);
  });

  it('gives no difference if one of the models has no value', () => {
    const label = [1, 2, 3];
    expect(pairedDifference('rmse', { label, candidate: label, champion: [1, 2, Number.NaN] })).toBeUndefined();
    expect(pairedDifference('rmse', { label, candidate: [1, 2, Number.NaN], champion: label })).toBeUndefined();
    expect(pairedDifference('r2', { label: [2, 2, 2], candidate: label, champion: label })).toBeUndefined();
  });
});

describe('the gain that is surely reached', () => {
  const found = { difference: 0.1, standardError: 0.02, rows: 9, candidate: 1 };

  it('lies a quantile of standard errors below the gain, in the direction that is better', () => {
    expect(lowerGain(found, 1, 0.95)).toBeCloseTo(0.1 - 1.6448536 * 0.02, 8);
    expect(lowerGain(found, -1, 0.95)).toBeCloseTo(-0.1 - normalQuantile(0.95) * 0.02, 12);
  });

  it('is the percentile of the resamples, counted from the worse end', () => {
    const resampled = Float64Array.from({ length: 101 }, (_, i) => i);
    expect(lowerGain({ ...found, resampled }, 1, 0.75)).toBe(25);
    expect(lowerGain({ ...found, resampled }, -1, 0.75)).toBe(-75);
    expect(lowerGain({ ...found, resampled }, 1, 0.955)).toBe(4);
  });
});
