import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { type OutputTarget, openLog } from './output-target.js';
import { type Child, logUnwritable, notStarted, outcomeOf } from './started.js';

/** What a process is started with. */
export interface StartRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly target: OutputTarget;
}

/** Starts a process as a child of this one; resolves to why there is none, where there is none. */
export async function start({ target, ...request }: StartRequest): Promise<Child | string> {
  if ('fd' in target) return startWith(target.fd, request);
  let log: number;
  try {
    log = openLog(target.logPath);
  } catch (error) {
    return logUnwritable(error);
  }
  try {
    return await startWith(log, request);
  } finally {
    closeSync(log);
  }
}

async function startWith(fd: number, { argv, cwd, env }: Omit<StartRequest, 'target'>): Promise<Child | string> {
  const [file = '', ...args] = argv;
  let child: ChildProcess;
  try {
    // a session and group of its own: ended with everything it started, and deaf to the terminal's ^C
    child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', fd, fd] });
  } catch (error) {
    return notStarted(error instanceof Error ? error : { message: String(error) }, file);
  }
  const exit = new Promise<Awaited<Child['exit']>>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve(outcomeOf(exitCode, signal)));
  });
  if (child.pid !== undefined) return { pid: child.pid, exit };
  return new Promise((resolve) => child.once('error', (error) => resolve(notStarted(error, file))));
}
