import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { RunOptions } from '../domain/runs/run-report.js';
import { ok, type Result } from '../domain/support/result.js';
import { executePipeline } from '../execute/execute-pipeline.js';
import { planPipeline } from '../execute/plan-pipeline.js';
import { championOf } from '../models/champion.js';
import { canStartWarm } from '../pipeline/starts-from.js';

/**
 * Where the gate compares with a model from zero: trains that one first, so that the candidate's files are what lies in the
 * workspace afterwards. Its version is registered, and never judged. Nothing is done where the candidate is from zero itself, or
 * where it is fresh: then nothing has changed since both were trained. Gives why the candidate's steps run, which cannot be told
 * afterwards.
 */
export async function trainFromZero(
  services: Services,
  pipeline: Pipeline,
  options: RunOptions,
): Promise<Result<RunOptions['reasons'], Failure>> {
  const isAsked = (pipeline.model?.gate ?? []).some(
    (rule) => rule.kind === 'metric' && rule.against.includes('scratch'),
  );
  const isPart = options.until !== undefined || options.only !== undefined || options.from !== undefined;
  if (!isAsked || isPart || options.isFromZero === true || !canStartWarm(pipeline.steps)) return ok(undefined);
  if (options.parents !== undefined || championOf(services, pipeline, options) === undefined) return ok(undefined);
  const plan = await planPipeline(services, pipeline, options);
  if (!plan.ok) return plan;
  if (plan.value.steps.every((step) => step.action === 'skip')) return ok(undefined);
  services.emit({ type: 'phase', text: 'training from zero, to compare with' });
  const executed = await executePipeline(services, pipeline, { ...options, isFromZero: true });
  if (!executed.ok) return executed;
  const { run } = executed.value;
  if (run.status === 'succeeded' && !run.isTainted) {
    const { registerModel } = await import('../gate/register-model.js');
    registerModel(services, pipeline, executed.value);
  } else
    services.emit({
      type: 'warning',
      code: 'scratch-failed',
      text: `the training from zero, to compare with, ${run.status === 'succeeded' ? 'is tainted' : run.status} (run ${run.id}): the candidate is not compared with it; see refit show ${run.id}`,
    });
  return ok(new Map(plan.value.steps.map((step) => [step.name, step.reasons])));
}
