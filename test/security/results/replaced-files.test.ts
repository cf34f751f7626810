import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';

const PIPELINE = `pipeline: p
datasets: { rows: { path: "data/*.csv" } }
steps: { s: { run: "echo 1 > o", inputs: [in.xml, "\${{ datasets.rows }}"], outputs: [o] } }
`;

const FILES = {
  'pipelines/p.yaml': PIPELINE,
  'refit.yaml': 'roots: []\n',
  'in.xml': '<in/>\n',
  'data/rows.csv': 'a\n1\n',
  'README.md': '# Mine\n',
  'notes.txt': 'mine\n',
};

function committed(): Rig {
  const rig = createRig(FILES);
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: rig.root });
  git('init', '-q');
  git('add', 'README.md');
  git('commit', '-qm', 'all');
  return rig;
}

it('does not replace a file of the workspace or of git by a result', async () => {
  using rig = committed();
  for (const file of ['pipelines/p.yaml', 'refit.yaml', 'in.xml', 'data/rows.csv', 'README.md'] as const) {
    for (const args of [
      ['validate', '--junit', file],
      ['validate', '--dotenv', file],
      ['export', 'prometheus', '-o', file],
    ]) {
      const { exit, stderr } = await rig.refit(...args);
      expect({ args, isRefused: exit !== 0, stderr }).toEqual({ args, isRefused: true, stderr });
      expect(rig.read(file)).toBe(FILES[file]);
    }
  }
}, 300_000);

it('replaces earlier results, also those that git tracks, and files that nobody names', async () => {
  using rig = committed();
  for (const file of ['junit.xml', 'notes.txt', 'new/junit.xml']) {
    expect(await rig.refit('validate', '--junit', file)).toMatchObject({ exit: 0, stderr: '' });
    execFileSync('git', ['add', '-f', file], { cwd: rig.root });
    expect(await rig.refit('validate', '--junit', file)).toMatchObject({ exit: 0, stderr: '' });
    expect(rig.read(file)).toContain('<testsuites');
  }
  expect((await rig.refit('validate', '--dotenv', 'r.env')).exit).toBe(0);
  execFileSync('git', ['add', '-f', 'r.env'], { cwd: rig.root });
  rig.write({ 'pipelines/p.yaml': `${PIPELINE}x: 1\n` });
  expect((await rig.refit('validate', '--dotenv', 'r.env')).exit).toBe(2);
  expect(rig.read('r.env')).toMatch(/^REFIT_/);
}, 300_000);
