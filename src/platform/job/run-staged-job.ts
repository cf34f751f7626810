import { readdirSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenRemote } from '../../domain/ports/remotes.js';
import type { JobTry } from '../../domain/runs/job-files.js';
import { confidedIn, STORE_UNREACHABLE, type StagedSpec, type StagedStart } from '../../domain/runs/staged-job.js';
import { runProcess } from '../processes/run.js';
import { exitCodeOf, handBack, type Patience } from './hand-back.js';
import { makeReady, refuse, specIn } from './make-ready.js';
import { makeScratch, removeScratch, sweepScratch } from './scratch.js';
import { sendLog } from './send-log.js';
import { createStoreSide, type StoreSide } from './store-side.js';
import { type Told, whenTold } from './when-told.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Runs the command of one job on a node that does not see the workspace. Fetches its inputs into a new folder, runs it
 * there, and uploads what it made. Resolves to the exit code for the engine.
 */
export async function runStagedJob(
  start: StagedStart,
  env: Env,
  { openRemote, patience }: { readonly openRemote: OpenRemote; readonly patience?: Patience },
): Promise<number> {
  const restart = Number(env.SLURM_RESTART_COUNT ?? 0);
  const task = confidedIn(env).tasks[Number(env.SLURM_ARRAY_TASK_ID ?? 0)];
  // Slurm did not pass on the variables that refit gave it.
  if (task === undefined) return 1;
  const store = await createStoreSide(start, openRemote);
  if (!store.ok) return STORE_UNREACHABLE;
  const side = store.value(task.task, restart);
  const node = env.SLURMD_NODENAME ?? hostname();
  const order = await side.order();
  if (!order.ok) return STORE_UNREACHABLE;
  // refit has cancelled the job or removed its order.
  if (order.value === undefined) return 0;
  const spec = specIn(order.value, task.sha256);
  if (!spec.ok) return refuse(side, spec.error, { node, isTold: false });
  const current = spec.value.tries[restart];
  if (current === undefined) return 0;
  const claimed = await side.claim(spec.value.inputs);
  if (!claimed.ok) return STORE_UNREACHABLE;
  if (!claimed.value) return 0;
  const parent = spec.value.scratch ?? env.TMPDIR ?? tmpdir();
  sweepScratch(parent);
  const scratch = makeScratch(parent, env.SLURM_JOB_ID ?? '0');
  if (!scratch.ok) return refuse(side, scratch.error, { node, isTold: false });
  const told = whenTold(side, scratch.value);
  try {
    const ended = await work(side, { spec: spec.value, current, root: scratch.value, env, node, told, patience });
    if (!ended.isKept) removeScratch(scratch.value);
    return ended.exitCode;
  } finally {
    told.stop();
  }
}

interface Job {
  readonly spec: StagedSpec;
  readonly current: JobTry;
  /** The folder that the command sees as its workspace. */
  readonly root: string;
  readonly env: Env;
  readonly node: string;
  readonly told: Told;
  readonly patience: Patience | undefined;
}

/** `isKept`: this node has the only copy of what the command made. */
async function work(side: StoreSide, job: Job): Promise<{ readonly exitCode: number; readonly isKept: boolean }> {
  const { spec, current, root, node, told } = job;
  const ready = await makeReady(side, job);
  if (!ready.ok) {
    const isTold = told.signal.aborted;
    return { exitCode: isTold ? 1 : await refuse(side, ready.error, { node, isTold }), isKept: false };
  }
  const { env, masked } = confidedIn(job.env);
  const logPath = join(root, current.logPath);
  const log = sendLog(side, logPath);
  const ended = await runProcess(
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
  const handed = await handBack(side, { ...job, log, ended, isLasting: true });
  if (handed === 'unwanted') return { exitCode: exitCodeOf(ended), isKept: false };
  return handed;
}

/** What Slurm tells a job: its devices, and where it runs. */
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
