import { createHash } from 'node:crypto';
import type { Retries } from '../../domain/pipeline/pipeline.js';
import { HOUR_MS } from '../../domain/support/time.js';

const JITTER = 0.25;

/**
 * Milliseconds to wait after the attempt `failed` (from 1). Exponential: doubled each time up to an hour (or `delay`, where
 * that is longer), then 25 % more or less, so that many steps that failed together do not come back together; never more than
 * 1.25 times that. `seed` decides the jitter: the same one waits the same.
 */
export function backoffMs(retries: Retries, failed: number, seed: string): number {
  if (retries.backoff === 'constant') return retries.delayMs;
  const longest = Math.max(HOUR_MS, retries.delayMs);
  const nominal = Math.min(retries.delayMs * 2 ** (failed - 1), longest);
  return Math.round(nominal * (1 + JITTER * (2 * shareOf(`${seed}\n${failed}`) - 1)));
}

/** A number in [0, 1) that looks drawn. */
const shareOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
