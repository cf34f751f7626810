import { execFile } from 'node:child_process';

export interface Captured {
  /** `undefined`: it could not be started, was ended by a signal, or said too much. */
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
}

const MOST_BYTES = 64 * 1024 * 1024;

/** Runs a short program to its end and keeps what it says; for questions to git and interpreters, not for steps. */
export const capture = (
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Captured> =>
  new Promise((resolve) => {
    const { cwd, timeoutMs = 0, env } = options;
    const asked = {
      maxBuffer: MOST_BYTES,
      timeout: timeoutMs,
      cwd,
      env: env === undefined ? undefined : { ...process.env, ...env },
    };
    const child = execFile(file, args, asked, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      resolve({ stdout, stderr, ...(typeof exitCode === 'number' ? { exitCode } : {}) });
    });
    child.stdin?.end();
  });
