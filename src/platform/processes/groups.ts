import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { carries, groupOf, isEnded, ownLine, pids, pidsSince, startedAt, statOf } from './proc.js';

/** Processes that are ended together. */
export interface Family {
  /** The process group, named by its leader. */
  readonly group?: number;
  /** `NAME=value` of the environment: finds processes that left the group (setsid). Reads the environment of every process. */
  readonly marks?: readonly string[];
  /** `NAME=value`: processes that carry all of these are not part of it. */
  readonly except?: readonly string[];
  /** Start of the first of them, in clock ticks since boot: the environment of older processes is not read. */
  readonly since?: number;
}

/** Linux. */
const hasProc = existsSync('/proc/self/stat');

const POLL_MS = 20;
/** A killed process ends at once, unless the kernel waits for a device. */
const AFTER_KILL_MS = 5000;

/** Sends TERM, waits, then sends KILL. Resolves when none of the family runs, or to the pids that even KILL did not end. */
export async function endFamily(family: Family, graceMs: number): Promise<readonly number[]> {
  signalFamily(family, 'SIGTERM');
  // a stopped process receives TERM only after it continues
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

/** Sends a signal to every process of the family that runs now. */
export function signalFamily(family: Family, signal: NodeJS.Signals): void {
  const { group, marks } = family;
  const isOwn = group !== undefined && groupOf(statOf(process.pid)) === group;
  if (group !== undefined && !isOwn) send(-group, signal);
  if (marks === undefined && !isOwn) return;
  for (const pid of living(family))
    if (group === undefined || isOwn || groupOf(statOf(pid)) !== group) send(pid, signal);
}

interface AfterItsEnd {
  /** Its leader was started a few seconds ago at most. */
  readonly isYoung: boolean;
  /** The families that run now: their leaders belong to no other. */
  readonly running: ReadonlySet<Family>;
}

/** Whether any process of the family runs although its leader has ended. Asked after every step. */
export function hasLiving(family: Family, { isYoung, running }: AfterItsEnd): boolean {
  const leaders = new Set([family, ...running].map(({ group }) => group));
  const candidates = (): readonly number[] =>
    isYoung && family.group !== undefined ? pidsSince(family.group) : pids();
  return living(family, () => candidates().filter((pid) => !leaders.has(pid))).length > 0;
}

/** Pids of the family that run. Never includes this process or one of its ancestors. */
function living(
  { group, marks, except, since = 0 }: Family,
  candidates: () => readonly number[] = pids,
): readonly number[] {
  if (!hasProc) return group !== undefined && send(-group, 0) ? [group] : [];
  if (group !== undefined && marks === undefined && !send(-group, 0)) return [];
  const found = candidates().filter((pid) => {
    const stat = statOf(pid);
    if (isEnded(stat)) return false;
    if (group !== undefined && groupOf(stat) === group) return true;
    return (
      marks !== undefined &&
      startedAt(stat) >= since &&
      carries(pid, marks) &&
      !(except !== undefined && carries(pid, except))
    );
  });
  if (found.length === 0) return found;
  const own = ownLine();
  return found.filter((pid) => !own.has(pid));
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // ESRCH: it has ended. EPERM: it runs and belongs to another user
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
