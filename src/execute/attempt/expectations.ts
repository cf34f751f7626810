import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { ExpectedOutput } from '../../domain/pipeline/expectations.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Artifact } from '../../domain/runs/artifact.js';
import type { MetricPoint } from '../../domain/runs/run.js';

export interface Made {
  readonly metrics: readonly MetricPoint[];
  /** Content of the outputs that have expectations. */
  readonly outputs: ReadonlyMap<WorkspacePath, Artifact>;
}

/** The first expectation of the step that is not met. Metrics are finite here; others fail when they are read. */
export function unmetExpectation(step: Step, made: Made): Failure | undefined {
  for (const [metric, { min, max }] of Object.entries(step.expect?.metrics ?? {})) {
    const value = made.metrics.findLast((point) => point.key === metric)?.value;
    const isMet = value !== undefined && (min === undefined || value >= min) && (max === undefined || value <= max);
    if (!isMet)
      return {
        code: 'expectation-failed',
        step: step.name,
        metric,
        value,
        min,
        max,
      };
  }
  for (const expected of step.expect?.outputs ?? []) {
    const problem = outputProblem(expected, made.outputs);
    if (problem !== undefined)
      return { code: 'output-unexpected', step: step.name, output: expected.key, path: expected.path, ...problem };
  }
  return undefined;
}

function outputProblem({ path, isNotEmpty, sha256 }: ExpectedOutput, outputs: Made['outputs']) {
  const artifact = outputs.get(path);
  if (artifact === undefined) throw new Error(`internal error: output ${path} was not hashed`);
  if (isNotEmpty === true && artifact.size === 0) return { problem: 'empty' as const };
  if (sha256 === undefined || artifact.hash === sha256) return undefined;
  return { problem: 'sha256' as const, expected: sha256, found: artifact.hash };
}
