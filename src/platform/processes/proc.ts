import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What Linux says of a process in /proc. Elsewhere nothing is known: `undefined`, and no processes. */

/** Fields of /proc/<pid>/stat from the third on (state, parent, group …); `undefined` when it is gone. */
export function statOf(pid: number): readonly string[] | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  // the second field is a name that may hold spaces and brackets: count from its closing one
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

const PARENT = 1;
const GROUP = 2;
const START_TIME = 19;

/** Clock ticks since boot. */
export const startTimeOf = (pid: number): string | undefined => statOf(pid)?.[START_TIME];

/** It has ended, and only its parent, which may be gone for good, has not asked yet. */
export const isEnded = (stat: readonly string[] | undefined): boolean =>
  stat === undefined || stat[0] === 'Z' || stat[0] === 'X';

export const groupOf = (stat: readonly string[] | undefined): number => Number(stat?.[GROUP]);

/** Every process that can be seen from here. */
export function pids(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Whether a process was started with all of these `NAME=value` in its environment. */
export function carries(pid: number, marks: readonly string[]): boolean {
  const environ = readOrNothing(`/proc/${pid}/environ`);
  return environ !== undefined && marks.every((mark) => `\0${environ}\0`.includes(`\0${mark}\0`));
}

/** This process and all it descends from. */
export function ownLine(): ReadonlySet<number> {
  const line = new Set<number>();
  for (let pid = process.pid; pid > 0 && !line.has(pid); pid = Number(statOf(pid)?.[PARENT] ?? 0)) line.add(pid);
  return line;
}

let here: string | undefined;

/** The boot and the PID namespace: a pid and its start time name one process only within both. */
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

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
