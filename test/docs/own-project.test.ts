import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
// @ts-expect-error a script without types, which the documentation is made with
import { ownProjectFiles } from '../../scripts/docs/own-project.js';
import { isInstalled } from '../support/required.js';
import { createRig } from '../support/rig.js';

const BIN = resolve(import.meta.dirname, '../../bin/refit.js');

/** A python3 that has scikit-learn. */
function findPython(): string | undefined {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      execFileSync(python, ['-c', 'import sklearn'], { stdio: 'ignore' });
      return execFileSync(python, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
    } catch {
      // not here, or without scikit-learn
    }
  }
  return undefined;
}

const python = findPython();

/** The commands of the page, in their order. */
const commands = (): readonly string[] =>
  [...readFileSync('docs/own-project.md', 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );

it.skipIf(!isInstalled(python !== undefined, 'python3 with scikit-learn'))(
  'goes from a script and a table to a published, watched version in five commands',
  async () => {
    const files = ownProjectFiles();
    using rig = createRig({ 'make_data.py': files['make_data.py'], 'train.py': files['quick/train.py'] });
    const made = execFileSync(
      'sh',
      ['-c', 'python3 make_data.py 2026-01 2026-01 && mv data/*.csv customers.csv && rm -r data make_data.py'],
      { cwd: rig.root },
    );
    expect(String(made)).toBe('');
    rig.write({
      'bin/refit': `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`,
      'bin/python3': `#!/bin/sh\nexec '${python}' "$@"\n`,
    });
    execFileSync('chmod', ['+x', join(rig.root, 'bin/refit'), join(rig.root, 'bin/python3')]);
    const env = { ...process.env, PATH: `${join(rig.root, 'bin')}:${process.env.PATH}`, NO_COLOR: '1' };
    const [, block = ''] = /^```bash\n([\s\S]*?)^```$/m.exec(readFileSync('docs/own-project.md', 'utf8')) ?? [];
    const words = block.trim().split('\n');
    // With the installation there are six.
    expect(words.length).toBeLessThanOrEqual(5);
    const started = Date.now();
    const said: string[] = [];
    for (const command of words)
      said.push((await promisify(execFile)('sh', ['-c', command], { cwd: rig.root, env })).stdout);
    process.stderr.write(`from a script to a watched version: ${words.length} commands, ${Date.now() - started} ms\n`);
    expect(said.join('\n')).toContain('promoted churn@1');
    expect(rig.has('serving/churn/current/model.pkl')).toBe(true);
    expect(said.at(-1)).toContain('wait: no trigger fired');
  },
  120_000,
);

it.skipIf(!isInstalled(python !== undefined, 'python3 with scikit-learn'))(
  'goes from a folder with a script to a model that retrained itself, by the files and commands of the page',
  async () => {
    using rig = createRig(ownProjectFiles());
    rig.write({ 'bin/refit': `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n` });
    rig.write({ 'bin/python3': `#!/bin/sh\nexec '${python}' "$@"\n` });
    const path = `${join(rig.root, 'bin')}:${process.env.PATH}`;
    const options = { cwd: rig.root, env: { ...process.env, PATH: path, NO_COLOR: '1' } };
    await promisify(execFile)('sh', ['-c', 'python3 make_data.py 2026-01 2026-06'], options);
    const said: string[] = [];
    // A command that does not exit with 0 ends the test.
    for (const command of commands()) said.push((await promisify(execFile)('sh', ['-c', command], options)).stdout);
    const text = said.join('\n');
    expect(text).toContain('wait: no trigger fired');
    expect(text).toContain('published churn@2, in place of version 1');
    expect(text).toContain('same churn@1');
    const { pipelines } = await rig.json(0, 'status', 'churn');
    expect(pipelines[0]).toMatchObject({ champion: { version: 2, fails_gate: [] }, problem: null });
  },
  180_000,
);
