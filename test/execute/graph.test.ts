import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Document, type Rig } from '../support/rig.js';

const pipeline = (steps: string, rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${rest}steps:\n${steps}\n`,
});

/** Nothing was run and nothing was written but what refit keeps for itself. */
function expectNothingRan(rig: Rig): void {
  expect(rig.has('ran.txt')).toBe(false);
  expect(rig.has('.refit/logs')).toBe(false);
}

/** Asks a registry that may not be there. */
const runsOf = async (rig: Rig): Promise<number> => (await rig.json(0, 'runs')).runs.length;

it('refuses two steps that write one path, or a path inside the other', async () => {
  using rig = createRig(
    pipeline(`  a: { run: echo a >> ran.txt, inputs: [], outputs: [out/x.txt] }
  b: { run: echo b >> ran.txt, inputs: [], outputs: [./out//x.txt] }
  c: { run: echo c >> ran.txt, inputs: [], outputs: [tree] }
  d: { run: echo d >> ran.txt, inputs: [], outputs: [tree/deep/leaf] }
  e: { run: echo e >> ran.txt, inputs: [], outputs: [], metrics: tree/m.json }`),
  );
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(2);
  for (const [line, who] of [
    [4, 'steps "a" and "b" both write "out/x.txt"'],
    [6, 'steps "c" and "d" both write'],
    [7, 'steps "c" and "e" both write'],
  ] as const)
    expect(ended.stderr).toMatch(new RegExp(`p\\.yaml:${line}:\\d+ .*${who}`));
  expectNothingRan(rig);
  expect(await runsOf(rig)).toBe(0);
});

it('names the whole path of a cycle, where it is, and no step outside it', async () => {
  using rig = createRig(
    pipeline(`  start: { run: echo s >> ran.txt, inputs: [], outputs: [s.txt] }
  a: { run: echo a >> ran.txt, inputs: [s.txt, c.txt], outputs: [a.txt] }
  b: { run: echo b >> ran.txt, inputs: [a.txt], outputs: [b.txt] }
  c: { run: echo c >> ran.txt, inputs: [b.txt], outputs: [c.txt] }
  end: { run: echo e >> ran.txt, inputs: [c.txt], outputs: [e.txt] }`),
  );
  const { files } = await rig.json(2, 'validate', 'p');
  expect(files[0].diagnostics).toHaveLength(1);
  const [cycle] = files[0].diagnostics;
  expect(cycle).toMatchObject({ code: 'cycle', at: { file: 'pipelines/p.yaml', col: 3 } });
  expect(cycle.message).toMatch(/a → c → b → a|b → a → c → b|c → b → a → c/);
  expect(cycle.message).not.toMatch(/start|end/);
  expect((await rig.refit('run', 'p')).exit).toBe(2);
  expectNothingRan(rig);
});

it('finds a cycle of one step that reads what it writes, and one by "after"', async () => {
  using rig = createRig({
    ...pipeline('  a: { run: "true", inputs: [tree/x], outputs: [tree] }'),
    'pipelines/q.yaml': `pipeline: q
steps:
  a: { run: "true", inputs: [], outputs: [], after: [b] }
  b: { run: "true", inputs: [], outputs: [], after: [a] }
`,
  });
  for (const [name, path] of [
    ['p', 'a → a'],
    ['q', 'a → b → a'],
  ] as const)
    expect((await rig.json(2, 'validate', name)).files[0].diagnostics).toMatchObject([
      { code: 'cycle', message: expect.stringContaining(path) },
    ]);
});

const namesOf = (document: Document): readonly string[] => document.run.steps.map((step: Document) => step.name);

const PARTS = `  one: { run: echo 1 > parts/1.txt, inputs: [], outputs: [parts/1.txt] }
  two: { run: echo 2 > parts/2.txt, inputs: [], outputs: [parts/2.txt] }`;

it('first runs the steps that write into a folder that a step reads', async () => {
  using rig = createRig(
    pipeline(`  all: { run: cat parts/* > all.txt, inputs: [parts], outputs: [all.txt] }\n${PARTS}`),
  );
  expect([...namesOf(await rig.json(0, 'run', 'p'))].at(-1)).toBe('all');
  expect(rig.read('all.txt')).toBe('1\n2\n');
});

it('first runs the steps whose outputs match a glob that a step reads', async () => {
  using rig = createRig(
    pipeline(
      `  all: { run: "cat \${{ inputs[0] }} > all.txt", inputs: ["parts/*.txt"], outputs: [all.txt] }\n${PARTS}`,
    ),
  );
  expect([...namesOf(await rig.json(0, 'run', 'p'))].at(-1)).toBe('all');
  expect(rig.read('all.txt')).toBe('1\n2\n');
});

it('first runs the steps that write a dataset that a step reads, and reads what they wrote', async () => {
  using rig = createRig({
    ...pipeline(
      `  all: { run: "cat \${{ datasets.d }} > all.txt", inputs: ["\${{ datasets.d }}"], outputs: [all.txt] }\n${PARTS}`,
      'datasets: { d: { path: "parts/*.txt" } }\n',
    ),
    'parts/0.txt': '0\n',
  });
  expect([...namesOf(await rig.json(0, 'run', 'p'))].at(-1)).toBe('all');
  expect(rig.read('all.txt')).toBe('0\n1\n2\n');
});

const DATED: Readonly<Record<string, string>> = {
  ...pipeline(
    `  a: { run: "cat \${{ datasets.d }} > a.txt", inputs: ["\${{ datasets.d }}"], outputs: [a.txt] }
  b: { run: cp a.txt b.txt, inputs: [a.txt], outputs: [b.txt] }`,
    'datasets: { d: { path: d.csv, time: at } }\n',
  ),
  'd.csv': 'at,x\n2026-01-01,1\n2026-01-03,2\n',
};

it('plan changes no file and no row', async () => {
  using rig = createRig(DATED);
  await rig.json(0, 'plan', 'p');
  expect(rig.has('.refit')).toBe(false);
  await rig.json(0, 'run', 'p');
  rig.write({ 'd.csv': 'at,x\n2026-01-01,9\n2026-01-03,2\n' });
  rig.remove('b.txt');
  const before = snapshot(rig);
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  expect(snapshot(rig)).toEqual(before);
});

it('plan with --now removes the filtered copies it has made', async () => {
  using rig = createRig(DATED);
  await rig.json(0, 'plan', 'p', '--now', '2026-01-02');
  expect(rig.has('.refit')).toBe(false);
  await rig.json(0, 'run', 'p');
  const before = snapshot(rig);
  await rig.json(0, 'plan', 'p', '--now', '2026-01-02');
  expect(snapshot(rig)).toEqual(before);
});

/** Every file with its content, and every row; the stat cache and SQLite's side files may differ. */
function snapshot(rig: Rig): Document {
  const files = rig
    .files()
    .filter((path) => !/^\.refit\/(cache|registry)\.db/.test(path) && !path.startsWith('.refit/locks/'));
  const tables = rig.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  return {
    files: Object.fromEntries(files.map((path) => [path, rig.read(path)])),
    rows: Object.fromEntries(tables.map(({ name }) => [name, rig.query(`SELECT * FROM "${name}"`)])),
  };
}

const CHAIN = pipeline(
  ['a', 'b', 'c', 'd']
    .map((name, i, all) => {
      const inputs = i === 0 ? '[]' : `[${all[i - 1]}.txt]`;
      return `  ${name}: { run: "echo $REFIT_STEP >> ran.txt; echo ${name} > ${name}.txt", inputs: ${inputs}, outputs: [${name}.txt] }`;
    })
    .concat('  side: { run: "echo side >> ran.txt", inputs: [], outputs: [] }')
    .join('\n'),
);

describe('runs exactly the selected steps', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = createRig(CHAIN);
    await rig.json(0, 'run', 'p');
  });
  afterAll(() => rig[Symbol.dispose]());
  for (const { args, ran } of [
    { args: ['--force=b'], ran: ['b'] },
    { args: ['--force=b', '--force=side'], ran: ['b', 'side'] },
    { args: ['--force'], ran: ['a', 'b', 'c', 'd', 'side'] },
    { args: ['--from', 'c', '--force'], ran: ['c', 'd'] },
    { args: ['--until', 'b', '--force'], ran: ['a', 'b'] },
    { args: ['--from', 'b', '--until', 'c', '--force'], ran: ['b', 'c'] },
    { args: ['--only', 'c', '--force'], ran: ['c'] },
  ])
    it(`${args.join(' ')}: ${ran.join(', ')}`, async () => {
      rig.remove('ran.txt');
      await rig.json(0, 'run', 'p', ...args);
      expect(rig.read('ran.txt').trim().split('\n').sort()).toEqual(ran);
    });
});

it('--only runs one step, also before the first run and after a stale step', async () => {
  using rig = createRig(CHAIN);
  await rig.json(0, 'run', 'p', '--until', 'b');
  expect(rig.read('ran.txt')).toBe('a\nb\n');
  rig.write({ 'b.txt': 'by hand\n' });
  const { run } = await rig.json(0, 'run', 'p', '--only', 'c');
  expect(run.steps.map((step: Document) => step.name)).toEqual(['c']);
  expect(rig.read('ran.txt')).toBe('a\nb\nc\n');
  expect((await rig.refit('run', 'p', '--only', 'cc')).exit).toBe(2);
});

const MATRIX = (folds: string, kinds: string): string =>
  `  train:
    matrix: { fold: ${folds}, kind: ${kinds} }
    run: echo "$REFIT_STEP" >> ran.txt; echo \${{ matrix.kind }} > \${{ outputs[0] }}
    inputs: []
    outputs: ["out/\${{ matrix.fold }}-\${{ matrix.kind }}.txt"]
  join: { run: cat out/* > all.txt, inputs: [out], outputs: [all.txt] }`;

it('names the instances of a matrix the same each time, and runs only new ones', async () => {
  using rig = createRig(pipeline(MATRIX('[1, 2]', '[x, "it-is"]')));
  const { run } = await rig.json(0, 'run', 'p', '--jobs', '1');
  expect(run.steps.map((step: Document) => step.name)).toEqual([
    'train@fold=1,kind=x',
    'train@fold=1,kind=it-is',
    'train@fold=2,kind=x',
    'train@fold=2,kind=it-is',
    'join',
  ]);
  expect(rig.read('all.txt')).toBe('it-is\nx\nit-is\nx\n');
  rig.remove('ran.txt');
  rig.write(pipeline(MATRIX('[2, 3, 1]', '["it-is", x]')));
  await rig.json(0, 'run', 'p');
  expect(rig.read('ran.txt').trim().split('\n').sort()).toEqual(['train@fold=3,kind=it-is', 'train@fold=3,kind=x']);
  await rig.json(0, 'run', 'p', '--only', 'train', '--force');
  expect(rig.read('ran.txt').trim().split('\n')).toHaveLength(8);
});

it('refuses a matrix whose instances share an output, and "foreach", at their place', async () => {
  using rig = createRig(
    pipeline(`  a: { matrix: { fold: [1, 2] }, run: "true", inputs: [], outputs: [a.txt] }
  b: { matrix: { fold: [1] }, foreach: [x], run: "true", inputs: [], outputs: [] }
  c: { run: "echo \${{ matrix.fold }}", inputs: [], outputs: [] }`),
  );
  const { files } = await rig.json(2, 'validate', 'p');
  const found = files[0].diagnostics.map((one: Document) => [one.code, one.at.line]);
  expect(found).toEqual(
    expect.arrayContaining([
      ['unknown-key', 4],
      ['two-writers', 3],
    ]),
  );
  expect(files[0].diagnostics.some((one: Document) => one.at.line === 5)).toBe(true);
});

it('suggests the known key for each misspelt one, at its line and column', async () => {
  const keys = { imputs: 'inputs', timout: 'timeout', retires: 'retries', cach: 'cache' };
  const lines = Object.keys(keys).map((key, i) => `  s${i}: { run: "true", ${key}: 1, outputs: [] }`);
  using rig = createRig(pipeline(lines.join('\n')));
  const ended = await rig.refit('run', 'p');
  expect(ended.exit).toBe(2);
  for (const [i, [key, hint]] of Object.entries(keys).entries()) {
    expect(ended.stderr).toContain(`p.yaml:${3 + i}:${(lines[i]?.indexOf(key) ?? 0) + 1} error unknown-key`);
    expect(ended.stderr).toContain(`did you mean "${hint}"?`);
  }
  expectNothingRan(rig);
});

it('names the known keys for a key that resembles none', async () => {
  using rig = createRig(pipeline('  a: { run: "true", inputs: [], zzzzzz: 1 }'));
  const [one] = (await rig.json(2, 'validate', 'p')).files[0].diagnostics;
  expect(one).toMatchObject({ code: 'unknown-key', at: { line: 3, col: 33 } });
  expect(`${one.message} ${one.suggestion}`).toContain('zzzzzz');
});
