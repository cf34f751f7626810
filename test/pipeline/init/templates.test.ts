import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isInstalled } from '../../support/required.js';
import { createRig } from '../../support/rig.js';

const ends = (program: string, ...words: readonly string[]): boolean => spawnSync(program, words).status === 0;

const hasSklearn = isInstalled(ends('/usr/bin/python3', '-c', 'import sklearn'), '/usr/bin/python3 with scikit-learn');
const hasR = isInstalled(ends('Rscript', '--version'), 'Rscript');
/** Too large to install in CI: the example runs where PyTorch happens to be. */
const hasTorch = ends('/usr/bin/python3', '-c', 'import torch');
if (!hasTorch) process.stderr.write('PyTorch cannot be used here: its template is only validated\n');

it.each([
  ['sklearn', hasSklearn],
  ['python', hasSklearn],
  ['pytorch', hasTorch],
  ['r', hasR],
  ['node', true],
])(
  'the template %s is valid, and runs, is promoted, sees drift and retrains',
  async (template, canRun) => {
    using rig = createRig({}, { PATH: `/usr/bin:${process.env.PATH}` });
    const { pipeline } = await rig.json(0, 'init', '--template', template);
    expect(pipeline).toBe('hello');
    expect((await rig.refit('validate')).exit).toBe(0);
    if (!canRun) return;
    const ran = await rig.refit('run', 'hello');
    expect(`${ran.stdout}${ran.stderr}`).toContain('gate: pass');
    await rig.json(0, 'promote', 'hello@1', '--reason', 'first');
    rig.write({ 'hello/sales/february.csv': rig.read('hello/february.csv') });
    expect((await rig.refit('check-drift', 'hello')).exit).toBe(3);
    const retrained = await rig.refit('retrain', 'hello');
    expect(retrained.stdout).toContain('data_drift');
    expect((await rig.refit('models', 'hello')).stdout).toContain('hello');
  },
  120_000,
);
