import { expect, it } from 'vitest';
import { createRig, type Document } from '../../support/rig.js';

const WHOLE = `pipeline: p
params: { n: 1, m: 2 }
datasets: { rows: { path: "data/*.csv" } }
steps:
  a: { run: "cat \${{ datasets.rows }} > a.txt; echo \${{ params.n }} >> a.txt", inputs: ["\${{ datasets.rows }}"], outputs: [a.txt] }
  b: { run: "cat a.txt > b.txt; echo \${{ params.m }} >> b.txt", inputs: [a.txt], outputs: [b.txt] }
`;

/** The same in three files, in two folders. */
const SPLIT: Readonly<Record<string, string>> = {
  'pipelines/p.yaml': `pipeline: p
include: [parts/data.yaml]
params: { m: 2 }
steps:
  b: { run: "cat a.txt > b.txt; echo \${{ params.m }} >> b.txt", inputs: [a.txt], outputs: [b.txt] }
`,
  'pipelines/parts/data.yaml': `include: [../../shared/rows.yaml]
params: { n: 1 }
steps:
  a: { run: "cat \${{ datasets.rows }} > a.txt; echo \${{ params.n }} >> a.txt", inputs: ["\${{ datasets.rows }}"], outputs: [a.txt] }
`,
  'shared/rows.yaml': 'datasets: { rows: { path: "data/*.csv" } }\n',
};

const actions = (plan: Document): readonly string[] => plan.steps.map(({ action }: { action: string }) => action);

it('does not run a step again because its pipeline is split into files', async () => {
  using rig = createRig({ 'pipelines/p.yaml': WHOLE, 'data/1.csv': 'x\n' });
  await rig.json(0, 'run', 'p');
  rig.write(SPLIT);
  expect((await rig.refit('validate', 'p')).exit).toBe(0);
  expect([...actions(await rig.json(0, 'plan', 'p'))].sort()).toEqual(['skip', 'skip']);
  rig.write({ 'pipelines/parts/data.yaml': SPLIT['pipelines/parts/data.yaml']?.replace('n: 1', 'n: 7') ?? '' });
  const plan = await rig.json(0, 'plan', 'p');
  expect(plan.steps.find(({ name }: Document) => name === 'a')).toMatchObject({ action: 'run' });
});

it('records all files with the run, and reproduces it when they have changed', async () => {
  using rig = createRig({ ...SPLIT, 'data/1.csv': 'x\n' });
  const { run } = await rig.json(0, 'run', 'p');
  const [{ text }] = rig.query('SELECT text FROM definition');
  for (const part of Object.values(SPLIT)) expect(text).toContain(part.trimEnd());
  rig.write({ 'pipelines/parts/data.yaml': 'params: { n: 9 }\n', 'shared/rows.yaml': 'datasets: {}\n' });
  const ended = await rig.refit('reproduce', run.id);
  expect(ended.exit, ended.stderr + ended.stdout).toBe(0);
});

it('names the right file and line', async () => {
  using rig = createRig({
    ...SPLIT,
    'data/1.csv': 'x\n',
    'pipelines/parts/data.yaml': `# the data
steps:
  a:
    run: cat \${{ datasets.rows }} > a.txt
    inputs: ["\${{ datasets.rows }}", gone.txt]
    outputs: [a.txt]
    timout: 5m
  b: { run: "true", inputs: [], outputs: [] }
params: { n: 1 }
include: [../../shared/rows.yaml]
pipeline: q
`,
  });
  const ended = await rig.refit('validate', 'p');
  expect(ended.exit).toBe(2);
  expect(ended.stdout + ended.stderr).toMatch(
    /pipelines\/parts\/data\.yaml:7:5 error unknown-key unknown key "timout".*\n 7 │ {5}timout: 5m/,
  );
  expect(ended.stdout + ended.stderr).toMatch(
    /pipelines\/parts\/data\.yaml:8:3 error duplicate-key "steps\.b" is given twice/,
  );
  expect(ended.stdout + ended.stderr).toContain('pipelines/p.yaml:5:3 it is given here first');
  expect(ended.stdout + ended.stderr).toMatch(
    /data\.yaml:11:1 error unknown-key an included file is no pipeline of its own/,
  );
  expect(ended.stdout + ended.stderr).toMatch(/data\.yaml:5:\d+ error missing-input .*gone\.txt/);
});

it('refuses cycles, files outside the workspace and files that are not there', async () => {
  using rig = createRig({
    'pipelines/p.yaml': 'pipeline: p\ninclude: [parts/a.yaml, ../../out.yaml, /etc/passwd, none.yaml]\nsteps: {}\n',
    'pipelines/parts/a.yaml': 'include:\n  - b.yaml\n',
    'pipelines/parts/b.yaml': 'include: [../p.yaml]\n',
  });
  const { stdout, stderr, exit } = await rig.refit('validate', 'p');
  const said = stdout + stderr;
  expect(exit).toBe(2);
  expect(said).toMatch(
    /parts\/b\.yaml:1:11 error include-cycle .*p\.yaml → pipelines\/parts\/a\.yaml → pipelines\/parts\/b\.yaml → /,
  );
  expect(said.match(/p\.yaml:2:\d+ error path-outside-workspace/g)).toHaveLength(2);
  expect(said).toMatch(/p\.yaml:2:\d+ error missing-file there is no file pipelines\/none\.yaml/);
});

it('merges maps by merge keys, and names a fault in the merged map where it is written', async () => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
steps:
  a: &base { run: 'echo made > \${{ outputs[0] }}', inputs: [], outputs: [a.txt], timeout: 10m }
  b: { <<: *base, outputs: [b.txt] }
  c:
    <<: [{ outputs: [c.txt] }, *base]
    timeout: 5m
`,
  });
  await rig.json(0, 'run', 'p');
  expect(['a', 'b', 'c'].map((name) => rig.read(`${name}.txt`))).toEqual(Array(3).fill('made\n'));
  rig.write({
    'pipelines/q.yaml': `pipeline: q
steps:
  a: &base { run: "true", inputs: [], outputs: [], timeout: soon }
  b: { <<: *base }
  c: { <<: 3, run: "true", inputs: [], outputs: [] }
`,
  });
  const { stdout, stderr, exit } = await rig.refit('validate', 'q');
  expect(exit).toBe(2);
  expect(stdout + stderr).toMatch(/q\.yaml:3:\d+ error .*timeout/);
  expect(stdout + stderr).toContain('q.yaml:5:12 error wrong-merge "<<" merges a map, or a list of maps');
});

it.each([
  ['quoted', '"include": [parts/data.yaml]\n'],
  ['escaped', '"\\x69nclude": [parts/data.yaml]\n'],
  ['over two lines', '? "inclu\\\n  de"\n: [parts/data.yaml]\n'],
  ['an explicit key', '? include\n: [parts/data.yaml]\n'],
  ['behind a byte-order mark', '\uFEFFinclude: [parts/data.yaml]\n'],
])('reads included files where the key is %s', async (_, include) => {
  using rig = createRig({
    ...SPLIT,
    'pipelines/p.yaml': `${include}${(SPLIT['pipelines/p.yaml'] ?? '').replace('include: [parts/data.yaml]\n', '')}`,
    'data/1.csv': 'x\n',
  });
  expect((await rig.json(0, 'plan', 'p')).steps).toHaveLength(2);
});

it('refuses a text where an included file should list files', async () => {
  using rig = createRig({ ...SPLIT, 'pipelines/parts/data.yaml': 'include: ../../shared/rows.yaml\n' });
  const ended = await rig.refit('validate', 'p');
  expect(ended).toMatchObject({ exit: 2, stderr: expect.stringContaining('"include" must be a list of files') });
});
