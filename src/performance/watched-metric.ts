import type { Estimate } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { LogRows, LogSpan } from '../domain/ports/prediction-log.js';
import { ok, type Result } from '../domain/support/result.js';
import {
  findMetric,
  isHigherBetter,
  isShare,
  type MetricName,
  measure,
  metricsOf,
  usualMetric,
} from './judge/metrics/metrics.js';

/** A metric by which a model is watched: one that refit knows, or one of the pipeline's own. */
export interface WatchedMetric {
  readonly name: string;
  readonly isHigherBetter: boolean;
  /** Whether it lies between 0 and 1 in any unit of the label. */
  readonly isShare: boolean;
  /** Differs if the same rows would be measured differently. */
  readonly identity: string;
  readonly builtIn?: MetricName;
  /** Measures the labelled rows of a span. `undefined` if they do not allow it. */
  readonly measure: (rows: LogRows, span: LogSpan) => Promise<Result<Estimate | undefined, Failure>>;
}

const KNOWN: readonly MetricName[] = [...metricsOf('bits'), ...metricsOf('numbers')];

/** Names that a question may ask for. */
export const knownMetrics = (own: readonly WatchedMetric[]): readonly string[] => [
  ...own.map((one) => one.name),
  ...KNOWN,
];

/** A metric that refit knows, as one to watch by. */
export const builtIn = (name: MetricName): WatchedMetric => ({
  name,
  isHigherBetter: isHigherBetter(name),
  isShare: isShare(name),
  identity: name,
  builtIn: name,
  measure: async ({ label, prediction }) => ok(measure(name, label, prediction)),
});

/** The pipeline's own metric by its exact name, otherwise a known one by a name in use. */
export function watchedMetric(name: string, own: readonly WatchedMetric[]): WatchedMetric | undefined {
  const found = findMetric(name);
  return own.find((one) => one.name === name) ?? (found === undefined ? undefined : builtIn(found));
}

/**
 * Whether the error of a row is that of a probability. For a known metric its definition decides, otherwise the labels
 * do.
 */
export const isOfBits = ({ builtIn: name }: WatchedMetric, { label, prediction }: LogRows): boolean =>
  name === undefined ? usualMetric(label, prediction) !== 'mae' : !metricsOf('numbers').includes(name);
