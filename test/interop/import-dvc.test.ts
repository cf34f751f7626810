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
  old:
    cmd: exit 9
    deps: [data/raw.csv]
    outs: [kept.txt]
    frozen: true
  report:
    cmd: cat us.model fr.model kept.txt > report.txt
    deps: [us.model, fr.model, kept.txt, "s3://bucket/extra.csv"]
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
  'kept.txt': 'kept\n',
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
  expect(rig.read('report.txt')).toBe('x\n1\nx\n1\nkept\n');
  expect(rig.read('us.log')).toBe(`${process.env.HOME} 0.1\n`);
  expect(rig.read('sub/options.txt')).toBe('--lr 0.1 --deep\n');
  expect(run.metrics).toMatchObject({ auc: 0.7 });
  // An edge of the graph shows as staleness: a changed input makes its dependent steps stale.
  const ALWAYS = { report: 'run' };
  const all = (action: string): Document => Object.fromEntries(names.map((name) => [name, action]));
  expect(actions(await rig.json(0, 'plan', 'p'))).toEqual({ ...all('skip'), ...ALWAYS });
  // Another value of the file, a comment and the order do not count.
  rig.write({ 'params.yaml': '# better\ntrain: { quiet: true, deep: true, lr: 0.10 }\n' });
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
  expect(rig.read('report.txt')).toBe('x\n2\nx\n2\nkept\n');
});

it('reports what it cannot import with its position, once for all instances of a loop', async () => {
  using rig = createRig(FILES);
  const { notes } = await rig.json(0, 'import', 'dvc.yaml', '--name', 'p');
  const said = notes.map((note: Document) => [note.line, note.code, note.message]);
  const lineOf = (words: string): number => DVC.slice(0, DVC.indexOf(words)).split('\n').length;
  const expected = (words: string, code: string, message: string) =>
    expect(said).toContainEqual([lineOf(words), code, expect.stringContaining(message)]);
  expected('${item}.model: {', 'no-equivalent', 'persist');
  expected('${item}.json: {', 'no-equivalent', 'cache');
  expected('frozen: true', 'frozen-stage', '"old" is frozen');
  expected('deps: [us.model, fr.model', 'no-equivalent', 's3://bucket/extra.csv');
  expected('artifacts:', 'no-equivalent', '"artifacts"');
  expect(said).toHaveLength(5);
  const { stderr } = await rig.refit('import', 'dvc.yaml', '--name', 'q');
  expect(stderr).toContain(`dvc.yaml:${lineOf('frozen: true')}:5`);
  expect(stderr).toContain('write "model: us.model"');
});

it('keeps the values that a stage reads from several files, and reads whole files of other kinds', async () => {
  using rig = createRig({
    'dvc.yaml': `stages:
  a:
    cmd: cp conf/a.json out.txt
    params:
      - seed
      - model.layers
      - conf/a.json: [deep.list]
      - conf/b.toml: [x]
      - whole.yaml:
    outs: [out.txt]
`,
    'params.yaml': 'seed: 9007199254740993\nmodel: { layers: [1, 2], other: 1 }\n',
    'conf/a.json': '{"deep":{"list":[1,{"b":2}]},"free":1}',
    'conf/b.toml': 'x = 1\n',
    'whole.yaml': 'any: 1\n',
  });
  const { notes } = await rig.json(0, 'import', 'dvc.yaml', '--name', 'p');
  expect(notes).toEqual([
    expect.objectContaining({ code: 'param-file', message: expect.stringContaining('conf/b.toml') }),
  ]);
  await rig.json(0, 'run', 'p');
  const reasons = async (files: Record<string, string>): Promise<readonly unknown[]> => {
    rig.write(files);
    const { steps } = await rig.json(0, 'plan', 'p');
    return steps[0].reasons.map((one: Document) => [one.code, one.detail, one.before, one.after]);
  };
  expect(await reasons({ 'params.yaml': 'seed: 9007199254740993\nmodel: { layers: [1, 2], other: 7 }\n' })).toEqual([]);
  expect(await reasons({ 'params.yaml': 'seed: 9007199254740992\nmodel: { layers: [1, 2, 3] }\n' })).toEqual([
    ['param-changed', 'params.yaml#model.layers', '[1,2]', '[1,2,3]'],
    ['param-changed', 'params.yaml#seed', '"9007199254740993"', '"9007199254740992"'],
  ]);
  rig.write({ 'params.yaml': 'seed: 9007199254740993\nmodel: { layers: [1, 2] }\n' });
  expect(await reasons({ 'conf/a.json': '{"deep":{"list":[1,{"b":2}]},"free":5}' })).toEqual([]);
  expect(await reasons({ 'conf/b.toml': 'x = 2\n' })).toEqual([
    ['input-changed', 'conf/b.toml', expect.any(String), expect.any(String)],
  ]);
  rig.write({ 'params.yaml': 'model: { layers: [1, 2] }\n' });
  const missing = await rig.refit('plan', 'p');
  expect(missing).toMatchObject({ exit: 1, stderr: expect.stringContaining('the value "seed" of "params.yaml"') });
});

it('records the metrics of several files, and refuses one metric in two files', async () => {
  const stage = (second: string): string =>
    `stages: { a: { cmd: "echo '{\\"auc\\":0.7}' > a.json; echo '${second}' > b.json", metrics: [a.json, b.json] } }`;
  using rig = createRig({ 'dvc.yaml': stage('{\\"loss\\":2}') });
  await rig.json(0, 'import', 'dvc.yaml', '--name', 'p');
  expect((await rig.json(0, 'run', 'p')).metrics).toMatchObject({ auc: 0.7, loss: 2 });
  rig.write({ 'dvc.yaml': stage('{\\"auc\\":2}') });
  await rig.json(0, 'import', 'dvc.yaml', '--name', 'q');
  expect(await rig.refit('run', 'q')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('a.json has a metric of this name'),
  });
});

it('refuses a file whose stages are all frozen', async () => {
  using rig = createRig({ 'dvc.yaml': 'stages: { a: { cmd: echo 1, frozen: true } }' });
  expect(await rig.refit('import', 'dvc.yaml')).toMatchObject({ exit: 2, stderr: expect.stringContaining('frozen') });
  expect(rig.has('pipelines')).toBe(false);
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
