import { createHash } from 'node:crypto';
import type { ResolvedDataset } from '../domain/data/dataset.js';
import { apart, type Failure } from '../domain/failure.js';
import type { ContentHash, RunId, WorkspacePath } from '../domain/ids.js';
import type { Evaluation, ModelVersion } from '../domain/models/model.js';
import type { EvaluateSpec, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { baseName } from '../domain/support/paths.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { type Instant, roundDown } from '../domain/support/time.js';
import { resolveCommand } from '../execute/attempt/command.js';
import { withoutSecrets } from '../execute/attempt/environment.js';
import { failureOf, runCommand } from '../execute/attempt/run-command.js';
import { type RawEvaluation, readEvaluation } from '../execute/metrics/evaluation-file.js';
import { readInputs } from '../execute/step-inputs.js';

export interface EvaluationContext {
  readonly pipeline: Pipeline;
  readonly spec: EvaluateSpec;
  /** The run whose inputs in the workspace both models are scored on. */
  readonly run: RunId;
  readonly now: Instant;
  readonly datasets: ReadonlyMap<string, ResolvedDataset>;
}

/** The scores of one version, not yet recorded. */
export interface ScoredVersion {
  readonly evaluation: Omit<Evaluation, 'id'>;
  /** Whether the table of predictions lay in the workspace, where another evaluation would write it too. */
  readonly isInWorkspace: boolean;
}

/** Scores one version from a restored copy. */
export async function scoreVersion(
  services: Services,
  version: ModelVersion,
  context: EvaluationContext,
): Promise<Result<ScoredVersion, Failure>> {
  services.emit({ type: 'phase', text: `scoring ${version.model}@${version.version}` });
  const inputs = await readInputs(services, 'evaluate', context.spec.inputs, context.datasets);
  if (!inputs.ok) return inputs;
  const scratch = await services.files.makeScratch('evaluate');
  try {
    const modelPath = `${scratch}/model/${baseName(version.path)}` as WorkspacePath;
    const restored = await services.artifacts.restore(version.hash, modelPath);
    if (!restored.ok) return restored;
    const ran = await runEvaluate(services, version, { ...context, scratch, modelPath, words: inputs.value.words });
    if (!ran.ok) return ran;
    return await scoredVersion(services, version, context, {
      raw: ran.value,
      scratch,
      dataHash: hashOf(inputs.value.parts),
    });
  } finally {
    await services.files.remove(scratch);
  }
}

/** The joint hash of the data that `evaluate` would read now: its inputs in the workspace. */
export async function hashEvaluationData(
  services: Services,
  { spec, datasets }: Pick<EvaluationContext, 'spec' | 'datasets'>,
): Promise<Result<ContentHash, Failure>> {
  const inputs = await readInputs(services, 'evaluate', spec.inputs, datasets);
  return inputs.ok ? ok(hashOf(inputs.value.parts)) : inputs;
}

const hashOf = (parts: Readonly<Record<string, string>>): ContentHash =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex') as ContentHash;

interface Scoring extends EvaluationContext {
  readonly scratch: WorkspacePath;
  readonly modelPath: WorkspacePath;
  readonly words: readonly (readonly string[])[];
}

async function runEvaluate(
  services: Services,
  version: ModelVersion,
  { pipeline, spec, run, now, datasets, scratch, modelPath, words }: Scoring,
): Promise<Result<RawEvaluation, Failure>> {
  const evaluationPath = `${scratch}/evaluation.json`;
  const logPath = `.refit/logs/${run}/evaluate-${version.model}@${version.version}.log`;
  await services.files.makeFolder(`.refit/logs/${run}`);
  const params = Object.fromEntries(spec.params.map((name) => [name, pipeline.params[name]]));
  await services.files.writeText(paramsFile(scratch), `${JSON.stringify(params)}\n`);
  const result = await runCommand(services, {
    argv: resolveCommand(spec.command, {
      params: pipeline.params,
      inputs: words,
      datasets: Object.fromEntries([...datasets].map(([name, one]) => [name, one.files])),
      now: roundDown(now, pipeline.nowRoundingMs),
      runId: run,
      modelPath,
      evaluationPath,
    }),
    env: {
      ...withoutSecrets(pipeline, services.surroundings.env()),
      REFIT_RUN_ID: run,
      REFIT_STEP: 'evaluate',
      REFIT_PARAMS: services.files.absolute(paramsFile(scratch)),
    },
    environment: pipeline.environment,
    logPath,
    timeoutMs: spec.timeoutMs,
  });
  const step = `evaluate of ${version.model}@${version.version}`;
  const failure = failureOf(result, { step, logPath, timeoutMs: spec.timeoutMs });
  if (failure !== undefined) return err(apart(failure));
  const text = await services.files.readText(evaluationPath);
  const label = `${version.model}@${version.version}`;
  if (!text.ok)
    return err({
      code: 'evaluation-invalid',
      version: label,
      path: '${{ evaluation.path }}',
      problem: 'evaluate did not write it',
    });
  const parsed = readEvaluation(text.value);
  return parsed.ok
    ? parsed
    : err({ code: 'evaluation-invalid', version: label, path: '${{ evaluation.path }}', problem: parsed.error });
}

interface Scored {
  readonly raw: RawEvaluation;
  readonly scratch: WorkspacePath;
  readonly dataHash: ContentHash;
}

async function scoredVersion(
  services: Services,
  version: ModelVersion,
  { run }: EvaluationContext,
  { raw, scratch, dataHash }: Scored,
): Promise<Result<ScoredVersion, Failure>> {
  const label = `${version.model}@${version.version}`;
  const table =
    raw.predictions === undefined
      ? ok(undefined)
      : await savePredictions(services, { path: raw.predictions, scratch, label });
  if (!table.ok) return table;
  const evaluation: Omit<Evaluation, 'id'> = {
    version: { model: version.model, version: version.version },
    run,
    dataHash,
    metrics: raw.metrics,
    unusable: raw.unusable,
    slices: raw.slices,
    evaluatedAt: services.clock.now(),
    predictions: table.value?.hash,
  };
  return ok({ evaluation, isInWorkspace: table.value?.isInWorkspace ?? false });
}

/** Times of files are compared with this margin, because workspace and scratch folder may lie on different disks. */
const COARSE_MS = 2000;

/**
 * Stores the predictions file. A relative path is looked up beside the evaluation file first, then in the workspace.
 * There it must be younger than the evaluation: an older table holds the predictions of another version.
 */
async function savePredictions(
  { files, artifacts }: Services,
  { path, scratch, label }: { readonly path: string; readonly scratch: WorkspacePath; readonly label: string },
): Promise<Result<{ readonly hash: ContentHash; readonly isInWorkspace: boolean }, Failure>> {
  const relative = path.startsWith(`${files.root}/`) ? path.slice(files.root.length + 1) : path;
  const beside = `${scratch}/${relative}`;
  const isBeside = !relative.startsWith('/') && (await files.stat(beside)) !== undefined;
  const found = isBeside ? beside : relative;
  if (found.startsWith('/')) return err({ code: 'path-outside-workspace', path });
  const stat = await files.stat(found);
  const started = await files.stat(paramsFile(scratch));
  const problem =
    stat === undefined
      ? 'there is no such file, neither beside it nor in the workspace'
      : !isBeside && stat.mtimeMs + COARSE_MS < (started?.mtimeMs ?? 0)
        ? 'this evaluation did not write that file: it is older, so it belongs to another version'
        : undefined;
  if (problem !== undefined)
    return err({
      code: 'evaluation-invalid',
      version: label,
      path: '${{ evaluation.path }}',
      problem: `"predictions" names ${path}, and ${problem}`,
    });
  const saved = await artifacts.save(found as WorkspacePath);
  return saved.ok
    ? ok({ hash: saved.value.hash, isInWorkspace: !isBeside && !found.startsWith(`${scratch}/`) })
    : saved;
}

/** Written just before the command starts, so its time is the start of the evaluation. */
const paramsFile = (scratch: WorkspacePath): string => `${scratch}/params.json`;
