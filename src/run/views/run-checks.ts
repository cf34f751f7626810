import type { Check } from '../../domain/check.js';
import type { PipelineResult } from '../../domain/decisions/retrain-report.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { StepStatus } from '../../domain/runs/run.js';
import { gateChecks } from '../../gate/views/gate-checks.js';

const GOOD: readonly StepStatus[] = ['succeeded', 'restored', 'skipped'];

/** Every step of a run, and the gate's verdict on its model. A step that failed has been reported as a failure. */
export function runChecks({ report, gate }: PipelineResult, pipeline: Pipeline): readonly Check[] {
  const group = `${pipeline.name}: steps`;
  const placeOf = (step: string): Check['at'] => pipeline.steps.find(({ name }) => name === step)?.at;
  return [
    ...report.executions.map(({ step, status, startedAt, finishedAt }) => ({
      group,
      name: step,
      outcome: GOOD.includes(status) ? ('pass' as const) : ('fail' as const),
      detail: status,
      at: placeOf(step),
      isTold: true,
      durationMs: finishedAt === undefined ? undefined : finishedAt - startedAt,
    })),
    ...report.notStarted.map(({ step, status }) => ({
      group,
      name: step,
      outcome: 'skipped' as const,
      detail: status,
      at: placeOf(step),
    })),
    ...(gate === undefined ? [] : gateChecks(pipeline, gate)),
  ];
}
