import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { carries, groupOf, isEnded, ownLine, pids, statOf } from './proc.js';

/** What is ended as a whole. */
export interface Family {
  /** The process group, named by its leader. */
  readonly group?: number;
  /** `NAME=value` of the environment: finds those that left the group (setsid). Costs a look at every process. */
  readonly marks?: readonly string[];
}

const POLL_MS = 20;
/** A killed process is gone at once, unless the kernel waits for a device. */
const AFTER_KILL_MS = 5000;

/** TERM, grace, KILL to all of a family. Resolves when nothing of it runs; gives those that even KILL did not end. */
export async function endFamily(family: Family, graceMs: number): Promise<readonly number[]> {
  signalFamily(family, 'SIGTERM');
  // one that was stopped hears TERM only when it goes on
  signalFamily(family, 'SIGCONT');
  if (await isGone(family, graceMs)) return [];
  await isGone(family, AFTER_KILL_MS, () => signalFamily(family, 'SIGKILL'));
  return living(family);
}

async function isGone(family: Family, withinMs: number, atEachLook?: () => void): Promise<boolean> {
  for (const until = performance.now() + withinMs; ; await delay(POLL_MS)) {
    atEachLook?.();
    if (living(family).length === 0) return true;
    if (performance.now() >= until) return false;
  }
}

/** To everything of a family that runs now. */
export function signalFamily(family: Family, signal: NodeJS.Signals): void {
  const { group, marks } = family;
  const isOwn = group !== undefined && groupOf(statOf(process.pid)) === group;
  if (group !== undefined && !isOwn) send(-group, signal);
  if (marks === undefined && !isOwn) return;
  for (const pid of living(family))
    if (group === undefined || isOwn || groupOf(statOf(pid)) !== group) send(pid, signal);
}

/** One cheap question, for the way every step takes. */
export function hasGroup(group: number): boolean {
  return send(-group, 0) && living({ group }).length > 0;
}

/** Pids of a family that run; never this process, nor one it descends from. */
function living({ group, marks }: Family): readonly number[] {
  if (!existsSync('/proc/self/stat')) return group !== undefined && send(-group, 0) ? [group] : [];
  if (group !== undefined && marks === undefined && !send(-group, 0)) return [];
  const own = ownLine();
  return pids().filter((pid) => {
    if (own.has(pid)) return false;
    const stat = statOf(pid);
    if (isEnded(stat)) return false;
    return (group !== undefined && groupOf(stat) === group) || (marks !== undefined && carries(pid, marks));
  });
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  const { stackTraceLimit } = Error;
  // "it has ended" is an error with a stack to Node, asked for after every step
  Error.stackTraceLimit = 0;
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // ESRCH: it has ended. EPERM: it runs and is somebody else's
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
