import type { MetricPoint, Run, RunTrigger } from '../../domain/runs/run.js';
import type { RunFacts, StepFacts } from '../../domain/runs/run-facts.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { Bodies } from './facets.js';
import { gateTests } from './gate-tests.js';

/** Facets known at the start of the run. They are part of both events. */
export const runBodies = ({ run, decision }: RunFacts): Bodies => ({
  nominalTime: { nominalStartTime: toIso(run.now) },
  executionParameters: parametersOf(run.params),
  processing_engine: engineOf(run),
  tags: {
    tags: Object.entries({ trigger: run.trigger.kind, actor: run.actor, profile: run.profile }).flatMap(
      ([key, value]) => (value === undefined ? [] : [{ key, value, source: 'refit' }]),
    ),
  },
  refit_run: {
    run: run.id,
    trigger: triggerOf(run.trigger),
    code: {
      commit: run.code.commit ?? null,
      dirty: run.code.isDirty,
      diff: run.code.diff ?? null,
      untracked: run.code.untracked,
    },
    environment: { host: run.environment.host, platform: run.environment.platform, tools: run.environment.tools },
    decision: decision?.id ?? null,
  },
});

/** Facets known at the end of the run. */
export function endBodies(facts: RunFacts): Bodies {
  const { run, made } = facts;
  const verdicts = made.flatMap(({ gate }) => (gate === undefined ? [] : [gate]));
  const scores = made.flatMap(({ evaluation }) => Object.entries(evaluation?.metrics ?? {}));
  return {
    refit_run: { ...runBodies(facts).refit_run, status: run.status, tainted: run.isTainted },
    test: verdicts.length === 0 ? undefined : { tests: verdicts.flatMap(gateTests) },
    refit_metrics: metricsOf(scores.map(([key, value]) => ({ key, value }))),
  };
}

export const stepBodies = ({ params, env, execution }: StepFacts, run: Run): Bodies => ({
  nominalTime: { nominalStartTime: toIso(run.now) },
  executionParameters: parametersOf(params),
  environmentVariables:
    Object.keys(env).length === 0
      ? undefined
      : { environmentVariables: Object.entries(env).map(([name, value]) => ({ name, value })) },
  processing_engine: engineOf(run),
  refit_step: {
    run: run.id,
    step: execution.step,
    role: execution.role ?? null,
    reasons: execution.reasons.map(({ code, detail }) => ({ code, detail })),
  },
});

export function stepEndBodies(step: StepFacts, run: Run, failureText: (failure: JsonObject) => string): Bodies {
  const { execution, metrics, fingerprint } = step;
  const last = execution.attempts.at(-1)?.outcome;
  return {
    refit_step: {
      ...stepBodies(step, run).refit_step,
      status: execution.status,
      attempts: execution.attempts.length,
      exitCode: last?.kind === 'exited' ? last.exitCode : null,
      fingerprint: fingerprint ?? null,
    },
    refit_metrics: metricsOf(metrics),
    errorMessage:
      execution.failure === undefined
        ? undefined
        : { message: failureText(execution.failure), programmingLanguage: 'SHELL' },
  };
}

const parametersOf = (params: Readonly<Record<string, Json>>): JsonObject | undefined =>
  Object.keys(params).length === 0
    ? undefined
    : {
        parameters: Object.entries(params).map(([key, value]) => ({
          key,
          // The standard allows only strings.
          value: typeof value === 'string' ? value : JSON.stringify(value),
        })),
      };

const engineOf = ({ environment }: Run): JsonObject => ({
  name: 'refit',
  version: environment.tools.refit ?? 'unknown',
});

const triggerOf = ({ kind, measured, threshold, detail }: RunTrigger): JsonObject => ({
  kind,
  measured: measured ?? null,
  threshold: threshold ?? null,
  detail: detail ?? null,
});

/** The last value of each metric. The registry keeps the series. */
function metricsOf(points: readonly MetricPoint[]): JsonObject | undefined {
  if (points.length === 0) return undefined;
  const last = new Map(points.map((point) => [point.key, point]));
  return {
    metrics: [...last.values()].map(({ key, value, step }) => ({
      key,
      value,
      step,
    })),
  };
}
