import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContainerEngine } from '../../domain/pipeline/container.js';
import type { ProcessResult, ProcessSpec } from '../../domain/ports/platform.js';
import { ENGINE_FAILED, engineCall, hasRemovedItself } from '../../domain/runs/engine-call.js';
import { type JobContainer, type JobTry, jobFiles, type NodeContainer } from '../../domain/runs/job-files.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { writeDurably } from '../durable-files.js';
import { capture } from '../processes/capture.js';
import { runProcess } from '../processes/run.js';

type Env = Readonly<Record<string, string>>;

export interface InContainer {
  readonly container: JobContainer;
  readonly current: JobTry;
  /** Of the jobs of the run. */
  readonly folder: string;
  readonly node: string;
  /** Of this try. */
  readonly variables: Env;
  /** Of the engine that runs the job. */
  readonly ofTheEngine: Env;
  /** Of an earlier attempt, whose container has ended. */
  readonly removeOutputs: () => void;
}

export type EndedContainer = ProcessResult & { readonly failure?: Failure };

/** Runs the command of a step in its image, with the container engine of this node. `command.env`: variables of the engine. */
export async function runInContainer(command: ProcessSpec, job: InContainer): Promise<EndedContainer> {
  const { container, node } = job;
  const engine = container.engines.find((name) => isOnPath(name, command.env));
  if (engine === undefined) {
    const { step, image, engines } = container;
    const only = engines.length === 1 ? engines[0] : undefined;
    return failed({
      code: 'container-engine-missing',
      step,
      image,
      engine: only,
      engines: only === undefined ? engines : undefined,
      node,
    });
  }
  const ended = engine === 'apptainer' ? ok(undefined) : await endFormer(engine, command, job);
  if (!ended.ok) return failed(ended.error);
  if (job.current.number > 1) job.removeOutputs();
  const found = await (engine === 'apptainer' ? imageFile : storedImage)(engine, command, job);
  if (!found.ok) return command.signal?.aborted === true ? CANCELLED : failed(found.error);
  const call = engineCall({
    ...container,
    engine,
    image: found.value,
    name: nameOf(container, job.current.number),
    argv: command.argv,
    root: command.cwd,
    open: { ...container.open, ...job.variables },
    inherited: { ...container.inherited, ...job.ofTheEngine },
  });
  const inEngine = { ...command, argv: call.argv, env: { ...command.env, ...call.env } };
  // The container is a child of this program, and ends with its process group.
  if (engine === 'apptainer') return runProcess(inEngine, new Set());
  const { number } = job.current;
  const name = nameOf(container, number);
  const record: NodeContainer = { name, engine, node, step: container.step, number };
  await writeDurably(recordPath(job, name), `${JSON.stringify(record)}\n`);
  const result = await runProcess(inEngine, new Set());
  const isGone = hasRemovedItself(result.outcome) || (await remove(engine, name, command.env));
  if (isGone) rmSync(recordPath(job, name), { force: true });
  return withFailure(result, engine, job);
}

const CANCELLED: EndedContainer = { outcome: { kind: 'cancelled' }, tail: [], durationMs: 0 };

const failed = (failure: Failure): EndedContainer => ({
  outcome: { kind: 'not-started', reason: failure.code },
  tail: [],
  durationMs: 0,
  failure,
});

const nameOf = ({ namePrefix }: JobContainer, number: number): string => `${namePrefix}-${number}`;

const recordPath = ({ folder }: InContainer, name: string): string => join(folder, jobFiles.container(name));

/**
 * Ends the containers of all earlier attempts on this node, also those of other jobs. If a program was killed before it
 * could end its container, that container would write to the same outputs.
 */
async function endFormer(
  engine: ContainerEngine,
  { env }: ProcessSpec,
  job: InContainer,
): Promise<Result<void, Failure>> {
  const { container, current, node } = job;
  const names = Array.from({ length: current.number - 1 }, (_, i) => nameOf(container, i + 1));
  if (names.length === 0) return ok(undefined);
  const asked = ['ps', '--all', '--filter', `name=${container.namePrefix}`, '--format', '{{.Names}}'];
  const { exitCode, stdout } = await capture(engine, asked, { env, timeoutMs: REMOVAL_MS });
  // If the engine does not answer, any of them may still be there.
  const there = new Set(exitCode === 0 ? stdout.split('\n').map((line) => line.trim()) : names);
  for (const name of names) {
    if (there.has(name)) {
      if (!(await remove(engine, name, env))) return err(notEnded(engine, name, job));
    } else if (nodeOf(recordPath(job, name)) !== node) continue;
    rmSync(recordPath(job, name), { force: true });
  }
  return ok(undefined);
}

function nodeOf(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as NodeContainer).node;
  } catch {
    return undefined;
  }
}

const notEnded = (
  engine: ContainerEngine,
  name: string,
  { container: { step, image }, current: { logPath }, node }: InContainer,
): Failure => ({
  code: 'container-not-started',
  ...{ step, image, engine, node, logPath },
  tail: [`the container ${name} of an earlier attempt cannot be ended`],
});

/** The file that Apptainer runs. One that comes from a registry is pulled first, once for all nodes. */
async function imageFile(
  engine: ContainerEngine,
  { env, signal }: ProcessSpec,
  { container: { file, pulledFile = '', image }, node }: InContainer,
): Promise<Result<string, Failure>> {
  if (file !== undefined) return ok(file);
  if (existsSync(pulledFile)) return ok(pulledFile);
  mkdirSync(dirname(pulledFile), { recursive: true });
  // Another node may pull the same image at the same time, and a killed job leaves a partial file.
  const half = pulledFile.replace(/\.sif$/, `.${randomUUID()}.part.sif`);
  try {
    const from = /^\w+:\/\//.test(image) ? image : `docker://${image}`;
    const pulled = await capture(engine, ['pull', half, from], { env, signal });
    if (pulled.exitCode === 0 && existsSync(half)) {
      renameSync(half, pulledFile);
      return ok(pulledFile);
    }
    return err({ code: 'image-unavailable', image, engine, node, tail: lastLines(pulled.stderr) });
  } finally {
    rmSync(half, { force: true });
  }
}

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

const lastLines = (text: string): readonly string[] => text.split('\n').filter(Boolean).slice(-LAST_LINES);

/**
 * The id of the image in this node's engine, which pulls it if necessary. It is exactly the image that refit resolved, or
 * that the digest names.
 */
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
      ? lastLines(pulled.stderr)
      : [`there it is ${other}, where the run began it was ${wanted}: name it by its digest (name@sha256:…)`];
  return err({ code: 'image-unavailable', image, engine, node, tail });
}

/** The engine may hang. */
const REMOVAL_MS = 60_000;

/** False if the container may still be there. */
async function remove(engine: ContainerEngine, name: string, env: Env): Promise<boolean> {
  // A signal may reach the engine before the engine forwards signals. So the step is sent TERM here: removal would only kill
  // it.
  await capture(engine, ['stop', '--time=5', name], { env, timeoutMs: REMOVAL_MS });
  const { exitCode, stderr } = await capture(engine, ['rm', '--force', name], { env, timeoutMs: REMOVAL_MS });
  return exitCode === 0 || /no such container/i.test(stderr);
}

/** Exit code 125 usually means that the engine failed, not the command. */
function withFailure(
  result: ProcessResult,
  engine: ContainerEngine,
  { container: { step, image }, current: { logPath }, node }: InContainer,
): EndedContainer {
  const { outcome, tail } = result;
  if (outcome.kind !== 'exited' || outcome.exitCode !== ENGINE_FAILED) return result;
  return { ...result, failure: { code: 'container-not-started', step, image, engine, node, logPath, tail } };
}
