import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../support/required.js';
import { createRig, type Document } from '../support/rig.js';

const pipeline = (inputs: string, outputs: string): string => `
pipeline: p
datasets: { rows: { path: "data/*.csv" } }
steps:
  make:
    run: |
      cat in.txt lib/one.txt secret.txt data/a.csv > work/out.txt
      echo x > side.txt
      echo y > passing.txt; cat passing.txt; rm passing.txt
      node make.js
    inputs: [${inputs}]
    outputs: [${outputs}]
    metrics: work/m.json
`;

const MAKE = `
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
readFileSync('settings.json');
readFileSync('work/out.txt');
writeFileSync('work/m.json', '{"n":1}');
writeFileSync('staged.tmp', '1');
renameSync('staged.tmp', 'späte Ausgabe');
`;

const FILES = {
  'pipelines/p.yaml': pipeline('in.txt, lib, make.js, "${{ datasets.rows }}"', 'work/out.txt'),
  'make.js': MAKE,
  'in.txt': '1\n',
  'lib/one.txt': '2\n',
  'secret.txt': '3\n',
  'settings.json': '{}',
  'package.json': '{}',
  'data/a.csv': 'x\n1\n',
};

const hasStrace = isInstalled(spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0, 'strace');

describe.skipIf(!hasStrace)('run --trace', () => {
  it('names what a step and its children opened and did not declare, and validate fails until it is declared', async () => {
    using rig = createRig(FILES);
    expect((await rig.refit('validate', '--traced')).stderr).toContain('never traced');
    const { undeclared } = await rig.json(0, 'run', 'p', '--trace');
    expect(undeclared).toEqual([
      { step: 'make', reads: ['secret.txt', 'settings.json'], writes: ['side.txt', 'späte Ausgabe'] },
    ]);
    const ended = await rig.refit('validate', 'p', '--traced');
    expect(ended.exit).toBe(2);
    expect(ended.stderr).toMatch(/pipelines\/p\.yaml:5:3 error undeclared-read .*secret\.txt/);
    expect((await rig.refit('validate', 'p')).exit).toBe(0);
    rig.write({
      'pipelines/p.yaml': pipeline(
        'in.txt, lib, make.js, "${{ datasets.rows }}", secret.txt, settings.json',
        'work/out.txt, side.txt, späte Ausgabe',
      ),
    });
    const { files } = await rig.json(0, 'validate', '--traced');
    expect(files[0].diagnostics).toEqual([]);
  });

  it('does not change how a step runs: exit code, log, timeout, secrets', async () => {
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p
steps:
  fails: { run: "echo told; exit 7", inputs: [] }
  hangs: { run: "sleep 60", inputs: [], timeout: 1s }
`,
    });
    const { run } = await rig.json(1, 'run', 'p', '--trace', '--keep-going');
    const steps = Object.fromEntries(run.steps.map((step: Document) => [step.name, step]));
    expect(steps.fails).toMatchObject({ status: 'failed', exit_code: 7 });
    expect(rig.read(steps.fails.log)).toContain('told');
    expect(steps.hangs.status).toBe('timed-out');
    expect(rig.processes()).toEqual([]);
  });
});

it('reports that strace is missing', async () => {
  using rig = createRig(FILES, { PATH: '/nowhere' });
  const ended = await rig.refit('run', 'p', '--trace');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('apt install strace');
});
