import type { ResolvedDataset } from '../domain/data/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { StepName, WorkspacePath } from '../domain/ids.js';
import type { Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { FingerprintParts, Reason, RememberedExecution } from '../domain/pipeline/plan.js';
import type { Services } from '../domain/ports/services.js';
import type { Artifact } from '../domain/runs/artifact.js';
import type { StepParents } from '../domain/runs/parents.js';
import type { RunOptions } from '../domain/runs/run-report.js';
import { isAtOrBelow } from '../domain/support/paths.js';
import { ok, type Result } from '../domain/support/result.js';
import { roundDown, toIso } from '../domain/support/time.js';
import { parentParts } from '../models/parents.js';
import { parentNames } from '../pipeline/starts-from.js';
import { declaredEnv } from './attempt/environment.js';
import { pathsWritten } from './attempt/outputs.js';
import { keptParents, parentReads, type StartingPoint, stepParents } from './parents/step-parents.js';
import { compareParts } from './plan/compare-parts.js';
import type { StepState } from './plan/decide-step.js';
import { fingerprintOf, fingerprintParts } from './plan/fingerprint.js';
import { packagesOf } from './step-environments.js';
import { inputsOf, type ListedInputs, listInputs, type StepInputs, whyMissing } from './step-inputs.js';

export interface StepContext {
  readonly parents: StartingPoint;
  readonly pipeline: Pipeline;
  readonly options: RunOptions;
  readonly datasets: ReadonlyMap<string, ResolvedDataset>;
  /** Empty in a plan. */
  readonly runId: string;
  /** What the registry had recorded for every step when the command started. */
  readonly remembered: ReadonlyMap<StepName, RememberedExecution>;
  /** From the name of an image to its id: what the engine says, or in a plan what the last run found. */
  readonly imageIds: ReadonlyMap<string, string>;
}

export interface KnownStep {
  readonly state: StepState;
  readonly inputs: StepInputs;
  /** The models that it starts from. */
  readonly parents: StepParents;
}

/** Paths of a step's inputs and outputs with their content hashes in the workspace. */
export interface StepContent {
  readonly listed: Result<ListedInputs, Failure>;
  readonly hashes: ReadonlyMap<WorkspacePath, Artifact>;
}

/** Lists and hashes for many steps at once, with a single call to the store. */
export async function readContents(
  services: Pick<Services, 'files' | 'artifacts' | 'registry'>,
  steps: readonly Step[],
  context: Omit<StepContext, 'options' | 'imageIds' | 'parents'>,
): Promise<ReadonlyMap<StepName, StepContent>> {
  const listed = new Map<StepName, StepContent['listed']>();
  const paths = new Set<WorkspacePath>();
  for (const step of steps) {
    const inputs = await listInputs(services, step.name, step.inputs ?? [], context.datasets);
    listed.set(step.name, inputs);
    for (const path of pathsWritten(step)) paths.add(path);
    for (const { path } of inputs.ok ? inputs.value.files : []) paths.add(path);
  }
  const hashes = await services.artifacts.hash([...paths], { written: writtenHere(services, context) });
  return new Map([...listed].map(([name, one]) => [name, { listed: one, hashes }]));
}

/**
 * Outputs of steps that have run here, and in a run of all steps: their commands, which are trusted, may put them on another
 * disk.
 */
function writtenHere(
  { registry }: Pick<Services, 'registry'>,
  { pipeline, remembered, runId }: Pick<StepContext, 'pipeline' | 'remembered' | 'runId'>,
): ReadonlySet<WorkspacePath> {
  const hasRun = ({ name }: Step): boolean =>
    runId !== '' || remembered.has(name) || registry.runs.lastSuccess(pipeline.name, name) !== undefined;
  return new Set(pipeline.steps.filter(hasRun).flatMap(pathsWritten));
}

/** Everything needed to decide a step whose inputs are in the workspace: hashes, recorded facts, stored results. */
export async function loadStepState(
  services: Services,
  step: Step,
  context: StepContext,
  content?: StepContent,
): Promise<Result<KnownStep, Failure>> {
  const { listed, hashes } = content ?? (await readContents(services, [step], context)).get(step.name) ?? NO_CONTENT;
  if (!listed.ok) return listed;
  const inputs = inputsOf(step.name, listed.value, hashes);
  if (!inputs.ok) return whyMissing(services, inputs);
  const parts = step.inputs === undefined ? ok({}) : partsOf(services, step, inputs.value, context);
  if (!parts.ok) return parts;
  const parents = parentsOf(services, step, context, parts.value);
  if (!parents.ok) return parents;
  const all = step.inputs === undefined ? undefined : { ...parts.value, ...parentParts(parents.value) };
  const uses = [...inputs.value.uses, ...parentReads(parents.value)];
  return ok({
    state: await recall(services, step, context, { parts: all, hashes }),
    inputs: { ...inputs.value, uses },
    parents: parents.value,
  });
}

/** A retrain takes the champion's own result where nothing but the champion has changed since it was trained. */
function parentsOf(
  services: Services,
  step: Step,
  { pipeline, options, parents }: StepContext,
  parts: FingerprintParts,
): Result<StepParents, Failure> {
  if (parentNames(step).length === 0) return ok(new Map());
  const isKept = options.keepsParents === true && options.isFromZero !== true;
  const kept = isKept ? keptParents(services, step, { parents, parts }) : undefined;
  return kept === undefined ? stepParents(services, step, { pipeline, options, parents }) : ok(kept);
}

const NO_CONTENT: StepContent = { listed: ok({ files: [], words: [], cuts: {} }), hashes: new Map() };

/** The same for a step whose inputs do not exist yet because an upstream step will run. */
export const predictStepState = (
  services: Services,
  step: Step,
  context: StepContext,
  { hashes, runningUpstream }: Pick<StepContent, 'hashes'> & Pick<StepState, 'runningUpstream'>,
): Promise<StepState> => recall(services, step, context, { hashes }).then((state) => ({ ...state, runningUpstream }));

/** What has changed in a step besides the files that its upstream steps write: command, params, environment, other inputs. */
export function ownChangesOf(
  services: Services,
  step: Step,
  context: StepContext,
  { last, hashes }: { readonly last: StepState['last']; readonly hashes: StepContent['hashes'] },
): readonly Reason[] {
  const parts = last === undefined ? undefined : partsOf(services, step, { parts: {} }, context);
  if (last === undefined || parts?.ok !== true) return [];
  const made = context.pipeline.steps.flatMap(pathsWritten);
  const isMade = (path: string): boolean => made.some((one) => isAtOrBelow(path, one));
  const isOwn = ([key]: readonly [string, string]): boolean =>
    !key.startsWith('dataset') &&
    !key.startsWith('value:') &&
    !(key.startsWith('input:') && isMade(key.slice('input:'.length)));
  const before = Object.entries(last.parts).filter(isOwn);
  const inputs = before
    .filter(([key]) => key.startsWith('input:'))
    .map(([key, was]) => [key, hashes.get(key.slice('input:'.length) as WorkspacePath)?.hash ?? was]);
  const parents = stepParents(services, step, context);
  const now = { ...parts.value, ...(parents.ok ? parentParts(parents.value) : {}), ...Object.fromEntries(inputs) };
  return compareParts(Object.fromEntries(before), now);
}

async function recall(
  services: Services,
  step: Step,
  context: StepContext,
  { parts, hashes }: { readonly parts?: FingerprintParts | undefined; readonly hashes: StepContent['hashes'] },
): Promise<StepState> {
  const remembered = context.remembered.get(step.name);
  const fingerprint = parts === undefined ? undefined : fingerprintOf(parts);
  // With a recorded result, earlier executions do not matter.
  const last = remembered ?? services.registry.runs.lastSuccess(context.pipeline.name, step.name);
  const outputs = pathsWritten(step).flatMap((path) => {
    const hash = hashes.get(path)?.hash;
    return hash === undefined ? [] : [[path, hash] as const];
  });
  const isInPlace =
    remembered !== undefined &&
    remembered.fingerprint === fingerprint &&
    remembered.outputs.every((output) => hashes.get(output.path)?.hash === output.hash);
  const stored = fingerprint === undefined || isInPlace ? undefined : await findStored(services, step, fingerprint);
  return {
    parts,
    remembered,
    last,
    stored,
    outputs: Object.fromEntries(outputs),
    isForced: isForced(step, context.options),
    runningUpstream: [],
  };
}

const isForced = (step: Step, { force }: RunOptions): boolean =>
  force === 'all' || (force ?? []).some((name) => name === step.name || name === step.declaredName);

function partsOf(
  services: Services,
  step: Step,
  inputs: Pick<StepInputs, 'parts'>,
  { pipeline, options, runId, imageIds }: StepContext,
): Result<FingerprintParts, Failure> {
  const env = declaredEnv(step, services.surroundings.variables());
  if (!env.ok) return env;
  const packages = packagesOf(services, step);
  if (!packages.ok) return packages;
  const { since } = options.trigger;
  return ok(
    fingerprintParts(step, {
      params: Object.fromEntries(step.params.map((name) => [name, JSON.stringify(pipeline.params[name])])),
      env: env.value,
      inputs: inputs.parts,
      platform: services.surroundings.platform(),
      imageId: step.image === undefined ? undefined : imageIds.get(step.image),
      packages: packages.value,
      now: toIso(roundDown(options.now, pipeline.nowRoundingMs)),
      since: since === undefined ? '' : toIso(since),
      runId,
    }),
  );
}

/** A result can be restored only if all of its outputs are in the store. */
async function findStored(
  services: Services,
  step: Step,
  fingerprint: ReturnType<typeof fingerprintOf>,
): Promise<RememberedExecution | undefined> {
  const found = services.registry.runs.withFingerprint(fingerprint);
  if (found === undefined) return undefined;
  for (const path of pathsWritten(step)) {
    const output = found.outputs.find((one) => one.path === path);
    if (output === undefined || !(await services.artifacts.has(output.hash))) return undefined;
  }
  return found;
}
