import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { FingerprintParts } from '../domain/pipeline/plan.js';
import type { Services } from '../domain/ports/services.js';
import type { Deviation, StepReproduction } from '../domain/runs/reproduction.js';
import type { Run, StepExecution } from '../domain/runs/run.js';
import type { RunReport } from '../domain/runs/run-report.js';
import { inOrder } from '../execute/plan/select-steps.js';

type Values = Readonly<Record<string, string | number>>;

/** Names whose values are not the same on both sides. */
export function deviations(kind: Deviation['kind'], recorded: Values, now: Values): readonly Deviation[] {
  return [...new Set([...Object.keys(recorded), ...Object.keys(now)])].flatMap((name): readonly Deviation[] => {
    const [was, is] = [recorded[name], now[name]];
    if (was === is) return [];
    return [{ kind, name, recorded: was, now: is }];
  });
}

/** A step that came out as it was recorded. */
export const isSame = ({ result }: StepReproduction): boolean => result === 'same';

interface Comparison {
  /** Where the run was recorded, and the scratch workspace where it was made again. */
  readonly services: Pick<Services, 'registry'>;
  readonly inside: Pick<Services, 'registry'>;
  readonly pipeline: Pipeline;
  readonly recorded: Run;
  readonly report: RunReport;
}

/** Every step of the recorded run beside its repetition, in an order in which they can run: the first that differs is to blame. */
export function compareSteps({
  services,
  inside,
  pipeline,
  recorded,
  report,
}: Comparison): readonly StepReproduction[] {
  const before = lookAt(services, recorded, services.registry.runs.executions(recorded.id));
  const after = lookAt(inside, report.run, report.executions);
  const failures = new Map(report.failures.flatMap((failure) => ('step' in failure ? [[failure.step, failure]] : [])));
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

/** Values of `now` and of the run's own id are named among the inputs; the place where outputs lie is not. */
const inputsOf = (parts: FingerprintParts | undefined): Values =>
  Object.fromEntries(Object.entries(parts ?? {}).filter(([name]) => !name.startsWith('output:')));

function lookAt({ registry }: Pick<Services, 'registry'>, run: Run, executions: readonly StepExecution[]) {
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
