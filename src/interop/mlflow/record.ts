import type { RunStatus } from '../../domain/runs/run.js';
import type { MadeVersion, RunFacts } from '../../domain/runs/run-facts.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { datasetInputs } from './dataset-inputs.js';
import { createNamer, cut, LIMITS, pieces } from './names.js';

export interface Pair {
  readonly key: string;
  readonly value: string;
}

/** `timestamp` in epoch milliseconds. `step` is 0 if the metric is not a series. */
interface MetricRow {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** A run as MLflow stores it. All names and values are within the limits of a server. */
export interface RunRecord {
  readonly name: string;
  readonly user: string;
  readonly status: MlflowStatus;
  readonly startTime: number;
  readonly endTime: number;
  readonly params: readonly Pair[];
  readonly metrics: readonly MetricRow[];
  readonly tags: readonly Pair[];
  readonly inputs: readonly JsonObject[];
  /** One sentence for each difference from the registry. */
  readonly notes: readonly string[];
}

type MlflowStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

const STATUS: Readonly<Record<RunStatus, MlflowStatus>> = {
  running: 'RUNNING',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'KILLED',
  lost: 'KILLED',
};

export interface RecordOptions {
  /** Describes a stored failure in one sentence. */
  readonly failureText: (failure: JsonObject) => string;
  /** Maximum length of a param value. Longer values are also stored in tags. */
  readonly paramLength?: number;
}

export function toRecord(facts: RunFacts, { failureText, paramLength = LIMITS.param }: RecordOptions): RunRecord {
  const { run } = facts;
  const params = paramsOf(facts, paramLength);
  const metrics = metricsOf(facts);
  return {
    name: run.environment.origin?.name ?? run.id,
    user: run.actor,
    status: STATUS[run.status],
    startTime: run.startedAt,
    endTime: Math.max(run.finishedAt, run.startedAt),
    params: params.pairs,
    metrics: metrics.rows,
    tags: tagsOf(facts, params.long, failureText),
    inputs: datasetInputs(facts),
    notes: [...params.notes, ...metrics.notes].map((note) => `run ${run.id}: ${note}`),
  };
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const renamed = (what: string, changed: readonly (readonly [string, string])[]): readonly string[] =>
  changed.map(([name, to]) => `the ${what} "${cut(name, 80)}" is called "${cut(to, 80)}" there`);

function paramsOf({ run }: RunFacts, length: number) {
  const namer = createNamer();
  const all = Object.entries(run.params).map(([name, value]) => ({
    key: namer.nameOf(name),
    value: textOf(value as Json),
  }));
  const long = all.filter(({ value }) => value.length > length);
  return {
    pairs: all.map(({ key, value }) => ({ key, value: cut(value, length) })),
    long,
    notes: [
      ...renamed('param', namer.changed()),
      ...long.map(
        ({ key, value }) =>
          `the param "${key}" has ${value.length} characters and is cut to ${length} there; whole in the tags "refit.param.${key}.1" and on`,
      ),
    ],
  };
}

/** Prefixes a key that several steps write with the step. Metrics of the evaluation have the step `evaluation`. */
function metricsOf({ run, steps, made }: RunFacts) {
  const points = [
    ...steps.flatMap(({ execution, metrics }) =>
      metrics.map((point) => ({ ...point, of: execution.step as string, at: execution.finishedAt ?? run.finishedAt })),
    ),
    ...made.flatMap(({ evaluation }) =>
      Object.entries(evaluation?.metrics ?? {}).map(([key, value]) => ({
        key,
        value,
        step: undefined,
        of: 'evaluation',
        at: evaluation?.evaluatedAt ?? run.finishedAt,
      })),
    ),
  ];
  const writers = new Map<string, Set<string>>();
  for (const { key, of } of points) writers.set(key, (writers.get(key) ?? new Set()).add(of));
  const namer = createNamer();
  const rows = points.map(({ key, value, step, of, at }) => ({
    key: namer.nameOf((writers.get(key)?.size ?? 0) > 1 ? `${of}/${key}` : key),
    value,
    timestamp: at as number,
    step: step ?? 0,
  }));
  return { rows, notes: renamed('metric', namer.changed()) };
}

function tagsOf(facts: RunFacts, long: readonly Pair[], failureText: RecordOptions['failureText']): readonly Pair[] {
  const { run, decision, outcome, made, steps } = facts;
  const { code, trigger, environment } = run;
  const failed = steps.find(({ execution }) => execution.failure !== undefined)?.execution;
  const named: Readonly<Record<string, string | undefined>> = {
    'mlflow.runName': run.id,
    'mlflow.user': run.actor,
    'mlflow.source.name': run.file,
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.git.commit': code.commit,
    'mlflow.source.git.branch': code.branch,
    'mlflow.note.content': facts.description,
    'refit.run': run.id,
    'refit.pipeline': run.pipeline,
    'refit.definition': run.definitionHash,
    'refit.status': run.status,
    'refit.tainted': run.isTainted ? 'true' : undefined,
    'refit.dirty': code.isDirty ? 'true' : undefined,
    'refit.profile': run.profile,
    'refit.trigger': trigger.kind,
    'refit.trigger.detail': trigger.detail,
    'refit.host': environment.host,
    'refit.version': environment.tools.refit,
    'refit.decision': decision?.id,
    'refit.decision.summary': decision?.summary,
    'refit.outcome': outcome?.outcome,
    'refit.failure': failed?.failure === undefined ? undefined : `step ${failed.step}: ${failureText(failed.failure)}`,
    ...Object.assign({}, ...made.map(versionTags)),
    ...originTags(run),
  };
  return [
    ...Object.entries(named).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [{ key, value: cut(value, LIMITS.tag) }],
    ),
    ...long.flatMap(({ key, value }) =>
      // Leaves room for the piece number after the longest name.
      pieces(value, LIMITS.tag).map((piece, at) => ({ key: `refit.param.${cut(key, 220)}.${at + 1}`, value: piece })),
    ),
  ];
}

/** Original tags of a run imported from MLflow, without the parent: the import tool fails if a named parent is missing. */
const originTags = ({ environment: { origin } }: RunFacts['run']): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(origin?.tags ?? {}).filter(([key]) => key !== 'mlflow.parentRunId'));

/** Tags of a model version. A value that is not a number is written as text, not NaN. */
const versionTags = ({ version, gate, evaluation }: MadeVersion): Readonly<Record<string, string | undefined>> => ({
  'refit.model': `${version.model}@${version.version}`,
  'refit.gate': gate?.verdict,
  ...Object.fromEntries(
    Object.entries(evaluation?.unusable ?? {}).map(([metric, found]) => [
      `refit.unusable.${metric.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 200)}`,
      found,
    ]),
  ),
});
