import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessResult } from '../../domain/ports/platform.js';
import { type JobResult, type JobSpec, type JobTry, jobFiles } from '../../domain/runs/job-files.js';
import type { ProcessOutcome } from '../../domain/runs/run.js';
import { writeDurably } from '../durable-files.js';
import { runProcess } from '../processes/run.js';

type Env = Readonly<Record<string, string | undefined>>;

/** How often a job checks whether it is still wanted. Shared file systems show changes of other machines after seconds. */
const LOOK_MS = 1000;
/** How long a restarted job waits for its earlier copy on a node that was cut off. */
const FORMER_COPY_MS = 4 * LOOK_MS;

/**
 * Runs the command of one job on the node that the engine chose. `folder`: the jobs of one run; `batch`: the submission.
 * Resolves to the exit code for the engine.
 */
export async function runJob(folder: string, batch: number, env: Env): Promise<number> {
  const tasks = readFileSync(join(folder, jobFiles.batch(batch)), 'utf8').split('\n');
  const task = tasks[Number(env.SLURM_ARRAY_TASK_ID ?? 0)] ?? '';
  const restart = Number(env.SLURM_RESTART_COUNT ?? 0);
  const specPath = join(folder, jobFiles.spec(task));
  // refit has cancelled the job or removed its order. A job that starts late must not touch the workspace.
  if (task === '' || !existsSync(specPath) || existsSync(join(folder, jobFiles.cancelled(task)))) return 0;
  const spec = JSON.parse(readFileSync(specPath, 'utf8')) as JobSpec;
  const current = spec.tries[restart];
  if (current === undefined) return 0;
  await writeDurably(join(folder, jobFiles.claim(task)), String(restart));
  if (restart > 0) await waitForFormerCopy(join(folder, jobFiles.result(task, restart - 1)));
  const told = whenTold(folder, task, restart);
  const ended = await runCommand(spec, current, { env, signal: told.signal, folder, isAgain: restart > 0 });
  told.stop();
  const { outcome, durationMs, failure } = ended;
  const isTold = outcome.kind === 'cancelled';
  // Refit has removed the job's folder and waits for no result.
  if (!existsSync(join(folder, task))) return exitCodeOf(outcome);
  const result: JobResult = { outcome, isTold, durationMs, node: nodeIn(env), failure };
  await writeDurably(join(folder, jobFiles.result(task, restart)), `${JSON.stringify(result)}\n`);
  // It holds secrets, so it is removed. A requeued job needs it once more.
  if (!isTold || spec.tries.length <= restart + 1) rmSync(specPath, { force: true });
  return exitCodeOf(outcome);
}

const nodeIn = (env: Env): string => env.SLURMD_NODENAME ?? hostname();

interface Started {
  readonly env: Env;
  readonly signal: AbortSignal;
  /** Of the jobs of the run. */
  readonly folder: string;
  /** Slurm has put the job back into its queue. */
  readonly isAgain: boolean;
}

async function runCommand(
  spec: JobSpec,
  current: JobTry,
  { env, signal, folder, isAgain }: Started,
): Promise<ProcessResult & Pick<JobResult, 'failure'>> {
  const { argv, root, masked, timeoutMs, container } = spec;
  const command = { argv, cwd: root, logPath: join(root, current.logPath), masked, timeoutMs, signal };
  const removeOutputs = (): void => {
    for (const path of spec.outputs) rmSync(join(root, path), { recursive: true, force: true });
  };
  if (container === undefined) {
    if (isAgain) removeOutputs();
    return runProcess({ ...command, env: variables(spec, current, env) }, new Set());
  }
  const { runInContainer } = await import('./run-in-container.js');
  return runInContainer(
    { ...command, env: { ...spec.env, ...ofTheNode(env) } },
    {
      container,
      current,
      folder,
      node: nodeIn(env),
      variables: ofThisTry(spec, current),
      ofTheEngine: ofTheEngine(env),
      removeOutputs,
    },
  );
}

/**
 * Waits until an earlier copy of the job has ended. A node that the engine cannot reach may still run it, on the same
 * files. That copy sees the new claim, ends its command and says so. A copy on a dead node never answers, so the wait has
 * a limit.
 */
async function waitForFormerCopy(resultPath: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < FORMER_COPY_MS && !existsSync(resultPath); waitedMs += LOOK_MS / 4)
    await delay(LOOK_MS / 4);
}

/** Aborts on a signal of the engine, when refit has cancelled the job, and when another copy of it has started. */
function whenTold(folder: string, task: string, restart: number) {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  const timer = setInterval(() => {
    if (isUnwanted(folder, task, restart)) end();
  }, LOOK_MS);
  return { signal: controller.signal, stop: (): void => clearInterval(timer) };
}

function isUnwanted(folder: string, task: string, restart: number): boolean {
  try {
    return (
      existsSync(join(folder, jobFiles.cancelled(task))) ||
      readFileSync(join(folder, jobFiles.claim(task)), 'utf8') !== String(restart)
    );
  } catch (error) {
    // The folder was removed. Any other error may be a network fault that passes.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}

/** What Slurm tells a job: its devices, and where it runs. The token is left out: it lets programs talk to the controller. */
const OF_THE_ENGINE =
  /^(SLURM(?!_JWT$)|CUDA_VISIBLE_DEVICES$|ROCR_VISIBLE_DEVICES$|GPU_DEVICE_ORDINAL$|ZE_AFFINITY_MASK$)/;

const ofTheEngine = (outer: Env): Record<string, string> => chosen(outer, OF_THE_ENGINE);

/** For programs that work on the node itself. */
const ofTheNode = (outer: Env): Record<string, string> => chosen(outer, /^(SLURM_CONF|TMPDIR)$/);

const chosen = (outer: Env, names: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(outer).flatMap(([name, value]) =>
      value !== undefined && names.test(name) ? [[name, value] as const] : [],
    ),
  );

const variables = (spec: JobSpec, current: JobTry, outer: Env): Record<string, string> => ({
  ...spec.env,
  ...ofTheEngine(outer),
  ...ofThisTry(spec, current),
});

const ofThisTry = ({ root, checkpoint }: JobSpec, current: JobTry): Record<string, string> => ({
  REFIT_ATTEMPT: String(current.number),
  REFIT_METRICS: join(root, current.metricsPath),
  REFIT_RESUME: checkpoint !== undefined && hasFiles(join(root, checkpoint)) ? '1' : '0',
});

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

function exitCodeOf(outcome: ProcessOutcome): number {
  if (outcome.kind === 'exited') return outcome.exitCode;
  return outcome.kind === 'not-started' ? 127 : 1;
}
