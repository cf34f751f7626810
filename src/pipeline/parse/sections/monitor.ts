import type { StepName } from '../../../domain/ids.js';
import { type Direction, directionOf } from '../../../domain/models/metric-direction.js';
import {
  AUTO,
  type MethodChoice,
  type MethodName,
  methodSpellings,
  parseMethod,
} from '../../../domain/pipeline/drift-method.js';
import type { MetricCommand, MonitorSpec } from '../../../domain/pipeline/pipeline.js';
import { suggestOne } from '../../../domain/support/near-miss.js';
import { type BuildContext, buildCommand, buildTemplate, duration } from '../context.js';
import type { RawMonitor } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { buildReference } from './reference.js';
import { buildInput } from './steps.js';

export function buildMonitor(raw: RawMonitor, context: BuildContext): MonitorSpec {
  const path: YamlPath = ['monitor'];
  if (raw.predictions !== undefined) checkPredictions(raw.predictions, [...path, 'predictions'], context);
  if (raw.labels !== undefined) checkLabels(raw, [...path, 'labels'], context);
  return {
    ...buildReference(raw, context),
    current: raw.current === undefined ? undefined : buildCurrent(raw.current, [...path, 'current'], context),
    predictions: raw.predictions === undefined ? undefined : buildPredictions(raw.predictions),
    labels: raw.labels === undefined ? undefined : buildLabels(raw.labels, [...path, 'labels'], context),
    ignore: raw.ignore ?? [],
    segments: raw.segments ?? [],
    metrics: Object.entries(raw.metrics ?? {}).map(([name, one]) => buildMetric(name, one, context)),
    methods: buildMethods(raw.method, [...path, 'method'], context),
    at: context.report.position(path),
  };
}

function buildMetric(
  name: string,
  raw: NonNullable<RawMonitor['metrics']>[string],
  context: BuildContext,
): MetricCommand {
  const path: YamlPath = ['monitor', 'metrics', name];
  const timeoutMs = duration(raw.timeout);
  return {
    name,
    command: buildCommand(raw.run, [...path, 'run'], { kinds: ['param'] }, context),
    inputs: (raw.inputs ?? []).map((text, i) => buildInput(text, [...path, 'inputs', i], { matrix: {}, context })),
    direction: metricDirection(name, raw.direction, context),
    timeoutMs,
    at: context.report.position(path),
  };
}

function metricDirection(name: string, declared: Direction | undefined, { report }: BuildContext): Direction {
  const known = declared ?? directionOf(name);
  if (known === undefined)
    report.at(['monitor', 'metrics', name], {
      code: 'missing-key',
      message: `refit does not know whether a higher or a lower "${name}" is better`,
      suggestion: 'add direction: higher, or direction: lower',
    });
  return known ?? 'higher';
}

function buildMethods(raw: RawMonitor['method'], path: YamlPath, context: BuildContext): MethodChoice {
  if (raw === undefined) return AUTO;
  if (typeof raw === 'string') return { ...AUTO, table: buildMethod(raw, path, context) };
  const columns = Object.entries(raw).map(([column, name]) => [column, buildMethod(name, [...path, column], context)]);
  return { ...AUTO, columns: Object.fromEntries(columns) };
}

function buildMethod(name: string, path: YamlPath, context: BuildContext): MethodName | 'auto' {
  const method = parseMethod(name);
  if (method === undefined)
    context.report.at(path, {
      code: 'unknown-method',
      message: `there is no method "${name}"`,
      suggestion: suggestOne(name, methodSpellings(), 'methods'),
    });
  return method ?? 'auto';
}

function buildCurrent(
  raw: NonNullable<RawMonitor['current']>,
  path: YamlPath,
  context: BuildContext,
): NonNullable<MonitorSpec['current']> {
  requireDataset(raw.dataset, [...path, 'dataset'], context);
  if (raw.prepare !== undefined)
    requireKnown(raw.prepare, { what: 'step', known: context.stepNames, path: [...path, 'prepare'] }, context);
  const windowMs = duration(raw.window);
  return {
    dataset: raw.dataset,
    windowMs,
    prepare: raw.prepare === undefined ? undefined : (raw.prepare as StepName),
  };
}

/** Reports a dataset that the pipeline does not declare, at the place that names it. */
export const requireDataset = (name: string, path: YamlPath, context: BuildContext): void =>
  requireKnown(name, { what: 'dataset', known: context.datasets, path }, context);

function requireKnown(
  name: string,
  { what, known, path }: { readonly what: string; readonly known: readonly string[]; readonly path: YamlPath },
  context: BuildContext,
): void {
  if (known.includes(name)) return;
  context.report.at(path, {
    code: `unknown-${what}`,
    message: `there is no ${what} "${name}"`,
    suggestion: suggestOne(name, known, `${what}s`),
  });
}

const buildPredictions = (raw: NonNullable<RawMonitor['predictions']>): NonNullable<MonitorSpec['predictions']> => ({
  path: raw.path,
  dataset: raw.dataset,
  time: raw.time,
  prediction: raw.prediction,
  key: raw.key,
});

function buildLabels(
  raw: NonNullable<RawMonitor['labels']>,
  path: YamlPath,
  context: BuildContext,
): NonNullable<MonitorSpec['labels']> {
  return {
    label: raw.label,
    delayMs: duration(raw.delay) ?? 0,
    path: raw.path,
    dataset: raw.dataset,
    key: raw.key,
    query:
      raw.query === undefined
        ? undefined
        : buildTemplate(raw.query, [...path, 'query'], { kinds: ['dataset', 'param'] }, context),
  };
}

function checkPredictions(
  { path: files, dataset }: NonNullable<RawMonitor['predictions']>,
  path: YamlPath,
  context: BuildContext,
): void {
  if (dataset !== undefined) requireDataset(dataset, [...path, 'dataset'], context);
  if ((files === undefined) !== (dataset === undefined)) return;
  context.report.at(path, {
    code: files === undefined ? 'missing-key' : 'wrong-value',
    message: `"monitor.predictions" has ${files === undefined ? 'neither "path" nor' : 'both "path" and'} "dataset"`,
    suggestion: files === undefined ? 'add path: logs/*.jsonl, or dataset: with the name of one' : 'keep one of them',
  });
}

/** Labels outside the predictions need a join key, and must have exactly one source. */
function checkLabels({ labels, predictions }: RawMonitor, path: YamlPath, context: BuildContext): void {
  const [first, second] = (['path', 'dataset', 'query'] as const).filter((key) => labels?.[key] !== undefined);
  if (first !== undefined && second !== undefined)
    context.report.at([...path, second], {
      code: 'wrong-value',
      message: `"labels" names both a ${first} and a ${second}`,
      suggestion: 'keep one of them',
    });
  if (labels?.dataset !== undefined) requireDataset(labels.dataset, [...path, 'dataset'], context);
  const isElsewhere = first !== undefined;
  if (predictions !== undefined && isElsewhere && predictions.key === undefined)
    context.report.at(['monitor', 'predictions'], {
      code: 'missing-key',
      message: '"predictions" has no "key" to join labels by',
      suggestion: 'add key: the column of an id that predictions and labels share',
    });
}
