import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** `REFIT_FUZZ=50000 npx vitest run test/crash/fuzz-bytes.test.ts` reads that many, with another seed each time if wanted. */
const { REFIT_FUZZ = '300', REFIT_FUZZ_SEED = '7' } = process.env;

it(`reads ${REFIT_FUZZ} mutated files without a crash and none for more than 5 s`, {
  timeout: 14_400_000,
}, async () => {
  const script = join(import.meta.dirname, 'fuzz-bytes.mjs');
  const args = [script, '--count', REFIT_FUZZ, '--seed', REFIT_FUZZ_SEED];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error) => error);
  const { crashes, slow, mutants, programs, kinds, exits } = JSON.parse(stdout);
  // biome-ignore lint/suspicious/noConsole: the counts are what a long search is run for
  console.log(JSON.stringify({ mutants, programs, kinds, exits }));
  expect({ crashes, slow }).toEqual({ crashes: [], slow: [] });
  expect(mutants).toBe(Number(REFIT_FUZZ));
  expect(Object.keys(kinds)).toHaveLength(10);
});
