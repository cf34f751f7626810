import type { Failure } from '../../domain/failure.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import type { MetricPoint } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type MetricsProblem, parseMetrics } from './metrics.js';

/**
 * Reads the step's metrics files, and what it wrote to REFIT_METRICS (the file `appended`). A metric that stands in two files fails,
 * because it would not be known which of them counts.
 */
export async function readStepMetrics(
  services: Pick<Services, 'files' | 'emit'>,
  step: Step,
  appended: string,
): Promise<Result<readonly MetricPoint[], Failure>> {
  const points: MetricPoint[] = [];
  const writtenTo = new Map<string, string>();
  for (const path of [...step.metricsPaths, appended]) {
    if ((await services.files.stat(path)) === undefined) continue;
    const text = await services.files.readText(path);
    if (!text.ok) return text;
    const parsed = parseMetrics(path, text.value);
    const shown = path === appended ? 'REFIT_METRICS' : path;
    const invalid = (fault: MetricsProblem) =>
      err({ code: 'metrics-invalid' as const, step: step.name, path: shown, ...fault });
    if (!parsed.ok) return invalid(parsed.error);
    for (const point of parsed.value.points) {
      const other = writtenTo.get(point.key);
      if (path !== appended && other !== undefined && other !== path)
        return invalid({ key: point.key, problem: `${other} has a metric of this name too` });
      writtenTo.set(point.key, path);
      points.push(point);
    }
    for (const { key, is } of parsed.value.skipped)
      services.emit({
        type: 'warning',
        code: 'metric-skipped',
        text: `step ${step.name}: "${key}" in ${shown} is ${is}, so it is not recorded as a metric; write a number`,
      });
  }
  return ok(points);
}
