import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blocksOf, readPages } from '../support/pages.js';
import { isInstalled } from '../support/required.js';
import { BIN, createRig } from '../support/rig.js';

const PYTHON = '/usr/bin/python3';
const hasPandas = isInstalled(spawnSync(PYTHON, ['-c', 'import pandas']).status === 0, `${PYTHON} with pandas`);

it.skipIf(!hasPandas)(
  'runs the Python of the page: the champion, a logged prediction, data frames',
  async () => {
    const page = readPages().find((one) => one.path.endsWith('python-and-r.md'));
    if (page === undefined) throw new Error('there is no page python-and-r.md');
    using rig = createRig();
    await rig.json(0, 'init');
    await rig.json(0, 'run', 'hello');
    await rig.json(0, 'promote', 'hello@1', '--reason', 'first');
    rig.write({ 'hello/sales/february.csv': rig.read('hello/february.csv') });
    await rig.json(0, 'run', 'hello');
    rig.write({
      'bin/refit': `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`,
      'refit_helper.py': execFileSync(process.execPath, [BIN, 'helper', '--print', 'python'], { encoding: 'utf8' }),
      'notebook.py': blocksOf(page, 'python').join('\n'),
    });
    chmodSync(join(rig.root, 'bin/refit'), 0o755);
    const { status, stdout, stderr } = spawnSync(PYTHON, ['notebook.py'], {
      cwd: rig.root,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(rig.root, 'bin')}:${process.env.PATH}` },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('mae');
    expect(stdout).toContain('drift');
    expect(JSON.parse(rig.read('logs/hello.jsonl'))).toMatchObject({ id: 'flat-1', version: 1, prediction: 512.5 });
  },
  60_000,
);
