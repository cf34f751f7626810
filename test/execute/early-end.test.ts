import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const STEP = 'steps: { a: { run: cp in.txt out.txt, inputs: [in.txt], outputs: [out.txt]';

/** A checkout whose git takes long to say what is in it. */
function checkout(pipeline: string): Rig {
  const env: Record<string, string> = {};
  const rig = createRig({ 'pipelines/p.yaml': pipeline, 'in.txt': 'one', '.gitignore': '.refit\nbin\n' }, env);
  const git = (...args: readonly string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: rig.root });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'first');
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  rig.write({ 'bin/git': `#!/bin/sh\nsleep 0.5; exec '${real}' "$@"\n` });
  env.PATH = `${join(rig.root, 'bin')}:${process.env.PATH}`;
  return rig;
}

it.each([
  ['a variable that is not set', `pipeline: p\n${STEP}, env: { PGHOST: { from: NO_SUCH_VARIABLE } } } }\n`],
  ['a secret that is not set', `pipeline: p\n${STEP}, secrets: [NO_SUCH_SECRET] } }\n`],
  [
    'a dataset without files',
    'pipeline: p\ndatasets: { rows: { path: "none/*.csv" } }\nsteps: { a: { run: "cat ${{ datasets.rows }} > out.txt", inputs: ["${{ datasets.rows }}"], outputs: [out.txt] } }\n',
  ],
])('a run in a git checkout that ends early by %s says only that', async (_, pipeline) => {
  using rig = checkout(pipeline);
  for (let n = 0; n < 2; n++) {
    const { exit, stderr } = await rig.refit('run', 'p');
    // 2 would be a mistake in the file, which is found before git is asked.
    expect([1, 4]).toContain(exit);
    expect(stderr).not.toMatch(/internal error|unhandled|^ +at /im);
    expect(stderr.trim()).not.toBe('');
    // No git goes on after refit has ended.
    expect(rig.processes()).toEqual([]);
  }
});
