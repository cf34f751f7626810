import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContainerEngine } from '../../domain/pipeline/container.js';
import type { ProcessResult, ProcessSpec } from '../../domain/ports/platform.js';
import { ENGINE_FAILED, engineCall, hasRemovedItself } from '../../domain/runs/engine-call.js';
import type { JobContainer, JobTry } from '../../domain/runs/job-files.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { capture } from '../processes/capture.js';
import { runProcess } from '../processes/run.js';

type Env = Readonly<Record<string, string>>;

export interface InContainer {
  readonly container: JobContainer;
  readonly current: JobTry;
  /** Tries of the same job before this one. */
  readonly former: readonly JobTry[];
  readonly node: string;
  /** Of this try. */
  readonly variables: Env;
  /** Of the engine that runs the job. */
  readonly ofTheEngine: Env;
}

export type EndedContainer = ProcessResult & { readonly failure?: Failure };

/** Runs the command of a step in its image, with the engine of this node. `command.env`: what the engine needs. */
export async function runInContainer(command: ProcessSpec, job: InContainer): Promise<EndedContainer> {
  const { container, node } = job;
  const engine = container.engines.find((name) => isOnPath(name, command.env));
  if (engine === undefined) {
    const { step, image, engines } = container;
    const only = engines.length === 1 ? engines[0] : undefined;
    return failed({ code: 'container-engine-missing', step, image, engine: only, node });
  }
  const found = engine === 'apptainer' ? ok(fileOf(container)) : await storedImage(engine, command, job);
  if (!found.ok) return command.signal?.aborted === true ? CANCELLED : failed(found.error);
  const call = engineCall({
    ...container,
    engine,
    image: found.value,
    name: nameOf(container, job.current),
    argv: command.argv,
    root: command.cwd,
    open: { ...container.open, ...job.variables },
    inherited: { ...container.inherited, ...job.ofTheEngine },
  });
  const inEngine = { ...command, argv: call.argv, env: { ...command.env, ...call.env } };
  // The container is a child of this program, and ends with its process group.
  if (engine === 'apptainer') return runProcess(inEngine, new Set());
  // One that Slurm has killed before it could end its container would write to the same outputs.
  for (const one of job.former) await remove(engine, nameOf(container, one), command.env);
  const result = await runProcess(inEngine, new Set());
  if (!hasRemovedItself(result.outcome)) await remove(engine, nameOf(container, job.current), command.env);
  return withFailure(result, engine, job);
}

const CANCELLED: EndedContainer = { outcome: { kind: 'cancelled' }, tail: [], durationMs: 0 };

const failed = (failure: Failure): EndedContainer => ({
  outcome: { kind: 'not-started', reason: failure.code },
  tail: [],
  durationMs: 0,
  failure,
});

const nameOf = ({ namePrefix }: JobContainer, { number }: JobTry): string => `${namePrefix}-${number}`;

/** Apptainer takes an image from a registry by itself, and keeps what it has pulled. */
const fileOf = ({ file, image }: JobContainer): string =>
  file ?? (/^\w+:\/\//.test(image) ? image : `docker://${image}`);

function isOnPath(program: string, { PATH = '' }: Env): boolean {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

const LAST_LINES = 20;

/** What the engine here knows the image by, which it pulls if it has to: the very image that refit has found, or that the digest names. */
async function storedImage(
  engine: ContainerEngine,
  { env, signal }: ProcessSpec,
  { container: { image, id }, node }: InContainer,
): Promise<Result<string, Failure>> {
  const wanted = id ?? image;
  const idOf = async (name: string): Promise<string | undefined> => {
    const { exitCode, stdout } = await capture(engine, ['image', 'inspect', '--format', '{{.Id}}', name], {
      env,
      signal,
    });
    return exitCode === 0 ? /\b[0-9a-f]{64}\b/.exec(stdout)?.[0] : undefined;
  };
  const here = await idOf(wanted);
  if (here !== undefined) return ok(here);
  const pulled = await capture(engine, ['pull', image], { env, signal });
  const now = await idOf(wanted);
  if (now !== undefined) return ok(now);
  const other = pulled.exitCode === 0 ? await idOf(image) : undefined;
  const tail =
    other === undefined
      ? pulled.stderr.split('\n').filter(Boolean).slice(-LAST_LINES)
      : [`there it is ${other}, where the run began it was ${wanted}: name it by its digest (name@sha256:…)`];
  return err({ code: 'image-unavailable', image, engine, node, tail });
}

/** The engine may hang. */
const REMOVAL_MS = 60_000;

async function remove(engine: ContainerEngine, name: string, env: Env): Promise<void> {
  // A signal can reach the engine before it passes signals on. The step hears a TERM all the same; removal only kills.
  await capture(engine, ['stop', '--time=5', name], { env, timeoutMs: REMOVAL_MS });
  await capture(engine, ['rm', '--force', name], { env, timeoutMs: REMOVAL_MS });
}

/** 125 is a fault of the engine, as a rule. */
function withFailure(
  result: ProcessResult,
  engine: ContainerEngine,
  { container: { step, image }, current: { logPath }, node }: InContainer,
): EndedContainer {
  const { outcome, tail } = result;
  if (outcome.kind !== 'exited' || outcome.exitCode !== ENGINE_FAILED) return result;
  return { ...result, failure: { code: 'container-not-started', step, image, engine, node, logPath, tail } };
}
