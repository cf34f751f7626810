import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

/** No cluster is needed: nothing of this gets as far as kubectl. */
const WHOLE = 'workspace: { claim: work }, image: "python:3"';

const STAGED = 'image: "python:3", staging: store';

const rigOf = (step: string, settings = WHOLE, env = {}): Rig =>
  createRig(
    {
      'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: 'touch ran', inputs: [], ${step} }\n`,
      'refit.yaml': `remotes: { lab: { url: "s3://lab/x" }, share: { url: /shares/x } }\nexecutors: { kubernetes: { ${settings} } }\n`,
      // Nothing in these tests may start it.
      'bin/kubectl': '#!/bin/sh\ntouch started\n',
    },
    { PATH: `bin:${process.env.PATH}`, ...env },
  );

const DIGEST = 'a'.repeat(64);

it.each([
  [
    'executor: "kubernetes:gup"',
    `${WHOLE}, profiles: { gpu: {} }`,
    /no profile "gup" of kubernetes; did you mean "gpu"\?/,
  ],
  ['executor: kubernetes', 'image: "python:3"', /which volume holds the workspace; .*workspace: \{ claim/],
  ['executor: kubernetes', 'workspace: { claim: work }', /has no image; .*kubernetes: \{ image/],
  ['executor: kubernetes, image: "python:3"', WHOLE, /the image python:3, whose content refit cannot know.*@sha256/],
  ['executor: kubernetes, secrets: [TOKEN]', WHOLE, /the secret TOKEN, and refit.yaml does not say where/],
  ['executor: kubernetes', `${WHOLE}, node_selektor: {}`, /node_selektor.*did you mean "node_selector"/],
  ['executor: kubernetes', `${WHOLE}, staging: store`, /does not say through which remote; .*kubernetes: \{ remote/],
  ['executor: kubernetes', `${WHOLE}, staging: store, remote: away`, /no remote "away" under "remotes"/],
  ['executor: kubernetes', `${STAGED}, remote: share`, /the remote "share" is a folder of this machine, .*s3:\/\//],
  [
    'executor: kubernetes',
    `${STAGED}, remote: lab`,
    /names no image with refit that carries its files; .*staging_image/,
  ],
  [
    'executor: "kubernetes:far"',
    `${WHOLE}, profiles: { far: { staging: store, remote: lab } }`,
    /names no image with refit that carries its files/,
  ],
  ['executor: kubernetes', `${WHOLE}, volumes: [{ claim: data, mount: data }]`, /an absolute path/],
  ['executor: kubernetes', `${WHOLE}, keep: 1s`, /at least 10m: the cluster removes a Job/],
])('refuses before anything runs: %s with %s', async (step, settings, words) => {
  using rig = rigOf(step, settings, { TOKEN: 'of-the-test' });
  const { files } = await rig.json(2, 'validate');
  const said = files.flatMap((file: { diagnostics: readonly { message: string; suggestion?: string }[] }) =>
    file.diagnostics.map(({ message, suggestion }) => `${message}; ${suggestion}`),
  );
  expect(said).toEqual([expect.stringMatching(words)]);
  expect(await rig.refit('run', 'p')).toMatchObject({ exit: 2 });
  expect([rig.has('ran'), rig.has('started')]).toEqual([false, false]);
});

it('says that kubectl is missing: validate, plan and doctor warn, run refuses', async () => {
  using rig = rigOf('executor: kubernetes', WHOLE, { PATH: '/usr/nowhere' });
  const checked = await rig.refit('validate');
  expect(checked).toMatchObject({ exit: 0, stderr: expect.stringContaining('kubectl is not on the PATH') });
  const { warnings } = await rig.json(0, 'plan', 'p');
  expect(warnings.join()).toContain('kubectl is not on the PATH');
  expect((await rig.refit('run', 'p')).stderr).toMatch(/kubectl is not on the PATH[\s\S]*kubernetes-client/);
  expect(rig.query('SELECT id FROM run')).toEqual([]);
  const { problems } = await rig.json(1, 'doctor');
  expect(problems).toMatchObject([{ code: 'kubectl-missing' }]);
  expect((await rig.refit('run', 'p', '--executor', 'nowhere')).stderr).toContain('--executor kubernetes');
  expect(await rig.refit('check-drift', 'p', '--executor', 'kubernetes')).toMatchObject({ exit: 2 });
});

it('takes the digest in the name of an image for its content, and asks nobody', async () => {
  using rig = rigOf(`executor: kubernetes, image: "python@sha256:${DIGEST}"`);
  expect((await rig.json(0, 'validate')).files[0].diagnostics).toEqual([]);
  const { warnings } = await rig.json(0, 'plan', 'p');
  expect(warnings).toEqual([]);
  expect(rig.has('started')).toBe(false);
});
