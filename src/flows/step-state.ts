import type { ResolvedDataset } from '../domain/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline, Step } from '../domain/pipeline.js';
import type { FingerprintParts, RememberedExecution } from '../domain/plan.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/result.js';
import type { RunOptions } from '../domain/run-report.js';
import { roundDown, toIso } from '../domain/time.js';
import { declaredEnv } from '../execute/environment.js';
import { pathsWritten } from '../execute/outputs.js';
import type { StepState } from '../plan/decide-step.js';
import { fingerprintOf, fingerprintParts } from '../plan/fingerprint.js';
import { readInputs, type StepInputs } from './step-inputs.js';

export interface StepContext {
  readonly pipeline: Pipeline;
  readonly options: RunOptions;
  readonly datasets: ReadonlyMap<string, ResolvedDataset>;
  readonly runId: string;
}

export interface KnownStep {
  readonly state: StepState;
  readonly inputs: StepInputs;
}

/** Everything that decides a step whose inputs lie in the workspace: hashes, what is remembered, what is stored. */
export async function loadStepState(
  services: Services,
  step: Step,
  context: StepContext,
): Promise<Result<KnownStep, Failure>> {
  const inputs = await readInputs(services, step.name, step.inputs ?? [], context.datasets);
  if (!inputs.ok) return inputs;
  const parts = step.inputs === undefined ? ok(undefined) : partsOf(services, step, inputs.value, context);
  if (!parts.ok) return parts;
  const state = await recall(services, step, context, parts.value);
  return ok({ state, inputs: inputs.value });
}

/** The same for a step whose inputs are not there yet, because an upstream step will run. */
export const predictStepState = (
  services: Services,
  step: Step,
  context: StepContext,
  runningUpstream: readonly string[],
): Promise<StepState> => recall(services, step, context, undefined).then((state) => ({ ...state, runningUpstream }));

async function recall(
  services: Services,
  step: Step,
  context: StepContext,
  parts: FingerprintParts | undefined,
): Promise<StepState> {
  const { runs } = services.registry;
  const { name } = context.pipeline;
  const remembered = runs.remembered(name, step.name);
  const last = runs.lastSuccess(name, step.name);
  const stored = parts === undefined ? undefined : await findStored(services, step, parts);
  const hashes = await services.artifacts.hash(pathsWritten(step));
  return {
    ...(parts === undefined ? {} : { parts }),
    ...(remembered === undefined ? {} : { remembered }),
    ...(last === undefined ? {} : { last }),
    ...(stored === undefined ? {} : { stored }),
    outputs: Object.fromEntries([...hashes].map(([path, artifact]) => [path, artifact.hash])),
    isForced: isForced(step, context.options),
    runningUpstream: [],
  };
}

const isForced = (step: Step, { force }: RunOptions): boolean =>
  force === 'all' || (force ?? []).some((name) => name === step.name || name === step.declaredName);

function partsOf(
  services: Services,
  step: Step,
  inputs: StepInputs,
  { pipeline, options, runId }: StepContext,
): Result<FingerprintParts, Failure> {
  const env = declaredEnv(step, services.surroundings.env());
  if (!env.ok) return env;
  const { since } = options.trigger;
  return ok(
    fingerprintParts(step, {
      params: Object.fromEntries(step.params.map((name) => [name, JSON.stringify(pipeline.params[name])])),
      env: env.value,
      inputs: inputs.parts,
      platform: services.surroundings.platform(),
      now: toIso(roundDown(options.now, pipeline.nowRoundingMs)),
      since: since === undefined ? '' : toIso(since),
      runId,
    }),
  );
}

/** A result can be brought back only when every one of its outputs is in the store. */
async function findStored(
  services: Services,
  step: Step,
  parts: FingerprintParts,
): Promise<RememberedExecution | undefined> {
  const found = services.registry.runs.withFingerprint(fingerprintOf(parts));
  if (found === undefined) return undefined;
  for (const path of pathsWritten(step)) {
    const output = found.outputs.find((one) => one.path === path);
    if (output === undefined || !(await services.artifacts.has(output.hash))) return undefined;
  }
  return found;
}
