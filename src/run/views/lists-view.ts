import type { ModelVersion } from '../../domain/models/model.js';
import type { MetricPoint, Run, StepExecution } from '../../domain/runs/run.js';
import type { View, ViewPart } from '../../domain/view.js';
import {
  asJson,
  dim,
  fields,
  inFull,
  line,
  metricsText,
  moment,
  plural,
  short,
  span,
  strong,
  table,
  toned,
  word,
} from '../../render/parts/parts.js';
import { codeJson, durationOf, environmentJson, runJson, stepJson, stepsTable } from './run-view.js';

/** The document of `runs`. */
export const runsView = (runs: readonly Run[], isFiltered: boolean): View => ({
  json: { runs: runs.map(runJson) },
  parts:
    runs.length === 0
      ? [line(isFiltered ? 'no run is like that' : 'no runs yet')]
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
        code: codeJson(run.code),
        environment: environmentJson(run.environment),
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
        ...originFields(run),
      ]),
      stepsTable(executions),
      ...metrics
        .filter(({ points }) => points.length > 0)
        .map(({ step, points }) => line(`${step}: `, metricsText(lastOf(points)))),
      ...jobLines(executions, failed),
      ...failed.map((one) => line(dim(`log of ${one.step}: ${one.attempts.at(-1)?.logPath ?? 'none'}`))),
    ],
  };
}

const MOST_JOBS = 12;

/** Where the attempts ran; of many jobs only those of steps that did not end well. */
function jobLines(executions: readonly StepExecution[], failed: readonly StepExecution[]): readonly ViewPart[] {
  const withJobs = executions.filter(({ attempts }) => attempts.some(({ job }) => job !== undefined));
  return (withJobs.length > MOST_JOBS ? failed : withJobs).flatMap(({ step, attempts }) =>
    attempts.flatMap(({ number, job, outcome }) => {
      if (job === undefined) return [];
      const attempt = attempts.length > 1 ? `, attempt ${number}` : '';
      const where = job.node === undefined ? '' : ` on ${job.node}`;
      const end = outcome?.kind === 'job-ended' ? `: ${outcome.reason}` : '';
      return [line(dim(`${step}${attempt}: ${job.engine} job ${job.id}${where}${end}`))];
    }),
  );
}

/** What another system recorded about the run that has no column in refit. */
export function originFields({ environment: { origin } }: Run): readonly (readonly [string, string | undefined])[] {
  if (origin === undefined) return [];
  const { name, experiment, tags, datasets, metrics, missing } = origin;
  const shownTags = Object.entries(tags).filter(([key]) => !key.startsWith('mlflow.'));
  return [
    ['imported', `${name === undefined ? '' : `"${name}" `}of experiment "${experiment}", ${origin.status}`],
    ['tags', shownTags.length === 0 ? undefined : shownTags.map(([key, value]) => `${key}=${value}`).join(', ')],
    [
      'datasets',
      datasets.length === 0 ? undefined : datasets.map((one) => `${one.name} (digest ${one.digest})`).join(', '),
    ],
    ...Object.entries(metrics).map(([key, note]) => [`metric ${key}`, note] as const),
    ['no bytes of', missing.length === 0 ? undefined : missing.join(', ')],
  ];
}

export const codeText = (run: Run): string =>
  run.code.commit === undefined
    ? run.code.problem === undefined
      ? 'not in git'
      : `unknown: git did not answer (${run.code.problem.reason}); for later runs: ${run.code.problem.mend}`
    : `${short(run.code.commit)}${run.code.branch === undefined ? '' : ` (${run.code.branch})`}${run.code.isDirty ? ', with uncommitted changes' : ''}${run.code.untracked.length === 0 ? '' : `, ${plural(run.code.untracked.length, 'untracked file')}`}`;

export const paramsText = (run: Run): string =>
  Object.entries(run.params)
    .map(([name, value]) => `${name}=${inFull(asJson({ value }).value)}`)
    .join(', ');

const lastOf = (points: readonly MetricPoint[]): Readonly<Record<string, number>> =>
  Object.fromEntries(points.map((point) => [point.key, point.value]));
