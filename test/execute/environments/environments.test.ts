import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../../support/rig.js';

const PRINT = `import json, os, sys
json.dump({"prefix": sys.prefix, **{name: os.environ.get(name) for name in sys.argv[1:]}}, open("out.json", "w"))
`;

const pipeline = (key: string, more = ''): string => `pipeline: p
${key}
steps:
  train: { run: python3 print.py PATH VIRTUAL_ENV CONDA_PREFIX PYTHONHOME, inputs: [print.py], outputs: [out.json]${more} }
`;

const venv = (rig: Rig, folder: string, ...options: readonly string[]): void => {
  const made = spawnSync('python3', ['-m', 'venv', '--without-pip', ...options, folder], { cwd: rig.root });
  if (made.status !== 0) throw new Error(String(made.stderr));
};

const sitePackages = (rig: Rig): string => {
  const [python = ''] = rig.list('.venv/lib').filter((name) => name.startsWith('python3'));
  return `.venv/lib/${python}/site-packages`;
};

const install = (rig: Rig, name: string, version: string): void => {
  for (const old of rig.list(sitePackages(rig)).filter((one) => one.startsWith(`${name}-`)))
    rig.remove(`${sitePackages(rig)}/${old}`);
  rig.write({ [`${sitePackages(rig)}/${name}-${version}.dist-info/METADATA`]: `Name: ${name}\n` });
};

const reasons = async (rig: Rig): Promise<readonly string[]> => {
  const [step] = (await rig.json(0, 'plan', 'p')).steps as readonly Document[];
  return step.reasons.map((one: Document) => `${one.code} ${one.detail} ${one.before ?? '–'} → ${one.after ?? '–'}`);
};

it('runs a step in a virtual environment, and forgets one that is active outside', async () => {
  using rig = createRig(
    { 'pipelines/p.yaml': pipeline('python: .venv'), 'print.py': PRINT },
    { CONDA_PREFIX: '/other', PYTHONHOME: '', VIRTUAL_ENV: '/elsewhere' },
  );
  venv(rig, '.venv');
  await rig.json(0, 'run', 'p');
  const seen = JSON.parse(rig.read('out.json'));
  expect(seen).toMatchObject({ prefix: join(rig.root, '.venv'), VIRTUAL_ENV: join(rig.root, '.venv') });
  expect(seen.PATH.split(':')[0]).toBe(join(rig.root, '.venv/bin'));
  expect([seen.CONDA_PREFIX, seen.PYTHONHOME]).toEqual([null, null]);
});

it('runs a step again after an upgrade, and plan names the package', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('python: .venv'), 'print.py': PRINT });
  venv(rig, '.venv');
  install(rig, 'scikit_learn', '1.2.1');
  expect((await rig.json(0, 'validate', 'p')).pipelines?.[0]?.diagnostics ?? []).toEqual([]);
  await rig.json(0, 'run', 'p');
  expect(await reasons(rig)).toEqual([]);
  install(rig, 'scikit_learn', '1.3.0');
  expect(await reasons(rig)).toEqual(['packages-changed scikit-learn 1.2.1 → 1.3.0']);
  install(rig, 'numpy', '1.26.4');
  expect(await reasons(rig)).toEqual([
    'packages-changed numpy – → 1.26.4',
    'packages-changed scikit-learn 1.2.1 → 1.3.0',
  ]);
  await rig.json(0, 'run', 'p');
  expect(await reasons(rig)).toEqual([]);
  install(rig, 'scikit_learn', '1.2.1');
  rig.remove(`${sitePackages(rig)}/numpy-1.26.4.dist-info`);
  const [step] = (await rig.json(0, 'plan', 'p')).steps;
  expect(step.action).toBe('restore');
});

it('counts the packages that an environment shares with its system, and another Python', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('python: .venv'), 'print.py': PRINT });
  rig.write({ 'base/lib/python3.11/site-packages/numpy-1.0.dist-info/METADATA': '', '.venv/bin/python3': '' });
  chmodSync(join(rig.root, '.venv/bin/python3'), 0o755);
  const config = (shares: boolean, version: string): void =>
    rig.write({
      '.venv/pyvenv.cfg': `home = ${rig.root}/base/bin\ninclude-system-site-packages = ${shares}\nversion = ${version}\n`,
    });
  config(true, '3.11.2');
  // No real Python: the step needs none.
  rig.write({
    'pipelines/p.yaml': pipeline('python: .venv').replace('python3 print.py', 'cp print.py out.json || true'),
  });
  await rig.json(0, 'run', 'p');
  rig.write({ 'base/lib/python3.11/site-packages/scipy-1.1.dist-info/METADATA': '' });
  expect(await reasons(rig)).toEqual(['packages-changed scipy – → 1.1']);
  config(false, '3.11.3');
  expect(await reasons(rig)).toEqual(['packages-changed numpy 1.0 → –', 'packages-changed python 3.11.2 → 3.11.3']);
});

it('shows five of many changed packages, and how many more there are', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('# none'), 'print.py': PRINT });
  await rig.json(0, 'run', 'p');
  venv(rig, '.venv');
  for (let i = 10; i < 60; i++) install(rig, `lib${i}`, '1.0');
  rig.write({ 'pipelines/p.yaml': pipeline('python: .venv') });
  const found = await reasons(rig);
  expect(found).toHaveLength(6);
  expect(found.at(-1)).toBe('packages-changed 46 more packages – → –');
});

it('leaves the fingerprint of a step without an environment as it is', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('# none'), 'print.py': PRINT });
  await rig.json(0, 'run', 'p');
  const [{ parts }] = rig.query('SELECT parts_json AS parts FROM step_execution');
  expect(Object.keys(JSON.parse(parts)).sort()).toEqual(['command', 'input:print.py', 'output:0', 'platform']);
});

const conda = (rig: Rig, prefix: string): void => {
  rig.write({ [`${prefix}/conda-meta/numpy-1.26.4-py311h64a7726_0.json`]: '{}', [`${prefix}/bin/.keep`]: '' });
  symlinkSync(
    spawnSync('python3', ['-c', 'import sys; print(sys.executable)']).stdout.toString().trim(),
    join(rig.root, prefix, 'bin/python3'),
  );
};

it.each([
  ['an installation in the home folder', 'home/miniforge3/envs/churn', {}],
  ['the folder of CONDA_EXE', 'tools/conda/envs/churn', { CONDA_EXE: 'tools/conda/bin/conda' }],
  ['a root of micromamba', 'mamba/envs/churn', { MAMBA_ROOT_PREFIX: 'mamba' }],
  ['the list of environments', 'far/away/churn', {}],
])('finds a conda environment by name in %s', async (_, prefix, variables) => {
  const env: Record<string, string | undefined> = {};
  using rig = createRig({ 'pipelines/p.yaml': pipeline('conda: churn'), 'print.py': PRINT }, env);
  Object.assign(env, { HOME: join(rig.root, 'home'), CONDA_EXE: undefined, MAMBA_ROOT_PREFIX: undefined });
  for (const [name, path] of Object.entries(variables)) env[name] = join(rig.root, path as string);
  conda(rig, prefix);
  rig.write({ 'home/.conda/environments.txt': `/nowhere/other\n${rig.root}/far/away/churn\n` });
  await rig.json(0, 'run', 'p');
  expect(JSON.parse(rig.read('out.json'))).toMatchObject({ CONDA_PREFIX: join(rig.root, prefix), VIRTUAL_ENV: null });
  rig.remove(`${prefix}/conda-meta/numpy-1.26.4-py311h64a7726_0.json`);
  rig.write({ [`${prefix}/conda-meta/numpy-2.0.0-py311h1_0.json`]: '{}' });
  expect(await reasons(rig)).toEqual(['packages-changed numpy 1.26.4 py311h64a7726_0 → 2.0.0 py311h1_0']);
});

it.each([
  ['python: .venv', { 'requirements.txt': '' }, 'python3 -m venv .venv && .venv/bin/pip install -r requirements.txt'],
  ['python: .venv', { 'pyproject.toml': '' }, 'python3 -m venv .venv && .venv/bin/pip install -e .'],
  ['python: "my env"', {}, "python3 -m venv 'my env'"],
  ['conda: churn', { 'environment.yml': '' }, 'conda env create -n churn -f environment.yml'],
  ['conda: ./env', {}, 'conda create -p ./env python'],
])('validate, plan and run say how to create what "%s" misses', async (key, files, command) => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline(key), 'print.py': PRINT, ...files }, { HOME: '/nonexistent' });
  for (const words of [
    ['validate', 'p'],
    ['plan', 'p'],
    ['run', 'p'],
  ]) {
    const { exit, stdout, stderr } = await rig.refit(...words);
    expect({ words, exit }).toEqual({ words, exit: 2 });
    expect(`${stdout}${stderr}`).toContain(command);
  }
  // Other commands do not need it: another machine may serve what this one trains.
  expect((await rig.refit('status', 'p')).exit).toBe(0);
});

it('tells an environment whose Python is gone from a folder that is none', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('python: .venv'), 'print.py': PRINT });
  rig.write({ '.venv/readme': '' });
  expect((await rig.refit('plan', 'p')).stderr).toContain('holds no bin/python3');
  mkdirSync(join(rig.root, '.venv/bin'));
  symlinkSync('/nonexistent/python3', join(rig.root, '.venv/bin/python3'));
  const { stderr } = await rig.refit('plan', 'p');
  expect(stderr).toContain('is gone');
  expect(stderr).toContain('python3 -m venv --clear .venv');
});

it.each([
  { declared: '.venv/bin/python', next: 'write python: .venv' },
  { declared: 'print.py', next: 'name the folder of a virtual environment' },
])('tells a file from an environment: $declared', async ({ declared, next }) => {
  using rig = createRig({
    'pipelines/p.yaml': pipeline(`python: ${declared}`),
    'print.py': PRINT,
    '.venv/bin/python': '',
  });
  for (const command of ['validate', 'run']) {
    const { exit, stdout, stderr } = await rig.refit(command, 'p');
    expect({ command, exit }).toEqual({ command, exit: 2 });
    expect(`${stdout}${stderr}`).toContain(`${declared} is a file`);
    expect(`${stdout}${stderr}`).toContain(next);
  }
});

it('tells a folder whose bin is a file from an environment', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('python: .venv'), 'print.py': PRINT, '.venv/bin': '' });
  const { exit, stdout, stderr } = await rig.refit('validate', 'p');
  expect({ exit, text: `${stdout}${stderr}` }).toMatchObject({ exit: 2 });
  expect(`${stdout}${stderr}`).toContain('holds no bin/python3');
});

it('lets a step name another environment than its pipeline, and refuses both kinds in one place', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('python: .missing', ', python: .venv'), 'print.py': PRINT });
  venv(rig, '.venv');
  expect((await rig.refit('run', 'p')).exit).toBe(0);
  rig.write({ 'pipelines/p.yaml': pipeline('python: .venv\nconda: x') });
  expect((await rig.refit('validate', 'p')).stderr).toContain('both say where programs come from');
});

it('uses the environment of the workspace in scratch workspaces and for the commands of the model', async () => {
  using rig = createRig({
    'print.py': PRINT,
    'evaluate.py':
      'import json, sys\njson.dump({"auc": 1, "own": int(sys.prefix.endswith(".venv"))}, open(sys.argv[1], "w"))\n',
    'pipelines/p.yaml': `${pipeline('python: .venv')}model:
  path: out.json
  evaluate: { run: "python3 evaluate.py \${{ evaluation.path }}", inputs: [evaluate.py] }
  gate: [own >= 1, { smoke: "python3 -c 'import sys; sys.exit(not sys.prefix.endswith(\\".venv\\"))'" }]
profiles: { test: {} }
`,
  });
  venv(rig, '.venv');
  const tested = await rig.refit('test', 'p');
  expect(`${tested.stdout}${tested.stderr}`).toContain('gate: pass');
  expect(tested.exit).toBe(0);
  expect((await rig.refit('run', 'p')).stdout).toContain('gate: pass');
});

it('reads a strange pyvenv.cfg without waiting', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('python: .venv'), 'print.py': PRINT });
  venv(rig, '.venv');
  rig.remove('.venv/pyvenv.cfg');
  spawnSync('mkfifo', [join(rig.root, '.venv/pyvenv.cfg')]);
  expect((await rig.refit('plan', 'p')).exit).toBe(0);
});
