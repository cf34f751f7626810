import type { MetricPoint } from '../../domain/runs/run.js';

export interface LossCourse {
  readonly metric: string;
  /** Means of the first and the last fifth of the points, at least one point each. */
  readonly first: number;
  readonly last: number;
}

/** First and last level of every metric with "loss" in its name that was logged at two or more training steps. */
export function lossCourses(points: readonly MetricPoint[]): readonly LossCourse[] {
  const byMetric = new Map<string, { readonly step: number; readonly value: number }[]>();
  for (const { key, step, value } of points) {
    if (step === undefined || !/loss/i.test(key)) continue;
    const known = byMetric.get(key);
    if (known === undefined) byMetric.set(key, [{ step, value }]);
    else known.push({ step, value });
  }
  return [...byMetric].flatMap(([metric, course]) => {
    const values = course.sort((a, b) => a.step - b.step).map((point) => point.value);
    if (values.length < 2) return [];
    const fifth = Math.max(1, Math.floor(values.length / 5));
    return [{ metric, first: mean(values.slice(0, fifth)), last: mean(values.slice(-fifth)) }];
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
