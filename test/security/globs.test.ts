import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expandBraces } from '../../src/domain/support/braces.js';
import { compileGlob, globMatches } from '../../src/domain/support/glob.js';
import { createRig } from '../support/rig.js';
import { timed } from './work/timed.js';

const reading = (glob: string): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': JSON.stringify({
    pipeline: 'p',
    steps: { s: { run: 'true', outputs: ['q.out'], inputs: [glob] } },
  }),
});

const matches = (glob: string, path: string): boolean => globMatches(compileGlob(glob), path);

describe('a glob', () => {
  it.each([
    `${'{a,aa}'.repeat(30)}b`,
    `{a,${'{b,c}'.repeat(10)}}`,
    `{${Array.from({ length: 400 }, () => 'a').join(',')}}{1,2,3}`,
    '{1..1000000}',
    '{1..40}{1..40}',
    'a*'.repeat(20_000),
  ])('%s stands for too much: refused, as an input and as a dataset', async (glob) => {
    using rig = createRig({ 'x.csv': 'a\n1\n' });
    rig.write({
      'pipelines/p.yaml': JSON.stringify({
        pipeline: 'p',
        datasets: { d: { path: glob } },
        steps: {
          s: { run: 'true', outputs: ['a'.repeat(200)], inputs: ['${{ datasets.d }}'] },
          t: { run: 'true', outputs: ['q'], inputs: [glob] },
        },
      }),
    });
    const answer = await timed(rig, 'plan', 'p');
    expect(answer.exit).toBe(2);
    expect(answer.text.match(/slow-glob/g)?.length).toBe(2);
  });

  it.each([
    `${'*a'.repeat(100)}b`,
    `${'?*'.repeat(100)}b`,
    `${'**/'.repeat(100)}b`,
    '*(*a|a)*',
    '((a+)+)+b*',
    '{a,aa}+{a,aa}+{a,aa}+*',
    '!(*a)b*',
    '[a]+[a]+[a]+[a]+[a]+[a]+[a]+[a]+[a]+b*',
    `${'{a'.repeat(200)}${'}'.repeat(200)}`,
    '{'.repeat(900),
    '['.repeat(900),
  ])('%s is matched soon', async (glob) => {
    using rig = createRig({ [`${'a/'.repeat(200)}b`]: '', ['a'.repeat(250)]: '', ...reading(glob) });
    expect((await timed(rig, 'validate', 'p')).exit).not.toBe(-1);
  });

  it.each([
    ['*a*b*c*d*e', 'xaxbxcxdxe'],
    ['{a,{b,c{1,2}}}/*.csv', 'c2/x.csv'],
    ['data/{2024,2025}-{01..12}/*.csv', 'data/2025-07/x.csv'],
    ['part-{8..12}.csv', 'part-11.csv'],
    ['{a..e}.csv', 'd.csv'],
    ['{0..90..30}', '60'],
    ['data/**/*.parquet', 'data/a/b/c.parquet'],
    ['**/a/**/b/**/c/**/*.csv', 'x/a/b/c/d/e.csv'],
    ['data/20[0-9][0-9]-??/*.{csv,csv.gz}', 'data/2025-01/x.csv.gz'],
    ['[!a-c]*.csv', 'd.csv'],
    ['[[:digit:]]*.csv', '4.csv'],
    ['a (1)*.csv', 'a (1) b.csv'],
    ['a[*]b', 'a*b'],
    ['\\*.csv', '*.csv'],
    ['{a}', '{a}'],
    ['.hidden/*', '.hidden/x'],
    ['data/**', 'data'],
    ['data/**/**', 'data'],
    ['**/x.csv/**', 'a/x.csv'],
    ['{a,b}/**', 'b'],
    ['*.csv/**', 'x.csv'],
  ])('%s matches %s', async (glob, path) => {
    expect(matches(glob, path)).toBe(true);
    using rig = createRig({ [path]: 'a\n1\n', ...reading(glob) });
    expect(await rig.refit('validate', 'p')).toMatchObject({ exit: 0 });
  });

  it.each([
    ['*.csv', '.x.csv'],
    ['*.csv', 'a/x.csv'],
    ['**/x', '.a/x'],
    ['data/*/**', 'data/x'],
    ['data/**/*', 'data'],
    ['data/**', 'data2'],
    ['[!a]', 'a'],
    ['{01..12}', '1'],
    ['?', 'ab'],
  ])('%s does not match %s', (glob, path) => {
    expect(matches(glob, path)).toBe(false);
  });

  it.each([
    ['@(a|b).csv', '"@(a|b)" is no group'],
    ['data/+(a).csv', '"+(a)" is no group'],
    ['!x.csv', '"!" excludes nothing'],
    ['{1..b}*.csv', '"{1..b}" is no range'],
    ['{a}*.csv', 'holds no comma and no range'],
    ['a**.csv', 'it is the same as "*"'],
  ])('%s that matches nothing says what is not supported', async (glob, words) => {
    using rig = createRig(reading(glob));
    const answer = await rig.refit('validate', 'p');
    expect(answer.exit).toBe(2);
    expect(answer.stdout + answer.stderr).toContain(words);
  });

  it('gives up on braces before it has written them out', () => {
    const started = performance.now();
    expect(expandBraces('{a,aa}'.repeat(160))).toBeUndefined();
    expect(expandBraces(`${'{a,'.repeat(300)}${'}'.repeat(300)}`)?.length).toBe(301);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('lists pipes among the pipeline files', async () => {
    using rig = createRig(reading('*.csv'));
    mkdirSync(`${rig.root}/pipelines`, { recursive: true });
    execFileSync('mkfifo', [`${rig.root}/pipelines/pipe.yaml`]);
    const { exit, text } = await timed(rig, 'validate');
    expect(exit).not.toBe(0);
    expect(text).toContain('pipelines/pipe.yaml');
    expect(text).toContain('not a regular file');
  });
});
