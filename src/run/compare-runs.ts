import type { StepName } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { RunReport } from '../domain/runs/run-report.js';
import type { TestProblem } from '../domain/runs/test-report.js';
import { inOrder } from '../execute/plan/select-steps.js';

export interface Comparison {
  readonly compared: readonly StepName[];
  readonly problems: readonly TestProblem[];
}

/**
 * Compares the outputs of two runs step by step: the same inputs must give the same bytes. A step with different inputs
 * is not compared, so only the step at fault is reported. A step that does not declare its inputs is compared only
 * while no difference was found. A metrics file that is not an output may contain times and is not compared.
 */
export function compareRuns(
  services: Pick<Services, 'registry'>,
  pipeline: Pipeline,
  first: RunReport,
  second: RunReport,
): Comparison {
  const [before, after] = [succeededSteps(services, first), succeededSteps(services, second)];
  const compared: StepName[] = [];
  const problems: TestProblem[] = [];
  for (const step of inOrder(pipeline.steps)) {
    const [one, other] = [before.get(step.name), after.get(step.name)];
    if (one === undefined || other === undefined) continue;
    const isSame = one.fingerprint !== undefined && one.fingerprint === other.fingerprint;
    if (step.inputs === undefined ? problems.length > 0 : !isSame) continue;
    compared.push(step.name);
    for (const { path } of step.outputs) {
      const [was, is] = [one.outputs.get(path), other.outputs.get(path)];
      if (was !== undefined && is !== undefined && was !== is)
        problems.push({ code: 'not-repeatable', step: step.name, output: path, before: was, after: is });
    }
  }
  return { compared, problems };
}

/** The steps of a run that succeeded, with their fingerprints and outputs. */
function succeededSteps(services: Pick<Services, 'registry'>, { run, executions }: RunReport) {
  const { runs } = services.registry;
  const parts = runs.partsOf(run.id);
  const ended = executions.filter((execution) => execution.status === 'succeeded');
  return new Map(
    ended.map((execution) => [
      execution.step,
      {
        fingerprint: parts.get(execution.step)?.fingerprint,
        outputs: new Map(runs.uses(execution.id).writes.map((use) => [use.path as string, use.artifact.hash])),
      },
    ]),
  );
}
