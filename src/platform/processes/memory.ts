import { readFileSync } from 'node:fs';
import { groupOf, isEnded, pids, statOf } from './proc.js';

/**
 * Resident memory of a process group in bytes: what it holds now, or the peak of one of its processes if that is more.
 * `undefined` where the system does not say.
 */
export function memoryOfGroup(group: number): number | undefined {
  const members = pids().filter((pid) => {
    const stat = statOf(pid);
    return groupOf(stat) === group && !isEnded(stat);
  });
  const held = members.map(statusOf).filter((one) => one !== undefined);
  if (held.length === 0) return undefined;
  const together = held.reduce((sum, one) => sum + one.nowBytes, 0);
  return Math.max(together, ...held.map((one) => one.peakBytes));
}

function statusOf(pid: number): { readonly nowBytes: number; readonly peakBytes: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const bytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
    return { nowBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
  } catch {
    // it has ended in the meantime
    return undefined;
  }
}
