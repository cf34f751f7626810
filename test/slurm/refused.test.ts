import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

/** No cluster is needed: nothing of this gets as far as Slurm. */
const rigOf = (step: string, settings = '{}'): Rig =>
  createRig({
    'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: 'touch ran', inputs: [], ${step} }\n`,
    'refit.yaml': settings,
  });

const faults = async (rig: Rig): Promise<readonly string[]> => {
  const { files } = await rig.json(2, 'validate');
  return files.flatMap((file: { diagnostics: readonly { message: string; suggestion?: string }[] }) =>
    file.diagnostics.map(({ message, suggestion }) => `${message}; ${suggestion}`),
  );
};

it('refuses what nodes that do not see the workspace cannot do', async () => {
  const remotes = 'remotes: { lab: { url: ../lab } }\n';
  const staged = (more: string): string => `${remotes}executors: { slurm: { staging: store${more} } }`;
  using nowhere = rigOf('executor: slurm', staged(''));
  expect(await faults(nowhere)).toEqual([expect.stringMatching(/does not say through which remote; .*remote: …/)]);
  using unknown = rigOf('executor: slurm', staged(', remote: lap'));
  expect(await faults(unknown)).toEqual([expect.stringMatching(/no remote "lap" under "remotes"; did you mean "lab"/)]);
  using environment = rigOf('executor: slurm, python: .venv', staged(', remote: lab'));
  expect(await faults(environment)).toContainEqual(
    expect.stringMatching(/do not see the workspace, where the python environment ".venv" of this machine is not/),
  );
  using image = rigOf('executor: slurm, image: python', staged(', remote: lab'));
  expect(await faults(image)).toEqual([expect.stringMatching(/do not see the workspace, where this version runs no/)]);
  using undeclared = createRig({
    'pipelines/p.yaml': `pipeline: p\nsteps:\n  a: { run: 'touch ran', executor: 'slurm:far' }\n`,
    'refit.yaml': `${remotes}executors: { slurm: { remote: lab, profiles: { far: { staging: store } } } }`,
  });
  expect(await faults(undeclared)).toEqual([expect.stringMatching(/does not say what it reads; list its files under/)]);
  for (const command of ['plan', 'run'])
    expect(await undeclared.refit(command, 'p')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('does not say what it reads'),
    });
  expect(undeclared.has('ran')).toBe(false);
});

it('names a profile and an executor that are not there, with what is near', async () => {
  using rig = rigOf('executor: "slurm:gup"', 'executors: { slurm: { profiles: { gpu: { partition: gpu } } } }');
  expect(await faults(rig)).toEqual([expect.stringMatching(/no profile "gup" of slurm; did you mean "gpu"\?/)]);
  for (const command of ['plan', 'run'])
    expect(await rig.refit(command, 'p')).toMatchObject({
      exit: 2,
      stderr: expect.stringMatching(/no profile "gup"[\s\S]*did you mean "gpu"/),
    });
  expect((await rig.refit('plan', 'p', '--executor', 'slurm:gpu')).exit).toBe(0);
  expect((await rig.refit('plan', 'p', '--executor', 'slurm:gap')).stderr).toContain('no profile "gap"');
  expect((await rig.refit('run', 'p', '--executor', 'slrum')).stderr).toMatch(
    /there is no "slrum"[\s\S]*--executor slurm/,
  );
  using key = rigOf('executor: slurm', 'executors: { slurm: { partitoin: gpu } }');
  expect(await faults(key)).toEqual([expect.stringMatching(/partitoin.*did you mean "partition"/)]);
  expect(rig.has('ran')).toBe(false);
});

it('refuses before anything runs an image whose content nobody here can tell', async () => {
  const text = `pipeline: p\nsteps: { a: { run: 'touch ran', inputs: [], image: python } }\n`;
  using rig = createRig({ 'pipelines/p.yaml': text }, { PATH: '/usr/nowhere' });
  const ran = await rig.refit('run', 'p', '--executor', 'slurm');
  expect(ran).toMatchObject({
    exit: 2,
    stderr: expect.stringMatching(/step "a" runs on Slurm in the image python, and/),
  });
  expect(rig.query('SELECT id FROM run')).toEqual([]);
});

it('runs in a scratch workspace and with --executor local on this machine, without any command of Slurm', async () => {
  using rig = createRig(
    {
      'pipelines/p.yaml': `pipeline: p\nexecutor: slurm\nsteps: { a: { run: 'echo \${REFIT_JOB_OF_RUN-}. > a.txt', inputs: [], outputs: [a.txt] } }\nprofiles: { test: {} }\n`,
    },
    { PATH: '/usr/nowhere' },
  );
  expect((await rig.refit('test', 'p')).exit).toBe(0);
  expect((await rig.refit('plan', 'p')).exit).toBe(0);
  await rig.json(0, 'run', 'p', '--executor', 'local');
  expect(rig.read('a.txt')).toBe('.\n');
});
