import { apart } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { FingerprintParts } from '../domain/pipeline/plan.js';
import type { Services } from '../domain/ports/services.js';
import type { Deviation, StepReproduction } from '../domain/runs/reproduction.js';
import type { Run, StepExecution } from '../domain/runs/run.js';
import type { RunReport } from '../domain/runs/run-report.js';
import { inOrder } from '../execute/plan/select-steps.js';

type Values = Readonly<Record<string, string | number>>;

/** Names whose recorded and current values differ. */
export function deviations(kind: Deviation['kind'], recorded: Values, now: Values): readonly Deviation[] {
  return [...new Set([...Object.keys(recorded), ...Object.keys(now)])].flatMap((name): readonly Deviation[] => {
    const [was, is] = [recorded[name], now[name]];
    if (was === is) return [];
    return [{ kind, name, recorded: was, now: is }];
  });
}

/** Whether the step gave the recorded result. */
export const isSame = ({ result }: StepReproduction): boolean => result === 'same';

interface Comparison {
  /** Services of the workspace where the run was recorded; `scratch` has those of the copy where it was repeated. */
  readonly services: Pick<Services, 'registry'>;
  readonly inside: Pick<Services, 'registry'>;
  readonly pipeline: Pipeline;
  readonly recorded: Run;
  readonly report: RunReport;
}

/** Compares every recorded step with its repetition, in execution order: the first that differs is the cause. */
export function compareSteps({
  services,
  inside,
  pipeline,
  recorded,
  report,
}: Comparison): readonly StepReproduction[] {
  const before = resultsByStep(services, recorded, services.registry.runs.executions(recorded.id));
  const after = resultsByStep(inside, report.run, report.executions);
  const failures = new Map(
    report.failures.flatMap((failure) => ('step' in failure ? [[failure.step, apart(failure)]] : [])),
  );
  return inOrder(pipeline.steps).flatMap(({ name }): readonly StepReproduction[] => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === undefined) return [];
    if (is === undefined) return [{ step: name, result: 'not-run', deviations: [] }];
    const failure = failures.get(name);
    if (is.status !== 'succeeded' && is.status !== 'skipped' && is.status !== 'restored')
      return [{ step: name, result: 'failed', deviations: [], failure }];
    const results = [
      ...deviations('output', was.outputs, is.outputs),
      ...deviations('metric', was.metrics, is.metrics),
    ];
    if (results.length === 0) return [{ step: name, result: 'same', deviations: [] }];
    return [{ step: name, result: 'differs', deviations: [...deviations('input', was.parts, is.parts), ...results] }];
  });
}

/** Fingerprint inputs, including `now` and the run id, but not the paths of outputs. */
const inputsOf = (parts: FingerprintParts | undefined): Values =>
  Object.fromEntries(Object.entries(parts ?? {}).filter(([name]) => !name.startsWith('output:')));

function resultsByStep({ registry }: Pick<Services, 'registry'>, run: Run, executions: readonly StepExecution[]) {
  const { runs } = registry;
  const parts = runs.partsOf(run.id);
  return new Map(
    executions.map((execution) => [
      execution.step,
      {
        status: execution.status,
        parts: inputsOf(parts.get(execution.step)?.parts),
        outputs: Object.fromEntries(runs.uses(execution.id).writes.map((use) => [use.path, use.artifact.hash])),
        metrics: Object.fromEntries(
          runs
            .metrics(execution.id)
            .map((point) => [`${point.key}${point.step === undefined ? '' : `@${point.step}`}`, point.value]),
        ),
      },
    ]),
  );
}
