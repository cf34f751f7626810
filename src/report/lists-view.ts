import type { Diagnostic } from '../domain/diagnostic.js';
import type { Finding } from '../domain/finding.js';
import type { AliasMove, Evaluation, GateVerdict, ModelVersion } from '../domain/model.js';
import type { MetricPoint, Run, StepExecution } from '../domain/run.js';
import { toIso } from '../domain/time.js';
import type { View, ViewPart } from '../domain/view.js';
import { findingJson, findingParts } from './data-view.js';
import {
  asJson,
  blank,
  bytes,
  dim,
  fields,
  figure,
  heading,
  line,
  moment,
  plural,
  short,
  shown,
  span,
  strong,
  table,
  toned,
  word,
} from './parts.js';
import { moveJson } from './retrain-view.js';
import { durationOf, gateJson, gateParts, metricsText, runJson, stepJson, stepsTable } from './run-view.js';

/** The document of `runs`. */
export const runsView = (runs: readonly Run[]): View => ({
  json: { runs: runs.map(runJson) },
  parts:
    runs.length === 0
      ? [line('no runs yet')]
      : [
          table(
            ['run', 'pipeline', 'status', 'started (UTC)', 'time', 'trigger', 'now'],
            runs.map((run) => [
              strong(run.id),
              run.pipeline,
              word(run.status),
              moment(run.startedAt),
              span(durationOf(run)),
              run.trigger.kind,
              dim(run.isNowGiven ? moment(run.now) : ''),
            ]),
          ),
        ],
});

export interface ShownRun {
  readonly run: Run;
  readonly executions: readonly StepExecution[];
  readonly metrics: readonly { readonly step: string; readonly points: readonly MetricPoint[] }[];
  readonly version?: ModelVersion;
}

/** The document of `show`. */
export function showView({ run, executions, metrics, version }: ShownRun): View {
  const failed = executions.filter((one) => one.failure !== undefined);
  return {
    json: {
      run: {
        ...runJson(run),
        code: asJson(run.code),
        environment: asJson(run.environment),
        steps: executions.map(stepJson),
      },
      metrics: metrics.map(({ step, points }) => ({ step, points: points.map((point) => asJson(point)) })),
      model_version: version === undefined ? null : `${version.model}@${version.version}`,
    },
    parts: [
      line(
        'run ',
        strong(run.id),
        ' of ',
        run.pipeline,
        ' ',
        word(run.status),
        run.isTainted ? toned(' tainted', 'bad') : '',
      ),
      fields([
        ['started', `${moment(run.startedAt)} UTC, took ${span(durationOf(run))}`],
        ['now', run.isNowGiven ? moment(run.now) : undefined],
        ['trigger', `${run.trigger.kind}${run.trigger.detail === undefined ? '' : `: ${run.trigger.detail}`}`],
        ['actor', `${run.actor} on ${run.environment.host}`],
        ['code', codeText(run)],
        ['params', paramsText(run)],
        [
          'tools',
          Object.entries(run.environment.tools)
            .map(([name, is]) => `${name} ${is}`)
            .join(', '),
        ],
        ['model', version === undefined ? undefined : `${version.model}@${version.version}`],
      ]),
      stepsTable(executions),
      ...metrics
        .filter(({ points }) => points.length > 0)
        .map(({ step, points }) => line(`${step}: `, metricsText(lastOf(points)))),
      ...failed.map((one) => line(dim(`log of ${one.step}: ${one.attempts.at(-1)?.logPath ?? 'none'}`))),
    ],
  };
}

export const codeText = (run: Run): string =>
  run.code.commit === undefined
    ? 'not in git'
    : `${short(run.code.commit)}${run.code.branch === undefined ? '' : ` (${run.code.branch})`}${run.code.isDirty ? ', with uncommitted changes' : ''}${run.code.untracked.length === 0 ? '' : `, ${plural(run.code.untracked.length, 'untracked file')}`}`;

export const paramsText = (run: Run): string =>
  Object.entries(run.params)
    .map(([name, value]) => `${name}=${shown(asJson({ value }).value)}`)
    .join(', ');

const lastOf = (points: readonly MetricPoint[]): Readonly<Record<string, number>> =>
  Object.fromEntries(points.map((point) => [point.key, point.value]));

export interface ListedVersion {
  readonly version: ModelVersion;
  readonly evaluation?: Evaluation;
  readonly gate?: GateVerdict;
  readonly isChampion: boolean;
}

/** The document of `models`. */
export function modelsView(listed: readonly ListedVersion[], moves: readonly AliasMove[]): View {
  return {
    json: {
      versions: listed.map(({ version, evaluation, gate, isChampion }) => ({
        model: version.model,
        version: version.version,
        hash: version.hash,
        size: version.size,
        run: version.run,
        registered_at: toIso(version.registeredAt),
        champion: isChampion,
        metrics: evaluation === undefined ? null : asJson(evaluation.metrics),
        gate: gate?.verdict ?? null,
      })),
      moves: moves.map(moveJson),
    },
    parts: [
      listed.length === 0
        ? line('no versions yet; "refit run" registers one')
        : table(
            ['version', '', 'registered (UTC)', 'size', 'gate', 'scores', 'run'],
            listed.map(({ version, evaluation, gate, isChampion }) => [
              strong(`${version.model}@${version.version}`),
              isChampion ? toned('champion', 'good') : '',
              moment(version.registeredAt),
              bytes(version.size),
              gate === undefined ? dim('–') : word(gate.verdict),
              evaluation === undefined ? dim('–') : metricsText(evaluation.metrics),
              dim(version.run),
            ]),
          ),
      ...(moves.length === 0 ? [] : [heading('served'), movesTable(moves)]),
    ],
  };
}

const movesTable = (moves: readonly AliasMove[]): ViewPart =>
  table(
    ['when (UTC)', 'now', 'model', 'move', 'kind', 'reason', 'by'],
    moves.map((move) => [
      moment(move.movedAt),
      moment(move.now),
      move.model,
      `${move.from ?? '–'} → ${move.to}`,
      move.isForced ? toned(`${move.kind}, forced`, 'warn') : move.kind,
      move.reason,
      dim(move.actor),
    ]),
  );

export interface RunMetrics {
  readonly run: Run;
  readonly metrics: Readonly<Record<string, number>>;
}

/** The document of `metrics`: the last value of every metric, newest run first. */
export function metricsView(pipeline: string, runs: readonly RunMetrics[]): View {
  const keys = [...new Set(runs.flatMap((one) => Object.keys(one.metrics)))];
  return {
    json: {
      pipeline,
      runs: runs.map(({ run, metrics }) => ({
        run: run.id,
        started_at: toIso(run.startedAt),
        metrics: asJson(metrics),
      })),
    },
    parts:
      keys.length === 0
        ? [
            line(
              'no metrics yet; a step declares them with "metrics: file.json" or appends JSON lines to $REFIT_METRICS',
            ),
          ]
        : [
            table(
              ['run', 'now', ...keys],
              runs.map(({ run, metrics }) => [
                strong(run.id),
                dim(moment(run.now)),
                ...keys.map((key) => {
                  const value = metrics[key];
                  return value === undefined ? dim('–') : figure(value);
                }),
              ]),
            ),
          ],
  };
}

/** The document of `validate`. */
export function validateView(
  files: readonly { readonly file: string; readonly steps: number; readonly diagnostics: readonly Diagnostic[] }[],
): View {
  return {
    json: {
      valid: files.every((one) => one.diagnostics.every((diagnostic) => diagnostic.severity !== 'error')),
      files: files.map(({ file, steps, diagnostics }) => ({
        file,
        steps,
        diagnostics: diagnostics.map((one) => asJson(one)),
      })),
    },
    parts:
      files.length === 0
        ? [line('no pipelines here; "refit init" makes one')]
        : files
            .filter((one) => one.diagnostics.every((diagnostic) => diagnostic.severity !== 'error'))
            .map((one) => line(toned('valid ', 'good'), one.file, dim(` (${plural(one.steps, 'step')})`))),
  };
}

interface Moved {
  readonly move?: AliasMove;
  readonly failure?: unknown;
}

/** The document of `promote`. */
export function promoteView(
  version: ModelVersion,
  gate: GateVerdict | undefined,
  { move, failure, isServing }: Moved & { readonly isServing?: boolean },
): View {
  const name = `${version.model}@${version.version}`;
  if (isServing === true)
    return { json: { version: name, gate: null, promotion: null }, parts: [line(strong(name), ' serves already')] };
  return {
    json: {
      version: name,
      gate: gate === undefined ? null : gateJson(gate),
      promotion: move === undefined ? null : moveJson(move),
    },
    parts: [
      ...(gate === undefined ? [line(dim('the pipeline declares no gate: nothing was judged'))] : gateParts(gate)),
      blank,
      move === undefined
        ? failure !== undefined
          ? line(toned('rolled back ', 'bad'), strong(name), ' did not hold up; the version before serves again')
          : line(
              toned('refused ', 'bad'),
              strong(name),
              '; promote --force --reason "…" overrides the gate and is marked for ever',
            )
        : line(
            toned('promoted ', 'good'),
            strong(name),
            move.from === undefined ? '' : dim(` in place of version ${move.from}`),
          ),
    ],
  };
}

/** The document of `rollback`. */
export const rollbackView = (model: string, { move }: Moved): View => ({
  json: { model: move?.model ?? model, promotion: move === undefined ? null : moveJson(move) },
  parts: [
    move === undefined
      ? line(toned('not rolled back ', 'bad'), strong(model), ' serves the version that it served before')
      : line(
          toned('rolled back ', 'good'),
          strong(`${move.model}@${move.to}`),
          ' serves again',
          dim(move.from === undefined ? '' : ` in place of version ${move.from}`),
        ),
  ],
});

/** The document of `resolve`. */
export const resolveView = (finding: Finding, answer: string): View => ({
  json: {
    finding: findingJson(finding),
    as: answer,
    excluded: answer === 'bug' && isRowwise(finding),
    excluded_from: answer === 'bug' ? holdersOf(finding) : [],
  },
  parts: [
    ...findingParts([finding]),
    line(
      answer === 'normal'
        ? 'called normal: it no longer holds a retrain, nor does what is up to twice as bad'
        : keptOutText(finding),
    ),
  ],
});

const isRowwise = ({ sql, rowsIn }: Finding): boolean => sql !== undefined && rowsIn !== undefined;

/** Datasets that are read without these rows from now on. */
const holdersOf = (finding: Finding): readonly string[] =>
  !isRowwise(finding) || finding.rowsIn?.isPrepared === true
    ? []
    : (finding.rowsIn?.datasets ?? (finding.dataset === undefined ? [] : [finding.dataset]));

function keptOutText(finding: Finding): string {
  if (!isRowwise(finding)) return 'called a bug: it holds every retrain until it is gone from the data';
  const holders = holdersOf(finding);
  if (holders.length > 0)
    return `called a bug: its rows are kept out of windows, and of what steps read of ${holders.join(' and ')}`;
  return `called a bug: its rows are kept out of prepared windows and references. No dataset has them under this name: steps still read them, unless "refit event … --effect exclude" leaves their time out`;
}
