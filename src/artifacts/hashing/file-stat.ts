import type { Stats } from 'node:fs';

/**
 * The stat fields that detect a change of a file's bytes without reading them. Times are epoch milliseconds as doubles,
 * which resolve a quarter of a microsecond: far finer than the kernel's tick, and twice as fast to read as bigints.
 */
export interface FileStat {
  readonly ino: number;
  /** In bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Changes with every write, and programs cannot set it, so it reveals an mtime that was set back. */
  readonly ctimeMs: number;
}

export const toFileStat = ({ ino, size, mtimeMs, ctimeMs }: Stats): FileStat => ({ ino, size, mtimeMs, ctimeMs });

/** Kernels stamp files with a clock that ticks every 1 to 10 ms. */
const FINE_GRAIN_MS = 100;
/** FAT and old network file systems store whole or even seconds. */
const COARSE_GRAIN_MS = 2500;

/**
 * Whether a later write would surely change the stat: `nowMs`, read before the file was, is later than both times by
 * more than the clock's resolution. Times in the future are never settled, because the clock may reach them again.
 */
export function isSettled({ mtimeMs, ctimeMs }: FileStat, nowMs: number): boolean {
  const isCoarse = mtimeMs % 1000 === 0 || ctimeMs % 1000 === 0;
  return nowMs - Math.max(mtimeMs, ctimeMs) > (isCoarse ? COARSE_GRAIN_MS : FINE_GRAIN_MS);
}
