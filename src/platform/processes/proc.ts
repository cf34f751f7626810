import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

/** Reads /proc of Linux. On other systems nothing is known: `undefined`, and no processes. */

/** Fields of /proc/<pid>/stat from the third on (state, parent, group …); `undefined` when the process has gone. */
export function statOf(pid: number): readonly string[] | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  // the second field is a name in brackets that may hold spaces and brackets: start after the last one
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

const PARENT = 1;
const GROUP = 2;
const START_TIME = 19;

/** Clock ticks since boot; NaN of a process that has gone. */
export const startedAt = (stat: readonly string[] | undefined): number => Number(stat?.[START_TIME]);

/** Clock ticks since boot, as text. */
export const startTimeOf = (pid: number): string | undefined => statOf(pid)?.[START_TIME];

/** Whether the process has ended. Its parent may not have collected the exit code yet. */
export const isEnded = (stat: readonly string[] | undefined): boolean =>
  stat === undefined || stat[0] === 'Z' || stat[0] === 'X';

export const groupOf = (stat: readonly string[] | undefined): number => Number(stat?.[GROUP]);

/** Pids of all processes that are visible from here. */
export function pids(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Pids of what a process has started, and of what these have, as far as their parents still run. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = new Map(pids().map((one) => [one, Number(statOf(one)?.[PARENT] ?? 0)]));
  const found: number[] = [];
  collect(pid);
  return found;

  function collect(parent: number): void {
    for (const [child, of] of parents)
      if (of === parent && !found.includes(child)) {
        found.push(child);
        collect(child);
      }
  }
}

/** Few enough to be asked for one by one, instead of listing all processes. */
const FEW = 200;

/**
 * The pid and those that the kernel has given out since. It counts upwards and begins anew at the end, so this holds only as long
 * as it cannot have gone around once: for seconds.
 */
export function pidsSince(pid: number): readonly number[] {
  // the last field is the newest pid
  const newest = Number(readOrNothing('/proc/loadavg')?.trim().split(' ').at(-1) ?? Number.NaN);
  if (newest >= pid && newest - pid < FEW) return Array.from({ length: newest - pid + 1 }, (_, i) => pid + i);
  return newest >= pid ? pids().filter((one) => one >= pid && one <= newest) : pids();
}

/** Whether a process was started with all of these `NAME=value` in its environment. */
export function carries(pid: number, marks: readonly string[]): boolean {
  const environ = readOrNothing(`/proc/${pid}/environ`);
  return environ !== undefined && marks.every((mark) => `\0${environ}\0`.includes(`\0${mark}\0`));
}

/** This process and its ancestors. */
export function ownLine(): ReadonlySet<number> {
  const line = new Set<number>();
  for (let pid = process.pid; pid > 0 && !line.has(pid); pid = Number(statOf(pid)?.[PARENT] ?? 0)) line.add(pid);
  return line;
}

let here: string | undefined;

/** Identifies the boot and the PID namespace: a pid with its start time is unique only within both. */
export function bootId(): string {
  here ??= `${readOrNothing('/proc/sys/kernel/random/boot_id')?.trim() ?? ''} ${namespace()}`.trim();
  return here;
}

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Files of /proc tell no size, so `readFileSync` takes new memory of 64 KiB for each, which costs more than the reading. */
const room = Buffer.allocUnsafe(4096);

function readOrNothing(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    let text = '';
    for (let bytes = readSync(fd, room); bytes > 0; bytes = readSync(fd, room))
      text += room.toString('latin1', 0, bytes);
    return text;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
