import type { Failure } from '../../domain/failure.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { MetricPoint } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { parseMetrics } from './metrics.js';

/** Reads the step's metrics file, and what it wrote to REFIT_METRICS (the file `appended`). */
export async function readStepMetrics(
  services: Pick<Services, 'files' | 'emit'>,
  step: Step,
  appended: string,
): Promise<Result<readonly MetricPoint[], Failure>> {
  let points: readonly MetricPoint[] = [];
  for (const path of [step.metricsPath, appended]) {
    if (path === undefined || (await services.files.stat(path)) === undefined) continue;
    const text = await services.files.readText(path);
    if (!text.ok) return text;
    const parsed = parseMetrics(path, text.value);
    const shown = path === step.metricsPath ? path : 'REFIT_METRICS';
    if (!parsed.ok) return err({ code: 'metrics-invalid', step: step.name, path: shown, ...parsed.error });
    points = points.concat(parsed.value.points);
    for (const { key, is } of parsed.value.skipped)
      services.emit({
        type: 'warning',
        code: 'metric-skipped',
        text: `step ${step.name}: "${key}" in ${shown} is ${is}, so it is not recorded as a metric; write a number`,
      });
  }
  return ok(points);
}
