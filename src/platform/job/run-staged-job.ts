import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenRemote } from '../../domain/ports/remotes.js';
import type { JobTry } from '../../domain/runs/job-files.js';
import type { ProcessOutcome } from '../../domain/runs/run.js';
import {
  confidedIn,
  STORE_UNREACHABLE,
  type StagedResult,
  type StagedSpec,
  type StagedStart,
} from '../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../domain/runs/staging-problem.js';
import { runProcess } from '../processes/run.js';
import { onThisDisk, writeTree } from '../staging/write-tree.js';
import { sendLog } from './send-log.js';
import { createStoreSide, type StoreSide } from './store-side.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Runs the command of one job on a node that does not see the workspace: fetches what it reads into a new folder, runs it there, and
 * puts what it made back. Resolves to the exit code for the engine.
 */
export async function runStagedJob(start: StagedStart, env: Env, openRemote: OpenRemote): Promise<number> {
  const restart = Number(env.SLURM_RESTART_COUNT ?? 0);
  const store = await createStoreSide(start, openRemote);
  const task = store.ok ? await store.value.taskAt(start.batch, Number(env.SLURM_ARRAY_TASK_ID ?? 0)) : store;
  if (!store.ok || !task.ok) return STORE_UNREACHABLE;
  if (task.value === undefined) return 0;
  const side = store.value.of(task.value, restart);
  // refit has ended the work, or has taken it back.
  const spec = await side.spec();
  if (!spec.ok) return STORE_UNREACHABLE;
  const current = spec.value?.tries[restart];
  if (spec.value === undefined || current === undefined) return 0;
  const claimed = await side.claim();
  if (!claimed.ok) return STORE_UNREACHABLE;
  if (!claimed.value) return 0;
  const scratch = onDisk(() => mkdtempSync(join(spec.value?.scratch ?? env.TMPDIR ?? tmpdir(), 'refit-job-')));
  const node = env.SLURMD_NODENAME ?? hostname();
  if (!scratch.ok) return finish(side, notStarted(scratch.error, { node, isTold: false }));
  try {
    return await work(side, { spec: spec.value, current, root: scratch.value, env, node });
  } finally {
    rmSync(scratch.value, { recursive: true, force: true });
  }
}

/** The result of a job whose command could not be started. */
const notStarted = (problem: StagingProblem, more: Pick<StagedResult, 'node' | 'isTold'>): StagedResult => ({
  ...{ durationMs: 0, outputs: [], problem, ...more },
  outcome: { kind: 'not-started', reason: `${problem.path}: ${problem.reason}` },
});

interface Job {
  readonly spec: StagedSpec;
  readonly current: JobTry;
  /** The folder that stands for the workspace. */
  readonly root: string;
  readonly env: Env;
  readonly node: string;
}

type Side = ReturnType<StoreSide['of']>;

async function work(side: Side, job: Job): Promise<number> {
  const { spec, current, root, node } = job;
  const told = whenTold(side);
  const ready = await makeReady(side, job);
  if (!ready.ok) {
    told.stop();
    return finish(side, notStarted(ready.error, { node, isTold: told.signal.aborted }));
  }
  const { env, masked } = confidedIn(job.env);
  const logPath = join(root, current.logPath);
  const log = sendLog(side, logPath);
  const { outcome, durationMs } = await runProcess(
    {
      argv: spec.argv,
      cwd: root,
      env: { ...env, ...spec.env, ...ofTheEngine(job.env), ...variables(job) },
      logPath,
      masked,
      timeoutMs: spec.timeoutMs,
      signal: told.signal,
    },
    new Set(),
  );
  await log.end();
  told.stop();
  const ended = { outcome, isTold: outcome.kind === 'cancelled', durationMs, node };
  const put = await putBack(side, job, outcome);
  return finish(side, put.ok ? { ...ended, ...put.value } : { ...ended, outputs: [], problem: put.error });
}

/** Fetches what the command reads, and the checkpoint of the try before. */
async function makeReady(side: Side, { spec, current, root }: Job) {
  const former = spec.checkpoint === undefined ? undefined : await side.formerCheckpoint(spec.checkpoint);
  if (former?.ok === false) return former;
  const inputs =
    former?.value === undefined
      ? spec.inputs
      : [...spec.inputs.filter(({ path }) => !isAtOrBelow(path, spec.checkpoint ?? '')), ...former.value];
  const written = await writeTree(root, inputs, side.fetch);
  if (!written.ok) {
    await side.dropDamaged(inputs, written.error);
    return written;
  }
  const folders = [...spec.outputs, current.metricsPath].map((path) => join(root, path, '..'));
  return onThisDisk({ doing: 'fetch', path: current.metricsPath }, async () => {
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    if (spec.checkpoint !== undefined) mkdirSync(join(root, spec.checkpoint), { recursive: true });
    return { ok: true, value: undefined } as const;
  });
}

const isAtOrBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Outputs of a command that has succeeded, and the checkpoint of one that has not. */
async function putBack(side: Side, { spec, current, root }: Job, outcome: ProcessOutcome) {
  const isGood = outcome.kind === 'exited' && outcome.exitCode === 0;
  if (!isGood && spec.checkpoint === undefined) return { ok: true, value: { outputs: [] } } as const;
  const put = await side.put(root, isGood ? [...spec.outputs, current.metricsPath] : [spec.checkpoint ?? '']);
  if (!put.ok) return put;
  if (!isGood) return { ok: true, value: { outputs: [], checkpoint: put.value } } as const;
  const metrics = put.value.find(({ path }) => path === current.metricsPath);
  const outputs = put.value.filter((one) => one !== metrics);
  return { ok: true, value: { outputs, ...(metrics === undefined ? {} : { metrics }) } } as const;
}

async function finish(side: Side, result: StagedResult): Promise<number> {
  const told = await side.tell(result);
  return told.ok ? exitCodeOf(result) : STORE_UNREACHABLE;
}

function exitCodeOf({ outcome, problem }: StagedResult): number {
  if (problem !== undefined) return 1;
  if (outcome.kind === 'exited') return outcome.exitCode;
  return outcome.kind === 'not-started' ? 127 : 1;
}

/** How often a job asks the store whether it is still wanted. */
const LOOK_MS = 3000;

/** Aborts on a signal of the engine, when refit has cancelled the job, and when another copy of it has started. */
function whenTold(side: Side) {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  let isAsking = false;
  const look = setInterval(() => {
    if (isAsking) return;
    isAsking = true;
    side.isWanted().then(
      (isWanted) => {
        isAsking = false;
        if (!isWanted) end();
      },
      () => undefined,
    );
  }, LOOK_MS);
  return { signal: controller.signal, stop: (): void => clearInterval(look) };
}

function onDisk<T>(make: () => T) {
  try {
    return { ok: true, value: make() } as const;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const problem: StagingProblem = { doing: 'fetch', path: 'the folder of the job', cause: 'disk', reason };
    return { ok: false, error: problem } as const;
  }
}

/** What Slurm says to a job: which devices are its own, and where it runs. */
const OF_THE_ENGINE = /^(SLURM|CUDA_VISIBLE_DEVICES$|ROCR_VISIBLE_DEVICES$|GPU_DEVICE_ORDINAL$|ZE_AFFINITY_MASK$)/;

const ofTheEngine = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && OF_THE_ENGINE.test(name) ? [[name, value] as const] : [],
    ),
  );

function variables({ spec, current, root }: Job): Record<string, string> {
  const { checkpoint } = spec;
  return {
    ...Object.fromEntries(Object.entries(spec.paths).map(([name, path]) => [name, join(root, path)])),
    PWD: root,
    REFIT_ATTEMPT: String(current.number),
    REFIT_METRICS: join(root, current.metricsPath),
    REFIT_RESUME: checkpoint !== undefined && readdirSync(join(root, checkpoint)).length > 0 ? '1' : '0',
  };
}
