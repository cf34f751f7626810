import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nearMiss } from '../../src/domain/support/near-miss.js';
import { isCron } from '../../src/pipeline/parse/cron.js';
import { readSource } from '../../src/pipeline/parse/source/yaml-source.js';
import { createRig, type Rig, until } from '../support/rig.js';
import { timed } from './work/timed.js';

const STEP = 'steps: { s: { run: "true", inputs: [], outputs: [o] } }\n';
const pipeline = (more: string): Readonly<Record<string, string>> => ({
  'x.csv': 'a\n1\n',
  'pipelines/p.yaml': `pipeline: p\n${more}`,
});

describe('a pipeline file', () => {
  it.each([
    ['4,000 unknown keys', STEP + Array.from({ length: 4000 }, (_, i) => `k${i}x: 1\n`).join(''), 'k3999x'],
    [
      '4,000 unknown keys of a step',
      `steps: { s: { run: "true", outputs: [o], ${Array.from({ length: 4000 }, (_, i) => `k${i}x: 1`).join(', ')} } }\n`,
      'k3999x',
    ],
    ['an unknown key of 100 kB', `? ${'k'.repeat(100_000)}\n: 1\n${STEP}`, 'unknown key'],
    [
      'two names of 100 kB',
      `datasets: { ${'z'.repeat(100_000)}: { path: a } }\nsteps: { s: { run: "true", outputs: [o], inputs: ["\${{ datasets.${'y'.repeat(100_000)} }}"] } }\n`,
      'error',
    ],
    ['lists in 20,000 lists', `params: { a: ${'['.repeat(20_000)}${']'.repeat(20_000)} }\n${STEP}`, 'nested'],
    [
      'maps in 200 maps',
      `params: { a: ${'{ a: '.repeat(200)}1${' }'.repeat(200)} }\n${STEP}`,
      'nested deeper than 100 levels',
    ],
    [
      'a condition in 300 conditions',
      `${STEP}retrain: { when: ${'{ any: [ '.repeat(300)}${' ] }'.repeat(300)} }\n`,
      'nested',
    ],
    ['3 MB', `#${'x'.repeat(3_000_000)}\n${STEP}`, 'the file has'],
  ])('with %s is answered soon', async (_, text, words) => {
    using rig = createRig(pipeline(text));
    const answer = await timed(rig, 'validate', 'p');
    expect(answer.exit).toBe(2);
    expect(answer.text).toContain(words);
    expect(answer.text.length).toBeLessThan(3_000_000);
  });

  it('gets a suggestion for its first 20 unknown keys', async () => {
    using rig = createRig(
      pipeline(
        STEP + Array.from({ length: 30 }, (_, i) => `owner${i < 26 ? String.fromCharCode(97 + i) : i}: 1\n`).join(''),
      ),
    );
    const { text } = await timed(rig, 'validate', 'p');
    expect(text.match(/unknown-key/g)).toHaveLength(30);
    expect(text.match(/did you mean "owner"/g)).toHaveLength(20);
  });
});

describe('a suggestion', () => {
  it('is made for names of up to 64 characters', () => {
    expect(nearMiss(`${'a'.repeat(63)}b`, ['a'.repeat(64)])).toBe('a'.repeat(64));
    expect(nearMiss(`${'a'.repeat(64)}b`, ['a'.repeat(64)])).toBeUndefined();
    expect(nearMiss('a'.repeat(64), ['a'.repeat(65)])).toBeUndefined();
  });
});

describe('an alias', () => {
  const fan = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...[...'bcdefg'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdef'[i]}`).join(',')}]`),
  ];
  it.each([
    ['without an anchor', 'params: { a: *nope }', 'unknown-alias'],
    ['before its anchor', 'params: { a: *late, b: &late 1 }', 'unknown-alias'],
    ['as a merge key without an anchor', '<<: *nope', 'unknown-alias'],
    ['inside its own anchor', 'params: &p { a: *p }', 'endless-alias'],
    ['inside a list of its own anchor', 'params: { a: &p [ [ *p ] ] }', 'endless-alias'],
    ['that multiplies the file', fan.join('\n'), 'too-many-aliases'],
  ])('%s is a diagnostic', async (_, text, code) => {
    using rig = createRig(pipeline(`${text}\n${STEP}`));
    const answer = await timed(rig, 'validate', 'p');
    expect(answer.exit).toBe(2);
    expect(answer.text).toContain(code);
    rig.write({ ...pipeline(STEP), 'refit.yaml': `${text}\n` });
    await timed(rig, 'status');
    expect(await timed(rig, 'run', 'p')).toMatchObject({ exit: 2, text: expect.stringContaining(code) });
  });

  it('that repeats a few values keeps working', () => {
    const { value, diagnostics } = readSource('f', 'a: &a { x: 1 }\nb: *a\nc: [*a, *a]\n');
    expect(diagnostics).toEqual([]);
    expect(value).toEqual({ a: { x: 1 }, b: { x: 1 }, c: [{ x: 1 }, { x: 1 }] });
  });
});

describe('a cron expression', () => {
  it.each([5, 5.5, true, null, ['0 3 * * 1'], { cron: '0 3 * * 1' }, '* '.repeat(5000), '0 3 * *'])(
    '%j is none',
    (value) => {
      expect(isCron(value)).toBe(false);
    },
  );

  it.each(['5', '[a]', '{ a: 1 }', 'true', 'null', '""'])('given as %s is a diagnostic', async (value) => {
    using rig = createRig(pipeline(`${STEP}model: o\nretrain: { when: { schedule: ${value} } }\n`));
    expect((await timed(rig, 'validate', 'p')).exit).toBe(2);
  });
});

describe('a filter of runs', () => {
  it.each([
    `${'('.repeat(20_000)}status = failed${')'.repeat(20_000)}`,
    `${'not '.repeat(20_000)}status = failed`,
    `status = failed${' or status = failed'.repeat(5000)}`,
    `${'(not '.repeat(60)}status = failed${')'.repeat(60)}`,
  ])('that is too complex is a diagnostic (%#)', async (where) => {
    using rig = createRig(pipeline(STEP));
    const answer = await timed(rig, 'runs', '--where', where);
    expect(answer).toMatchObject({ exit: 2, text: expect.stringContaining('too-complex') });
  });

  it('may have many conditions', async () => {
    using rig = createRig(pipeline(STEP));
    await rig.refit('run', 'p');
    const where = `(${Array.from({ length: 300 }, () => 'not status = succeeded').join(' and ')})`;
    expect((await rig.json(0, 'runs', '--where', where)).runs).toHaveLength(1);
  });
});

describe('a rule', () => {
  it.each([
    ['brackets', `${'('.repeat(20_000)}a = 1${')'.repeat(20_000)}`],
    ['negations', `${'not '.repeat(20_000)}(a = 1)`],
    ['calls', `${'abs('.repeat(5000)}a${')'.repeat(5000)} = 1`],
    ['cases', `${'case when '.repeat(2000)}true${' then true end'.repeat(2000)}`],
  ])('with thousands of nested %s is a diagnostic', async (_, rule) => {
    using rig = createRig(pipeline(''));
    rig.write({
      'pipelines/p.yaml': JSON.stringify({
        pipeline: 'p',
        datasets: { d: { path: 'x.csv', checks: { rules: [rule] } } },
        steps: { s: { run: 'true', outputs: ['o'] } },
      }),
    });
    expect((await timed(rig, 'validate', 'p')).exit).toBe(2);
  });
});

describe('a number on the command line', () => {
  it.each([
    ['runs', '--limit', '99999999999999999999'],
    ['runs', '--limit', '1e9'],
    ['runs', '--limit', '9007199254740991'],
    ['decisions', '--limit', '99999999999999999999'],
    ['logs', 'latest', '-n', '99999999999999999999'],
    ['run', 'p', '--jobs', '99999999999999999999'],
    ['run', 'p', '--wait', '99999999999999999999d'],
    ['run', 'p', '--wait', `${'9'.repeat(100_000)}`],
    ['gc', '--days', '99999999999999999999'],
    ['status', '--now', '999999999-01-01'],
  ])('%s %s %s is a usage error', async (...args) => {
    using rig = createRig(pipeline(STEP));
    const answer = await timed(rig, ...args);
    expect(answer).toMatchObject({ exit: 2, text: expect.stringContaining('error usage') });
  });
});

describe('what is no regular file', () => {
  const WITH_SCHEMA = 'datasets: { d: { path: x.csv, checks: { schema: s.yaml } } }\n';
  const KINDS = [
    ['/dev/zero', (rig: Rig, path: string) => rig.link(path, '/dev/zero')],
    ['a pipe', (rig: Rig, path: string) => void execFileSync('mkfifo', [join(rig.root, path)])],
    ['a folder', (rig: Rig, path: string) => void mkdirSync(join(rig.root, path))],
  ] as const;
  it.each(
    KINDS.flatMap(([kind, make]) =>
      (['pipelines/p.yaml', 'refit.yaml', 's.yaml'] as const).map((path) => ({ kind, path, make })),
    ),
  )('$kind is not read in place of $path', async ({ path, make }) => {
    using rig = createRig(pipeline(WITH_SCHEMA + STEP));
    rig.remove(path);
    make(rig, path);
    for (const args of [['validate', 'p'], ['status'], ['plan', 'p']]) await timed(rig, ...args);
    const answer = await timed(rig, 'run', 'p');
    expect(answer.exit).not.toBe(0);
    expect(answer.text).toMatch(
      /it is not a regular file|it is a folder|missing-schema|missing-file|outside the workspace/,
    );
  });

  it.each(KINDS)('%s is not read in place of files that steps write', async (_, make) => {
    using rig = createRig({
      'pipelines/p.yaml': `pipeline: p\nsteps: { s: { run: "echo 1 > o", inputs: [], outputs: [o], metrics: m.json } }\n`,
    });
    make(rig, 'm.json');
    const answer = await timed(rig, 'run', 'p');
    expect(answer.exit).not.toBe(0);
  });

  it.each(KINDS.slice(0, 2))('%s on the command line is not read as a schema', async (_, make) => {
    using rig = createRig(pipeline(STEP));
    make(rig, 'odd');
    expect((await timed(rig, 'check-data', 'x.csv', '--schema', 'odd')).text).toContain('it is not a regular file');
  });
});

/** Time that a process has computed, in hundredths of a second. */
const computedTicks = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[11]);

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends a command that computes', async (signal) => {
    // A table with which profiling is busy for long, on this and other threads.
    const rows = Array.from({ length: 900_000 }, (_, i) => `${i},${i * 7},${(i * 31) % 977}`).join('\n');
    using rig = createRig({ ...pipeline(STEP), 'big.csv': `a,b,c\n${rows}\n` });
    const running = rig.start('check-data', 'big.csv');
    await until(() => computedTicks(running.pid) > 60);
    running.kill(signal);
    const started = performance.now();
    await running.ended;
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
