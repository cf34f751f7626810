import { isRecord } from '../../domain/support/json.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { messageOf } from '../../domain/support/system-error.js';
import { flatten, metricValue, parseLooseJson } from './metrics.js';

export interface RawEvaluation {
  readonly metrics: Readonly<Record<string, number>>;
  readonly unusable: Readonly<Record<string, string>>;
  readonly slices: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly predictions?: string;
}

/**
 * What `evaluate` wrote: numbers by metric, `slices`, `predictions`. Values that are not finite numbers are listed by
 * name.
 */
export function readEvaluation(text: string): Result<RawEvaluation, string> {
  let value: unknown;
  try {
    value = parseLooseJson(text);
  } catch (error) {
    return err(`it is no JSON: ${messageOf(error)}`);
  }
  if (!isRecord(value)) return err('it must be an object of metrics');
  const { slices, predictions, ...rest } = value;
  if (predictions !== undefined && predictions !== null && typeof predictions !== 'string')
    return err('"predictions" must be the path of a table, like "predictions.csv"');
  const read = readMetrics(rest);
  if (!read.ok) return read;
  const sliced = readSlices(slices);
  if (!sliced.ok) return sliced;
  return ok({
    metrics: read.value.metrics,
    unusable: { ...read.value.unusable, ...sliced.value.unusable },
    slices: sliced.value.slices,
    predictions: typeof predictions === 'string' ? predictions : undefined,
  });
}

interface NamedValues {
  readonly metrics: Readonly<Record<string, number>>;
  readonly unusable: Readonly<Record<string, string>>;
}

/** Metrics by dotted name, as in a metrics file. A number in quotes fails; whatever else is no finite number is named. */
function readMetrics(record: object, place = ''): Result<NamedValues, string> {
  const metrics: Record<string, number> = {};
  const unusable: Record<string, string> = {};
  for (const { key, value } of flatten(record)) {
    const name = `${place}${key}`;
    const checked = metricValue(value);
    if ('number' in checked) metrics[key] = checked.number;
    else if (typeof value === 'number') unusable[name] = String(value);
    else if ('problem' in checked) return err(`"${name}": ${checked.problem}`);
    else unusable[name] = 'is' in checked ? checked.is : `the text "${checked.word}"`;
  }
  return ok({ metrics, unusable });
}

function readSlices(value: unknown): Result<Pick<RawEvaluation, 'slices' | 'unusable'>, string> {
  if (value === undefined) return ok({ slices: {}, unusable: {} });
  if (!isRecord(value)) return err('"slices" must be an object: slice, group, metric, number');
  const unusable: Record<string, string> = {};
  const slices: Record<string, Record<string, Readonly<Record<string, number>>>> = {};
  for (const [name, groups] of Object.entries(value)) {
    if (!isRecord(groups)) return err(`"slices.${name}" must be an object: group, metric, number`);
    const read: Record<string, Readonly<Record<string, number>>> = {};
    for (const [group, metrics] of Object.entries(groups)) {
      const place = `slices.${name}.${group}`;
      if (!isRecord(metrics)) return err(`"${place}" must be an object of metrics, like {"auc": 0.6, "n": 120}`);
      const values = readMetrics(metrics, `${place}.`);
      if (!values.ok) return values;
      read[group] = values.value.metrics;
      Object.assign(unusable, values.value.unusable);
    }
    slices[name] = read;
  }
  return ok({ slices, unusable });
}
