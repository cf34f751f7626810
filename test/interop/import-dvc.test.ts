import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const DVC = `vars:
  - countries: [us, fr]
  - sizes.yaml:small
stages:
  prepare:
    desc: Cuts the rows.
    cmd:
      - mkdir -p data/cut
      - cp data/raw.csv data/cut/rows.csv
    deps: [data/raw.csv]
    outs: [data/cut]
  train:
    foreach: \${countries}
    do:
      cmd: cp data/cut/rows.csv \${item}.model && echo '{"auc":0.7}' > \${item}.json && echo \\\${HOME} \${train.lr} > \${item}.log
      deps: [data/cut/rows.csv]
      params: [train.lr]
      outs:
        - \${item}.model: { persist: true }
        - \${item}.log
      metrics:
        - \${item}.json: { cache: false }
  tune:
    matrix:
      depth: [1, 2]
      size: ["\${small}"]
    cmd: cat us.model > tuned-\${item.depth}.txt
    deps: [us.model]
    outs: ["tuned-\${item.depth}.txt"]
  options:
    wdir: sub
    cmd: echo \${train} > options.txt
    outs: [options.txt]
    frozen: true
  report:
    cmd: cat us.model fr.model > report.txt
    deps: [us.model, fr.model, "s3://bucket/extra.csv"]
    outs: [report.txt]
    always_changed: true
artifacts:
  best: { path: us.model, type: model }
`;

const FILES = {
  'dvc.yaml': DVC,
  'params.yaml': 'train: { lr: 0.1, deep: true, quiet: false }\n',
  'sizes.yaml': 'small: 10\nlarge: 99\n',
  'data/raw.csv': 'x\n1\n',
  'sub/keep': '',
};

const actions = ({ steps }: Document): Document =>
  Object.fromEntries(steps.map((step: Document) => [step.name, step.action]));

it('imports a dvc.yaml as a valid pipeline with the same graph that runs', async () => {
  using rig = createRig(FILES);
  const imported = await rig.json(0, 'import', 'dvc.yaml', '--name', 'p');
  const names = ['prepare', 'train-us', 'train-fr', 'tune-1-10', 'tune-2-10', 'options', 'report'];
  expect(imported).toMatchObject({ path: 'pipelines/p.yaml', steps: names });
  expect((await rig.refit('validate', 'p')).exit).toBe(0);
  expect(rig.read('pipelines/p.yaml')).toContain('# Cuts the rows.');
  const run = await rig.json(0, 'run', 'p');
  expect(run.run.steps.map((step: Document) => step.name).sort()).toEqual([...names].sort());
  expect(rig.read('report.txt')).toBe('x\n1\nx\n1\n');
  expect(rig.read('us.log')).toBe(`${process.env.HOME} 0.1\n`);
  expect(rig.read('sub/options.txt')).toBe('--lr 0.1 --deep\n');
  expect(run.metrics).toMatchObject({ auc: 0.7 });
  // An edge of the graph shows as staleness: a changed input makes its dependent steps stale.
  const ALWAYS = { report: 'run' };
  const all = (action: string): Document => Object.fromEntries(names.map((name) => [name, action]));
  expect(actions(await rig.json(0, 'plan', 'p'))).toEqual({ ...all('skip'), ...ALWAYS });
  rig.write({ 'params.yaml': 'train: { lr: 0.2, deep: true, quiet: false }\n' });
  expect(actions(await rig.json(0, 'plan', 'p'))).toMatchObject({
    prepare: 'skip',
    'train-us': 'run',
    options: 'skip',
  });
  rig.write({ 'data/raw.csv': 'x\n2\n' });
  await rig.json(0, 'run', 'p');
  expect(rig.read('tuned-2.txt')).toBe('x\n2\n');
  expect(rig.read('report.txt')).toBe('x\n2\nx\n2\n');
});

it('reports what it cannot import with its position, once for all instances of a loop', async () => {
  using rig = createRig(FILES);
  const { notes } = await rig.json(0, 'import', 'dvc.yaml', '--name', 'p');
  const said = notes.map((note: Document) => [note.line, note.code, note.message]);
  const lineOf = (words: string): number => DVC.slice(0, DVC.indexOf(words)).split('\n').length;
  const expected = (words: string, code: string, message: string) =>
    expect(said).toContainEqual([lineOf(words), code, expect.stringContaining(message)]);
  expected('params: [train.lr]', 'param-file', 'params.yaml');
  expected('${item}.model: {', 'no-equivalent', 'persist');
  expected('${item}.json: {', 'no-equivalent', 'cache');
  expected('frozen: true', 'no-equivalent', 'frozen');
  expected('deps: [us.model, fr.model', 'no-equivalent', 's3://bucket/extra.csv');
  expected('artifacts:', 'no-equivalent', '"artifacts"');
  expect(said).toHaveLength(6);
  const { stderr } = await rig.refit('import', 'dvc.yaml', '--name', 'q');
  expect(stderr).toContain(`dvc.yaml:${lineOf('frozen: true')}:5`);
  expect(stderr).toContain('write "model: us.model"');
});

it('writes nothing when a value is unknown or the file is broken, and never overwrites a file', async () => {
  using rig = createRig({ 'dvc.yaml': 'stages:\n  a:\n    cmd: echo ${nowhere.x}\n  b:\n    deps: [a]\n' });
  const refused = await rig.refit('import', 'dvc.yaml', '--name', 'p');
  expect(refused.exit).toBe(2);
  expect(refused.stderr).toContain('dvc.yaml:3:5');
  expect(refused.stderr).toContain('${nowhere.x}');
  expect(refused.stderr).toContain('the stage "b" has no cmd');
  expect(rig.has('pipelines')).toBe(false);
  rig.write({ 'dvc.yaml': 'stages: [' });
  expect((await rig.refit('import', 'dvc.yaml')).exit).toBe(2);
  rig.write({ 'dvc.yaml': 'stages: { a: { cmd: echo 1 } }', 'pipelines/p.yaml': 'mine' });
  const kept = await rig.refit('import', 'dvc.yaml', '--name', 'p');
  expect(kept).toMatchObject({ exit: 2, stderr: expect.stringContaining('already exists') });
  expect(rig.read('pipelines/p.yaml')).toBe('mine');
  expect((await rig.refit('import', 'dvc.yaml', '--name', 'p', '--force')).exit).toBe(0);
  expect((await rig.refit('validate', 'p')).exit).toBe(0);
});

it('reports a file that lies outside the workspace', async () => {
  using other = createRig({ 'dvc.yaml': 'stages: { a: { cmd: echo 1 } }' });
  using rig = createRig({ 'dvc.yaml': 'stages: { a: { cmd: echo 1 } }' });
  const elsewhere = await rig.refit('import', `${other.root}/dvc.yaml`, '--name', 'p');
  expect(elsewhere).toMatchObject({ exit: 2, stderr: expect.stringContaining('dvc.yaml lies outside') });
  const away = await rig.refit('import', 'dvc.yaml', '--name', 'p', '-o', '../p.yaml');
  expect(away).toMatchObject({ exit: 2, stderr: expect.stringContaining('../p.yaml lies outside') });
});
