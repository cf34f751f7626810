import type { ResolvedDataset } from '../../domain/data/dataset.js';
import { apart, type Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type Instant, roundDown } from '../../domain/support/time.js';
import { resolveImages } from '../containers/resolve-images.js';
import { failureInImage, runStepCommand } from '../containers/run-step-command.js';
import { resolveCommand } from './command.js';
import { stepEnvironment } from './environment.js';
import { failureOf } from './run-command.js';

export interface ScratchOptions {
  readonly datasets: ReadonlyMap<string, ResolvedDataset>;
  readonly now: Instant;
}

export interface ScratchOutputs {
  /** The caller removes it. */
  readonly scratch: WorkspacePath;
  /** From declared path to the path that was written instead. */
  readonly outputs: ReadonlyMap<WorkspacePath, WorkspacePath>;
}

/** Nothing is continued here, and nothing is left for a later run. */
const CHECKPOINT = '.checkpoint';

/** Runs one step with its outputs redirected. Records nothing and changes nothing in the workspace. */
export async function runStepInScratch(
  services: Services,
  pipeline: Pipeline,
  step: Step,
  options: ScratchOptions,
): Promise<Result<ScratchOutputs, Failure>> {
  const environment = stepEnvironment(pipeline, step, services.surroundings.variables(), services.surroundings.env());
  if (!environment.ok) return environment;
  const images = await resolveImages(services, [step]);
  if (!images.ok) return images;
  const launch = { pipeline, step, images: images.value };
  const scratch = await services.files.makeScratch('prepare');
  const outputs = step.outputs.map((output) => ({ ...output, path: `${scratch}/${output.path}` as WorkspacePath }));
  for (const output of outputs) await services.files.makeFolder(output.path.slice(0, output.path.lastIndexOf('/')));
  await services.files.makeFolder(`${scratch}/${CHECKPOINT}`);
  const params = Object.fromEntries(step.params.map((name) => [name, pipeline.params[name]]));
  await services.files.writeText(`${scratch}/params.json`, `${JSON.stringify(params)}\n`);
  const logPath = `.refit/logs/scratch/${step.name}.log`;
  const result = await runStepCommand(services, launch, {
    argv: resolveCommand(step.command, {
      params: pipeline.params,
      inputs: (step.inputs ?? []).map((input) =>
        input.kind === 'dataset'
          ? (options.datasets.get(input.name)?.files ?? [])
          : input.kind === 'path'
            ? [input.path]
            : [],
      ),
      outputs,
      datasets: Object.fromEntries([...options.datasets].map(([name, one]) => [name, one.files])),
      matrix: step.matrix,
      now: roundDown(options.now, pipeline.nowRoundingMs),
    }),
    env: {
      ...environment.value.env,
      REFIT_STEP: step.name,
      REFIT_PARAMS: services.files.absolute(`${scratch}/params.json`),
      REFIT_METRICS: services.files.absolute(`${scratch}/metrics.jsonl`),
      REFIT_RESUME: '0',
      ...(step.checkpoint === undefined
        ? {}
        : { REFIT_CHECKPOINT: services.files.absolute(`${scratch}/${CHECKPOINT}`) }),
    },
    environment: step.environment,
    masked: environment.value.masked,
    logPath,
    timeoutMs: step.timeoutMs,
  });
  const failure =
    failureInImage(failureOf(result, { step: step.name, logPath, timeoutMs: step.timeoutMs }), launch) ??
    (await missingOutput(services, step, { outputs, logPath }));
  if (failure === undefined)
    return ok({
      scratch,
      outputs: new Map(step.outputs.map((output, i) => [output.path, outputs[i]?.path ?? output.path])),
    });
  await services.files.remove(scratch);
  return err(apart(failure));
}

async function missingOutput(
  { files }: Services,
  step: Step,
  { outputs, logPath }: { readonly outputs: Step['outputs']; readonly logPath: string },
): Promise<Failure | undefined> {
  for (const output of outputs)
    if ((await files.stat(output.path)) === undefined)
      return { code: 'output-missing', step: step.name, path: output.path, logPath };
  return undefined;
}
