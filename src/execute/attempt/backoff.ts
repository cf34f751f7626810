import { createHash } from 'node:crypto';
import type { Retries } from '../../domain/pipeline/pipeline.js';
import { doublingPauseMs } from '../../domain/support/backoff.js';

const JITTER = 0.25;

/**
 * Milliseconds to wait after attempt number `failed` (from 1) of a step or hook. Exponential: doubled each time, up to one
 * hour (or `delay`, if that is longer), then changed by up to 25 % either way, so that steps that failed together do not
 * retry together. The same `seed` gives the same jitter.
 */
export function backoffMs(retries: Omit<Retries, 'on'>, failed: number, seed: string): number {
  if (retries.backoff === 'constant') return retries.delayMs;
  const nominal = doublingPauseMs(retries.delayMs, failed);
  return Math.round(nominal * (1 + JITTER * (2 * shareOf(`${seed}\n${failed}`) - 1)));
}

/** A pseudo-random number in [0, 1). */
const shareOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
