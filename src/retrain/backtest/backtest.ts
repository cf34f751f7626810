import { createHash } from 'node:crypto';
import { listFiles } from '../../data/datasets/dataset-files.js';
import { warnOfDatasets } from '../../data/datasets/dataset-warnings.js';
import type { BacktestReport } from '../../domain/decisions/backtest.js';
import type { Failure } from '../../domain/failure.js';
import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { MakeScratchWorkspace } from '../../domain/ports/scratch.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { fillScratch } from '../../execute/fill-scratch.js';
import { readInputs } from '../../execute/step-inputs.js';
import { loadPipeline } from '../../pipeline/load-pipeline.js';
import { BACKTESTS, type BacktestOptions, backtestLock } from './backtest-options.js';
import { replayPolicies } from './replay-policies.js';

/**
 * Replays the retraining policy over the pipeline's history with real trainings, beside simpler policies. Works in a
 * workspace of its own below `.refit`, which is kept, because its step cache makes the next replay fast. The real
 * registry, store and serving are not changed.
 */
export async function backtest(
  services: Services,
  makeScratch: MakeScratchWorkspace,
  name: string,
  { waitMs, ...options }: BacktestOptions & { readonly waitMs?: number },
): Promise<Result<BacktestReport, Failure>> {
  const loaded = await loadPipeline(services, name);
  if (!loaded.ok) return loaded;
  const { pipeline } = loaded.value;
  const missing = missingSection(pipeline);
  if (missing !== undefined) return err(missing);
  await warnOfDatasets(services, pipeline, { isNowGiven: true });
  const started = services.clock.monotonicMs();
  const identity = await identify(services, pipeline, options);
  if (!identity.ok) return identity;
  // A second replay would empty the folder that this one works in.
  const lock = await services.locks.lockPipeline(backtestLock(pipeline.name), waitMs);
  if (!lock.ok) return lock;
  try {
    return await replayInside(services, makeScratch, { pipeline, options, identity: identity.value, started });
  } finally {
    lock.value.release();
  }
}

interface Replay {
  readonly pipeline: Pipeline;
  readonly options: BacktestOptions;
  readonly identity: string;
  readonly started: number;
}

async function replayInside(
  services: Services,
  makeScratch: MakeScratchWorkspace,
  { pipeline, options, identity, started }: Replay,
): Promise<Result<BacktestReport, Failure>> {
  const workspace = await makeScratch({ kept: `${BACKTESTS.slice('.refit/'.length)}/${pipeline.name}` });
  const filled = await fillScratch(services, workspace, pipeline, { isJudged: true });
  if (!filled.ok) return filled;
  const opened = await workspace.open();
  if (!opened.ok) return opened;
  await using inside = opened.value;
  const memo = `backtest ${pipeline.name} ${options.everyMs}`;
  const known = inside.memo.read(memo, identity) as BacktestReport | undefined;
  const took = (): number => services.clock.monotonicMs() - started;
  if (known !== undefined) return ok({ ...known, isCached: true, durationMs: took() });
  const replayed = await replayPolicies(inside, pipeline, options);
  if (!replayed.ok) return replayed;
  const report: BacktestReport = { ...replayed.value, isCached: false, durationMs: took() };
  // A failure may be due to the machine, and an interrupted replay is incomplete. Neither is cached.
  const isWhole =
    !services.signal.aborted && report.policies.every(({ ticks }) => ticks.every((one) => one.outcome !== 'failed'));
  if (isWhole) inside.memo.write(memo, identity, report);
  return ok(report);
}

function missingSection(pipeline: Pipeline): Failure | undefined {
  const base = { code: 'section-missing' as const, pipeline: pipeline.file, command: 'backtest' };
  if (pipeline.model?.evaluate === undefined)
    return {
      ...base,
      section: 'model.evaluate',
      lines:
        'model:\n  evaluate: { run: "node evaluate.js ${{ model.path }} ${{ evaluation.path }}", inputs: [evaluate.js, work/test.csv] }',
    };
  return pipeline.retrain === undefined ? { ...base, section: 'retrain', lines: 'retrain: weekly' } : undefined;
}

/** Hashes everything that determines a replay: the pipeline, its code, its data and the options. */
async function identify(
  services: Services,
  pipeline: Pipeline,
  options: BacktestOptions,
): Promise<Result<string, Failure>> {
  const made = new Set(pipeline.steps.flatMap((step) => step.outputs.map((output) => output.path as string)));
  const asked = [...pipeline.steps.map((step) => step.inputs ?? []), pipeline.model?.evaluate?.inputs ?? []].flat();
  const code = asked.filter((one) => one.kind !== 'dataset' && !(one.kind === 'path' && made.has(one.path)));
  const parts = await readInputs(services, 'backtest', code, new Map());
  if (!parts.ok) return parts;
  const files = (await Promise.all(pipeline.datasets.map((one) => listFiles(services, one)))).flat();
  const hashes = await services.artifacts.hash([...new Set(files)]);
  const { text, params, datasets } = pipeline;
  const excluded = datasets.map((one) => one.excluded ?? []);
  const data = [...hashes].map(([path, one]) => [path, one.hash]);
  return ok(
    createHash('sha256')
      .update(JSON.stringify([2, text, params, excluded, parts.value.parts, data, options]))
      .digest('hex'),
  );
}
