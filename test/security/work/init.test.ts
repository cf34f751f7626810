import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../../support/rig.js';
import { timed } from './timed.js';

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** As many as fit in a script that is read. */
const MOST = 250_000;
const repeated = (text: string): string => text.repeat(Math.floor(MOST / text.length));

it.each([
  ['names that double', `x0 = "ab"\n${lines(60, (i) => `x${i + 1} = x${i} + x${i}`)}\nopen(x60, "w")\n`],
  ['paths that double', `x0 = "ab"\n${lines(60, (i) => `x${i + 1} = x${i} / x${i}`)}\nopen(x60, "w")\n`],
  ['joined names that double', `x0 = "ab"\n${lines(60, (i) => `x${i + 1} = os.path.join(x${i}, x${i})`)}\nopen(x60)\n`],
  ['defaults that double', `x0 = "ab"\n${lines(60, (i) => `def f(x${i + 1}=x${i}+x${i}): pass`)}\nopen(x60)\n`],
  ['a long sum', `x = "${'y'.repeat(4000)}"\nopen(${'x + '.repeat(60_000)} "z")\n`],
  ['calls in calls', repeated('open(')],
  ['closed calls in calls', repeated(`${'open('.repeat(900)}"a"${')'.repeat(900)}\n`)],
  ['paths in paths', repeated(`x = ${'Path('.repeat(900)}"a"${')'.repeat(900)}\n`)],
  ['brackets in brackets', repeated(`x = ${'('.repeat(900)}"a"${')'.repeat(900)}\n`)],
  ['methods behind brackets', repeated('.x()))')],
  ['many imports', repeated('import a, b, c\n')],
  ['texts', repeated('"a/b/c"\n')],
  ['one long text', `x = "${'a/'.repeat(MOST / 2)}"\nopen(x)\n`],
])('init reads a script with %s in bounded time', async (_, script) => {
  using rig = createRig({ 'train.py': script, 'more.py': script, 'rows.csv': 'a,b\n1,2\n' });
  expect((await timed(rig, 'init', '--name', 'p')).exit).toBeLessThan(3);
});

it('init lists a folder that links lead to once', async () => {
  using rig = createRig({ 'train.py': 'open("sub/rows.csv")\n', 'sub/rows.csv': 'a,b\n1,2\n' });
  for (const name of Array.from({ length: 30 }, (_, i) => `loop${i}`)) symlinkSync('..', join(rig.root, 'sub', name));
  for (let i = 0; i < 30; i++) mkdirSync(join(rig.root, `d${i}`));
  expect((await timed(rig, 'init', '--name', 'p')).exit).toBe(0);
  expect(rig.read('pipelines/p.yaml')).toContain('sub/rows.csv');
  expect(rig.read('pipelines/p.yaml')).not.toContain('loop');
});

it('init finds what lies behind a link to a folder that it does not list itself', async () => {
  using rig = createRig({ 'train.py': 'open("rows/a.csv")\nopen("m.pkl", "wb")\n', '.cache/a.csv': 'a,b\n1,2\n' });
  symlinkSync('.cache', join(rig.root, 'rows'));
  expect((await timed(rig, 'init', '--name', 'p')).exit).toBe(0);
  expect(rig.read('pipelines/p.yaml')).toContain('rows/a.csv');
});
