import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { StagingProblem } from '../../domain/runs/staging-problem.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { reasonOf } from '../../domain/support/system-error.js';

/** A folder with this file in it holds the only copy of some outputs. */
const KEPT = '.refit-kept';
/** The folder of a job that runs is touched every few seconds. */
const STALE_MS = 24 * 3_600_000;

/**
 * Makes a new folder for a job. Its name holds the job, the host and the process, so that a sweep can tell whether it is
 * in use.
 */
export function makeScratch(parent: string, job: string): Result<string, StagingProblem> {
  try {
    return ok(mkdtempSync(join(parent, `refit-job-${job}-${hostname()}-${process.pid}-`)));
  } catch (error) {
    return err({ doing: 'fetch', path: 'the folder of the job', cause: 'disk', reason: reasonOf(error) });
  }
}

/** Keeps the folder from being swept. */
export function keepScratch(folder: string): void {
  try {
    writeFileSync(join(folder, KEPT), '');
  } catch {
    // The disk is full. The folder is still kept for at least a day.
  }
}

/** A folder that cannot be removed is left: the result of the job is already reported. */
export function removeScratch(folder: string): void {
  try {
    makeWritable(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // It is swept later.
  }
}

/** Files in a read-only folder cannot be removed, even by its owner. */
function makeWritable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
}

/** Removes folders of jobs that were killed on this machine. */
export function sweepScratch(parent: string): void {
  let names: readonly string[];
  try {
    names = readdirSync(parent);
  } catch {
    return;
  }
  for (const name of names) {
    const [, host, pid] = /^refit-job-[^-]*-(.+)-(\d+)-[^-]{6}$/.exec(name) ?? [];
    if (host === hostname() && !isThere(Number(pid)) && isStale(join(parent, name))) removeScratch(join(parent, name));
  }
}

function isStale(folder: string): boolean {
  try {
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.() || Date.now() - found.mtimeMs < STALE_MS) return false;
    return statSync(join(folder, KEPT), { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH';
  }
}
