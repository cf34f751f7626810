import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('survives mutated entries, bundles and objects; npm run fuzz:wire runs 5,000', { timeout: 300_000 }, async () => {
  const script = join(import.meta.dirname, 'fuzz-wire.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    '--count',
    '120',
    '--programs',
    '4',
    '--seed',
    '7',
  ]);
  const { mutants, programs, exits, crashes, written } = JSON.parse(stdout);
  expect({ mutants, programs, crashes, written }).toEqual({ mutants: 120, programs: 4, crashes: [], written: [] });
  // 1: a format that this version does not know
  expect(['0', '1', '7']).toEqual(expect.arrayContaining(Object.keys(exits)));
});
