import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { seededRandom } from '../../src/statistics/random.js';

const FOLDER = resolve(process.env.REFIT_TEST_DATA ?? resolve(import.meta.dirname, '../../../shared/data'), 'streams');

/** Where the recorded streams lie; they are not part of the project. */
export const streamFile = (name: string): string => join(FOLDER, name);

/** Whether a recorded stream is there; says on stderr what is skipped where it is not. */
export function hasStream(name: string): boolean {
  const isThere = existsSync(streamFile(name));
  if (!isThere) process.stderr.write(`skipped: ${name} is not in ${FOLDER}; set REFIT_TEST_DATA to its folder\n`);
  return isThere;
}

/** Rows of a recorded stream, as text cells, without the head. */
export const readStream = (name: string): readonly (readonly string[])[] =>
  readFileSync(streamFile(name), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

/** Errors of 0 and 1 whose rate at each item is given. */
export function errorBits(count: number, seed: number, rate: (i: number) => number): readonly number[] {
  const uniform = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => (uniform() < rate(i) ? 1 : 0));
}
