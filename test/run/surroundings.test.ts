import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const GOOD = 'pipeline: good\nsteps:\n  s: { run: "echo hi > o", inputs: [], outputs: [o] }\n';
const FAILING = 'pipeline: failing\nsteps:\n  s: { run: "echo 50 % of it; exit 3", inputs: [], outputs: [o] }\n';

it('obeys NO_COLOR even if colours are forced', async () => {
  using colourful = createRig({ 'pipelines/good.yaml': GOOD }, { FORCE_COLOR: '1', NO_COLOR: undefined });
  expect((await colourful.refit('status')).stdout).toContain('\u001b[');
  using plain = createRig({ 'pipelines/good.yaml': GOOD }, { FORCE_COLOR: '1', NO_COLOR: '1' });
  const { stdout, stderr } = await plain.refit('run', 'good');
  expect(stdout + stderr).not.toContain('\u001b[');
});

it('writes annotations, a step summary and outputs in a job of GitHub Actions, and leaves stdout one document', async () => {
  using files = createRig({ 'summary.md': '', 'output.txt': '' });
  using rig = createRig(
    {
      'pipelines/good.yaml': GOOD,
      'pipelines/failing.yaml': FAILING,
      'pipelines/broken.yaml': GOOD.replace('outputs', 'outptus'),
    },
    {
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: tmpdir(),
      GITHUB_STEP_SUMMARY: join(files.root, 'summary.md'),
      GITHUB_OUTPUT: join(files.root, 'output.txt'),
    },
  );
  const broken = await rig.refit('run', 'broken');
  const place = `${basename(rig.root)}/pipelines/broken.yaml`;
  expect(broken.stderr).toContain(`::error file=${place},line=3,col=`);
  expect(broken.stderr).toContain('title=refit%3A unknown-key::unknown key');
  const failed = await rig.refit('run', 'failing', '--json');
  expect(JSON.parse(failed.stdout).run.status).toBe('failed');
  expect(failed.stderr).toContain('::error title=refit%3A step-exited::step "s" exited with 3%0A50 %25 of it%0A');
  await rig.json(0, 'run', 'good');
  expect(files.read('summary.md')).toContain('### refit run\n');
  expect(files.read('summary.md')).toContain('| s | succeeded |');
  expect(files.read('output.txt')).toMatch(/^run=\d{8}-/m);
});
