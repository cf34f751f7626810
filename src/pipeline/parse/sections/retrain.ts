import type { Condition, MonitorSpec, RetrainSpec, Trigger, TriggerPolicy } from '../../../domain/pipeline/pipeline.js';
import { DAY_MS, parseDuration } from '../../../domain/support/time.js';
import { type BuildContext, buildCommand, duration } from '../context.js';
import { isCron } from '../cron.js';
import { type RawCondition, TRIGGER_KEYS } from '../schema/retrain.js';
import type { RawRetrain } from '../schema.js';
import type { YamlPath } from '../source/yaml-source.js';
import { requireDataset } from './monitor.js';
import { canCompare } from './reference.js';

/** `retrain: weekly` and the like. Any cron expression may stand there too. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  hourly: '0 * * * *',
  daily: '0 3 * * *',
  weekly: '0 3 * * 1',
  monthly: '0 3 1 * *',
};

/** The parts of the pipeline that triggers depend on. */
interface RetrainContext extends BuildContext {
  readonly monitor: MonitorSpec | undefined;
  /** Whether a step starts from the champion. */
  readonly canStartWarm: boolean;
}

export function buildRetrain(raw: RawRetrain | string, context: RetrainContext): RetrainSpec {
  const path: YamlPath = ['retrain'];
  const long: RawRetrain = typeof raw === 'string' ? { when: raw } : raw;
  const whenPath = typeof raw === 'string' ? path : [...path, 'when'];
  const [cooldownMs, tickMs] = [duration(long.cooldown), duration(long.tick)];
  const when =
    typeof long.when === 'string'
      ? buildShort(long.when, whenPath, context)
      : buildCondition(long.when, whenPath, context);
  return {
    when,
    onDataBug: long.on_data_bug ?? 'hold',
    onUnclear: long.on_unclear,
    mode: long.mode ?? 'automatic',
    ...buildFull(long, path, context),
    cooldownMs,
    tickMs,
    limit: long.limit === undefined ? undefined : { runs: long.limit.runs, perMs: duration(long.limit.per) ?? DAY_MS },
    pauseAfterFailures: long.pause_after_failures,
    pauseAfterRefusals: long.pause_after_refusals,
    at: context.report.position(path),
  };
}

/** When a model that is trained on from the champion is trained from zero. */
function buildFull(raw: RawRetrain, path: YamlPath, { report, canStartWarm, monitor }: RetrainContext) {
  for (const key of ['full_every', 'full_when'] as const)
    if (raw[key] !== undefined && !canStartWarm)
      report.atKey(path, key, {
        code: 'no-effect',
        message: `"${key}" has no effect: every training starts from zero`,
        suggestion: 'it needs a step whose "run" uses ${{ champion.path }}',
      });
  if (raw.full_when !== undefined && !canCompare(monitor))
    report.atKey(path, 'full_when', {
      code: 'missing-key',
      message: '"full_when" needs a check of data drift',
      suggestion: 'add monitor: { reference: …, current: { dataset: …, window: 28d } }',
    });
  return { fullEveryMs: duration(raw.full_every), fullWhen: raw.full_when };
}

function buildShort(text: string, path: YamlPath, context: RetrainContext): Condition {
  const cron = SHORT_FORMS[text] ?? text;
  if (!isCron(cron))
    context.report.at(path, {
      code: 'bad-cron',
      message: `"${text}" is neither a schedule word nor a cron expression`,
      suggestion: `use one of ${Object.keys(SHORT_FORMS).join(', ')}, or five fields like "0 3 * * 1"`,
    });
  return { kind: 'schedule', cron, timezone: 'UTC', at: context.report.position(path) };
}

function buildCondition(raw: RawCondition, path: YamlPath, context: RetrainContext): Condition {
  if ('any' in raw && raw.any !== undefined)
    return { kind: 'any', of: raw.any.map((one, i) => buildCondition(one, [...path, 'any', i], context)) };
  if ('all' in raw && raw.all !== undefined)
    return { kind: 'all', of: raw.all.map((one, i) => buildCondition(one, [...path, 'all', i], context)) };
  if ('not' in raw && raw.not !== undefined)
    return { kind: 'not', of: buildCondition(raw.not, [...path, 'not'], context) };
  return buildLeaf(raw as Leaf, path, context);
}

type Leaf = Exclude<RawCondition, { readonly any: unknown } | { readonly all: unknown } | { readonly not: unknown }>;

function buildLeaf(raw: Leaf, path: YamlPath, context: RetrainContext): Condition {
  const at = context.report.position(path);
  const named = TRIGGER_KEYS.filter((kind) => raw[kind] !== undefined);
  if (named.length !== 1) {
    context.report.at(path, {
      code: 'wrong-condition',
      message: named.length === 0 ? 'this condition names no trigger' : `this condition names ${named.join(' and ')}`,
      suggestion:
        named.length === 0 ? `use one of ${TRIGGER_KEYS.join(', ')}` : 'give each its own "- { … }" below any or all',
    });
    return { kind: 'any', of: [] };
  }
  return { ...buildTrigger(raw, path, context), at, ...buildPolicy(raw, path, context) };
}

function buildPolicy(raw: Leaf, path: YamlPath, context: RetrainContext): Omit<TriggerPolicy, 'at'> {
  const persist = buildPersistence(raw, path, context);
  const againMs = duration(raw.again);
  if (raw.fires === 'level' && raw.again !== undefined)
    context.report.at([...path, 'again'], {
      code: 'wrong-value',
      message: '"again" belongs to an edge: a level fires as long as it holds',
    });
  return {
    persist,
    fires: raw.fires,
    againMs,
  };
}

function buildPersistence(raw: Leaf, path: YamlPath, context: RetrainContext) {
  const [, count = '', of = ''] = /^(\d+) of (\d+)$/.exec(raw.for ?? '') ?? [];
  if (count === '') return undefined;
  if (Number(count) > Number(of) || Number(count) === 0)
    context.report.at([...path, 'for'], { code: 'wrong-value', message: `"${raw.for}" can never hold` });
  return {
    count: Number(count),
    of: Number(of),
    everyMs: (raw.every === undefined ? DAY_MS : parseDuration(raw.every)) ?? DAY_MS,
  };
}

function buildTrigger(raw: Leaf, path: YamlPath, context: RetrainContext): Trigger {
  if (raw.schedule !== undefined) return { kind: 'schedule', cron: raw.schedule, timezone: raw.timezone ?? 'UTC' };
  if (raw.new_data !== undefined) return buildNewData(raw.new_data, [...path, 'new_data'], context);
  if (raw.data_drift !== undefined) return buildDataDrift(raw.data_drift, [...path, 'data_drift'], context);
  if (raw.target_drift !== undefined) return buildOutcomeDrift('target_drift', raw.target_drift, path, context);
  if (raw.prediction_drift !== undefined)
    return buildOutcomeDrift('prediction_drift', raw.prediction_drift, path, context);
  if (raw.upstream !== undefined) return { kind: 'upstream', model: raw.upstream };
  if (raw.event !== undefined) return { kind: 'event', name: raw.event };
  if (raw.max_age !== undefined) return { kind: 'max_age', ageMs: duration(raw.max_age) ?? 0 };
  if (raw.command !== undefined)
    return { kind: 'command', command: buildCommand(raw.command, [...path, 'command'], { kinds: ['param'] }, context) };
  if (raw.performance !== undefined) {
    requireMonitored('predictions', [...path, 'performance'], context);
    const windowMs = duration(raw.performance.window);
    return {
      kind: 'performance',
      metric: raw.performance.metric,
      drop: raw.performance.drop,
      windowMs,
    };
  }
  return { kind: 'code_change' };
}

function buildDataDrift(raw: NonNullable<Leaf['data_drift']>, path: YamlPath, context: RetrainContext): Trigger {
  const { reference, current } = context.monitor ?? {};
  if (reference === undefined || current === undefined)
    context.report.at(path, {
      severity: 'warning',
      code: 'never-fires',
      message: 'data_drift is never measured: there is no monitor with "reference" and "current"',
    });
  return { kind: 'data_drift', share: raw.share, on: raw.on };
}

function buildOutcomeDrift(
  kind: 'target_drift' | 'prediction_drift',
  raw: true | { readonly score: number },
  path: YamlPath,
  context: RetrainContext,
): Trigger {
  requireMonitored(kind === 'target_drift' ? 'labels' : 'predictions', [...path, kind], context);
  return { kind, ...(raw === true ? {} : { score: raw.score }) };
}

/** Reports a trigger that could never fire because the monitor lacks a section. */
function requireMonitored(
  section: 'labels' | 'predictions',
  path: YamlPath,
  { monitor, report }: RetrainContext,
): void {
  if (monitor?.[section] !== undefined) return;
  report.at(path, {
    code: 'never-fires',
    message: `nothing could fire this: "monitor" has no "${section}"`,
    suggestion:
      section === 'labels'
        ? 'add monitor: { labels: { label: <column> } }'
        : 'add monitor: { predictions: { path: "logs/*.jsonl", time: at, prediction: p } }',
  });
}

function buildNewData(raw: NonNullable<Leaf['new_data']>, path: YamlPath, context: RetrainContext): Trigger {
  const isOfDataset = raw.rows !== undefined || raw.files !== undefined || raw.bytes !== undefined;
  if (raw.dataset !== undefined) requireDataset(raw.dataset, [...path, 'dataset'], context);
  if (raw.labels !== undefined) requireMonitored('labels', [...path, 'labels'], context);
  if (!isOfDataset && raw.labels === undefined)
    context.report.at(path, {
      code: 'missing-key',
      message: '"new_data" does not say how much',
      suggestion: 'add rows, files, bytes or labels',
    });
  if (isOfDataset && raw.dataset === undefined)
    context.report.at(path, {
      code: 'missing-key',
      message: '"new_data" does not say of which dataset',
      suggestion: `add dataset: ${context.datasets[0] ?? '<name>'}`,
    });
  return {
    kind: 'new_data',
    dataset: raw.dataset,
    labels: raw.labels,
    rows: raw.rows,
    files: raw.files,
    bytes: raw.bytes,
  };
}
