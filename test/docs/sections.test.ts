import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Every session of every page is played. */
const TIMEOUT_MS = 400_000;

it(
  'has the help, the schema and the sessions of the built program (else: npm run docs)',
  async () => {
    const checked = await promisify(execFile)(process.execPath, ['scripts/docs.js', '--check']).catch((error) => error);
    expect(checked.stderr).toBe('');
  },
  TIMEOUT_MS,
);

it('keeps the README short enough to read', () => {
  expect(statSync('README.md').size).toBeLessThanOrEqual(12_000);
});
