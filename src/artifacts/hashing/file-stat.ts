import type { Stats } from 'node:fs';

/**
 * What tells a file's bytes apart without reading them. Times are epoch milliseconds with the fraction that a double
 * carries (a quarter of a microsecond: far finer than the kernel's tick, and twice as fast to get as bigints).
 */
export interface FileStat {
  readonly ino: number;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Moves with every change of content and cannot be set by a program: it betrays an mtime that was put back. */
  readonly ctimeMs: number;
}

export const toFileStat = ({ ino, size, mtimeMs, ctimeMs }: Stats): FileStat => ({ ino, size, mtimeMs, ctimeMs });

/** Kernels stamp files from a clock that ticks every 1 to 10 ms. */
const FINE_GRAIN_MS = 100;
/** FAT and old network file systems keep whole, or even, seconds. */
const COARSE_GRAIN_MS = 2500;

/**
 * Whether a later write must change the stat: `nowMs`, read before the file was, lies beyond both times by more than the
 * clock's grain. A time in the future is never settled: the clock may meet it again.
 */
export function isSettled({ mtimeMs, ctimeMs }: FileStat, nowMs: number): boolean {
  const isCoarse = mtimeMs % 1000 === 0 || ctimeMs % 1000 === 0;
  return nowMs - Math.max(mtimeMs, ctimeMs) > (isCoarse ? COARSE_GRAIN_MS : FINE_GRAIN_MS);
}
