import { windowJson } from '../../data/views/window-view.js';
import type { PipelineResult } from '../../domain/decisions/retrain-report.js';
import type { CodeVersion, Environment, Run, StepExecution } from '../../domain/runs/run.js';
import type { RunReport, UndeclaredUse } from '../../domain/runs/run-report.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { View, ViewPart } from '../../domain/view.js';
import { gateJson, gateParts, servingFailure } from '../../gate/views/gate-view.js';
import {
  asFields,
  asJson,
  dim,
  line,
  moment,
  scoresText,
  span,
  strong,
  table,
  times,
  toned,
  word,
} from '../../render/parts/parts.js';
import { reasonTexts } from './plan-view.js';

export const durationOf = (item: { readonly startedAt: number; readonly finishedAt?: number }): number =>
  (item.finishedAt ?? item.startedAt) - item.startedAt;

export function stepJson(execution: StepExecution): JsonObject {
  const last = execution.attempts.at(-1);
  return {
    name: execution.step,
    status: execution.status,
    role: execution.role ?? null,
    reasons: execution.reasons.map((reason) => asJson(reason)),
    attempts: execution.attempts.length,
    exit_code: last?.outcome?.kind === 'exited' ? last.outcome.exitCode : null,
    duration_ms: durationOf(execution),
    log: last?.logPath ?? null,
    job:
      last?.job === undefined ? undefined : { engine: last.job.engine, id: last.job.id, node: last.job.node ?? null },
    failure: execution.failure === undefined ? undefined : asFields(execution.failure),
  };
}

/** The fields of a step that never started. */
const notStartedJson = ({ step, status }: RunReport['notStarted'][number]): Json => ({
  name: step,
  status,
  role: null,
  reasons: [],
  attempts: 0,
  exit_code: null,
  duration_ms: 0,
  log: null,
});

export function runJson(run: Run): JsonObject {
  return {
    id: run.id,
    pipeline: run.pipeline,
    status: run.status,
    trigger: { ...asJson(run.trigger), ...times({ since: run.trigger.since }) },
    profile: run.profile ?? null,
    tainted: run.isTainted,
    duration_ms: durationOf(run),
    actor: run.actor,
    params: asJson(run.params),
    windows: (run.windows ?? []).map(windowJson),
    commit: run.code.commit ?? null,
    dirty: run.code.isDirty,
    ...times({ started_at: run.startedAt, finished_at: run.finishedAt, now: run.now }),
  };
}

/** The state of the code at the start of a run. */
export const codeJson = ({ commit, committedAt, branch, isDirty, diff, untracked }: CodeVersion): JsonObject => ({
  commit: commit ?? null,
  committed_at: committedAt === undefined ? null : toIso(committedAt),
  branch: branch ?? null,
  dirty: isDirty,
  diff: diff ?? null,
  untracked: [...untracked],
});

export const environmentJson = ({ host, platform, tools, hardware, packages, origin }: Environment): JsonObject => ({
  host,
  platform,
  tools,
  hardware: hardware === undefined ? null : asFields(hardware),
  packages: packages ?? null,
  origin: origin === undefined ? null : asJson(origin),
});

export function stepsTable(executions: readonly StepExecution[], notStarted: RunReport['notStarted'] = []): ViewPart {
  return table(
    ['step', 'status', 'time', 'why'],
    [
      ...executions.map((one) => [
        strong(one.step),
        word(one.status),
        one.attempts.length === 0 ? dim('–') : span(durationOf(one)),
        dim(reasonTexts(one.reasons).join('; ')),
      ]),
      ...notStarted.map(({ step, status }) => [strong(step), word(status), dim('–'), dim('not started')]),
    ],
  );
}

function versionText(result: PipelineResult): string | undefined {
  const { version } = result;
  if (version === undefined) return undefined;
  return `${version.model}@${version.version}${result.isNewVersion ? '' : ' (the same bytes and fingerprint as before)'}`;
}

/** The document of `run`. */
export function runView(result: PipelineResult): View {
  const { report } = result;
  const scored = result.evaluations[0];
  const version = versionText(result);
  const gate = result.gate;
  return {
    json: {
      run: {
        ...runJson(report.run),
        steps: [...report.executions.map(stepJson), ...report.notStarted.map(notStartedJson)],
      },
      metrics: asJson(report.metrics),
      model_version: result.version === undefined ? null : `${result.version.model}@${result.version.version}`,
      evaluation: scored === undefined ? null : asJson(scored.metrics),
      gate: gate === undefined ? null : gateJson(gate),
      undeclared: report.undeclared === undefined ? null : report.undeclared.map((one) => asJson(one)),
    },
    parts: [
      line(
        'run ',
        strong(report.run.id),
        ' ',
        word(report.run.status),
        dim(` in ${span(durationOf(report.run))}, started ${moment(report.run.startedAt)}`),
      ),
      stepsTable(report.executions, report.notStarted),
      ...(report.run.isTainted
        ? [
            line(
              toned('tainted', 'bad'),
              ': an input changed while a step read it; nothing is cached and no model is registered',
            ),
          ]
        : []),
      ...(report.undeclared ?? []).flatMap(undeclaredParts),
      ...(version === undefined ? [] : [line('registered ', strong(version))]),
      ...(scored === undefined ? [] : [line('scored ', scoresText(scored))]),
      ...(gate === undefined ? [] : gateParts(gate)),
      ...nextStep(result),
    ],
  };
}

function nextStep({ version, gate, failure, isServing, rollbackTo }: PipelineResult): readonly ViewPart[] {
  if (version !== undefined && isServing === true)
    return [
      line(dim(`${version.model}@${version.version} serves already`)),
      ...servingFailure(`${version.model}@${version.version}`, gate, rollbackTo),
    ];
  // A version that could not be judged is not served by promote either.
  if (version === undefined || failure !== undefined || gate?.verdict === 'fail') return [];
  return [line(dim(`to serve it: refit promote ${version.model}@${version.version} --reason "…"`))];
}

const undeclaredParts = ({ step, reads, writes }: UndeclaredUse): readonly ViewPart[] =>
  reads.length + writes.length === 0
    ? [line(toned('declared ', 'good'), strong(step), ' opened nothing that it does not declare')]
    : [
        ...reads.map((path) => line(toned('undeclared ', 'warn'), strong(step), ` reads ${path}`)),
        ...writes.map((path) => line(toned('undeclared ', 'warn'), strong(step), ` writes ${path}`)),
      ];
