import { constants, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Where both streams of a process go, in one place so that their order is the real one: what is open already, or a file
 * that is opened by whoever starts the process.
 */
export type OutputTarget = { readonly fd: number } | { readonly logPath: string };

const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;

/** Begins a log anew. Throws Node's errors. */
export function openLog(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644);
  }
}
