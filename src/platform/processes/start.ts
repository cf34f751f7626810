import { type ChildProcess, spawn } from 'node:child_process';
import { identityOf } from './identity.js';
import { notStarted, outcomeOf, type Started } from './started.js';

/** What a process is started with; `fd`: where both of its streams go. */
export interface StartRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly fd: number;
}

/** Starts a process as a child of this one; resolves to why there is none, where there is none. */
export async function start({ argv, cwd, env, fd }: StartRequest): Promise<Started | string> {
  const [file = '', ...args] = argv;
  let child: ChildProcess;
  try {
    // a session and group of its own: ended with everything it started, and deaf to the terminal's ^C
    child = spawn(file, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', fd, fd] });
  } catch (error) {
    return notStarted(error instanceof Error ? error : { message: String(error) }, file);
  }
  const exit = new Promise<Awaited<Started['exit']>>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve(outcomeOf(exitCode, signal)));
  });
  if (child.pid !== undefined) return { identity: identityOf(child.pid), exit };
  return new Promise((resolve) => child.once('error', (error) => resolve(notStarted(error, file))));
}
