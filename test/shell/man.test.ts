import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { EXAMPLES } from '../../src/cli/words/help-examples.js';
import { createProgram } from '../../src/program.js';
import { isInstalled } from '../support/required.js';
import { createRig } from '../support/rig.js';
import { isFound } from './shell-session.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const PAGE = join(PROJECT, 'man/refit.1');

const check = (program: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '80' },
  });
  return { status, stdout, stderr };
};

it('prints the page that the package installs, with every command, its options and examples', async () => {
  using rig = createRig();
  const { exit, stdout } = await rig.refit('man');
  expect(exit).toBe(0);
  expect(stdout).toBe(readFileSync(PAGE, 'utf8'));
  expect(JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')).man).toBe('man/refit.1');
  for (const command of (await createProgram()).commands) {
    expect(stdout).toContain(`.SS refit ${command.name().replaceAll('-', '\\-')}`);
    for (const { long } of command.options.filter((one) => !one.hidden))
      expect(stdout).toContain((long ?? '').replaceAll('-', '\\-'));
  }
  const lines = stdout.replaceAll('\\-', '-').replaceAll('\\e', '\\');
  for (const { line } of Object.values(EXAMPLES).flat()) expect(lines).toContain(`\n${line}\n`);
});

it.skipIf(!isInstalled(isFound('groff'), 'groff'))('is roff that groff takes without a warning', () => {
  expect(check('groff', '-man', '-ww', '-z', '-Tutf8', PAGE)).toEqual({ status: 0, stdout: '', stderr: '' });
});

it.skipIf(!isInstalled(isFound('man'), 'man'))('is shown by man without a warning, within 80 columns', () => {
  const { status, stdout, stderr } = check('man', '--warnings', '-l', PAGE);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('refit check-drift');
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it.skipIf(!isInstalled(isFound('mandoc'), 'mandoc'))('has no error for mandoc', () => {
  expect(check('mandoc', '-T', 'lint', '-W', 'error', PAGE)).toMatchObject({ status: 0, stdout: '' });
});
