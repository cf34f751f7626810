import { execFile, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';

const hasStrace = isInstalled(spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0, 'strace');

/**
 * How many calls fail, one in each run of a command: a sample by default, `REFIT_FAULTS=600` for more, `REFIT_FAULTS=all` for every
 * call of every command (hours).
 */
const ASKED = process.env.REFIT_FAULTS ?? '39';
const args = ASKED === 'all' ? ['--every'] : ['--sample', ASKED];
const seed = process.env.REFIT_FAULTS_SEED ?? '1';

/** Injects the faults, and expects that each was answered as it should be. */
async function expectAnswered(options: readonly string[]): Promise<void> {
  const program = [resolve(import.meta.dirname, 'faults/inject.mjs'), ...options, '--seed', seed];
  const { exit, output } = await new Promise<{ readonly exit: number; readonly output: string }>((done) =>
    execFile(process.execPath, program, { maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      done({ exit: error === null ? 0 : 1, output: stdout + stderr }),
    ),
  );
  process.stdout.write(`${output.split('\n').at(-2)}\n`);
  expect(exit, output).toBe(0);
  const counts = JSON.parse(output.split('\n').at(-2) ?? '');
  // the faults were met, and not only planned
  expect(counts.good).toBeGreaterThan(counts.points / 2);
}

it.skipIf(!hasStrace)(
  'answers a disk that refuses any one call with words, loses nothing, and does its work the next time',
  () => expectAnswered(args),
  ASKED === '39' ? 600_000 : 24 * 3_600_000,
);

// A commit of the beginning of a step may fail while the step goes on: its end must not refer to rows that are not there.
it.skipIf(!hasStrace)(
  'writes what a refused commit left out with the next one',
  () => expectAnswered(['--only', 'run-first', '--place', 'registry.db-wal', '--sample', '24']),
  600_000,
);
