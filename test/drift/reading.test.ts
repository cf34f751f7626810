import { describe, expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

/** More rows than DuckDB's own sample of 20,480. */
const LATE = 21_000;

/** A number below one that looks random and is the same in every run. */
const draw = (i: number): number => {
  const x = Math.sin(i * 12.9898) * 43758.5453;
  return x - Math.floor(x);
};

const csv = (header: string, count: number, row: (i: number) => string): string =>
  `${header}\n${Array.from({ length: count }, (_, i) => row(i)).join('\n')}\n`;

const reversed = (text: string): string => {
  const [header, ...rows] = text.trimEnd().split('\n');
  return `${[header, ...rows.reverse()].join('\n')}\n`;
};

const check = (reference: string, current: string) => ['check-drift', '--reference', reference, '--current', current];

describe('the order of rows changes no verdict', () => {
  const pair = (before: (i: number) => string, after: (i: number) => string) => ({
    'a.csv': csv('x', 2 * LATE, before),
    'b.csv': csv('x', 2 * LATE, after),
  });
  const late = (from: number, width: number) => (i: number) =>
    i < LATE ? String(Math.floor(3 * draw(i))) : (from + width * draw(i)).toFixed(3);

  it.each([
    ['late decimals', pair(late(0.55, 0.9), late(3.2, 0.5))],
    [
      'columns that are empty at first',
      pair(
        (i) => (i < LATE ? '""' : `${draw(i)}`),
        (i) => (i < LATE ? '""' : `${2 + draw(i)}`),
      ),
    ],
    [
      'late codes',
      pair(
        (i) => (i < LATE ? '1' : '002'),
        (i) => (i < LATE ? '1' : '003'),
      ),
    ],
  ])('%s drift in either order', async (_, files) => {
    using rig = createRig({
      ...files,
      'a-back.csv': reversed(files['a.csv']),
      'b-back.csv': reversed(files['b.csv']),
    });
    for (const [a, b] of [
      ['a.csv', 'b.csv'],
      ['a-back.csv', 'b-back.csv'],
      ['a.csv', 'b-back.csv'],
    ] as const)
      expect((await rig.json(3, ...check(a, b))).features[0]).toMatchObject({ name: 'x', verdict: 'drift' });
  });
});

describe('a column is read as the reference has it', () => {
  const table = (words: readonly string[], count: number): string =>
    csv('z,c', count, (i) => `${draw(i).toFixed(4)},${words[Math.floor(words.length * draw(i + 0.5))]}`);
  const codes = Array.from({ length: 200 }, (_, i) => String(101 + (i % 4)));

  it.each([
    ['codes of which one has a letter', [...codes, 'X7'], codes],
    ['postcodes of which some begin with 0', [...codes, '01067'], codes],
    ['yes, no and a rare unknown', [...codes.map((_, i) => (i % 2 ? 'yes' : 'no')), 'unknown'], ['yes', 'no']],
    ['true, false and a rare unknown', [...codes.map((_, i) => (i % 2 ? 'true' : 'false')), '?'], ['true', 'false']],
    [
      'dates and a rare word',
      [...codes.map((_, i) => `2026-03-0${1 + (i % 4)}`), 'open'],
      ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'],
    ],
  ])('keeps the type of a column in a window without the rare value: %s', async (_, before, after) => {
    using rig = createRig({ 'a.csv': table(before, 6000), 'b.csv': table(after, 900) });
    const document = await rig.json(0, ...check('a.csv', 'b.csv'));
    expect([document.verdict, document.data_bugs]).toEqual(['stable', []]);
  });

  it('reports a value that does not fit as a finding with its row', async () => {
    const row = (i: number): string => `${draw(i).toFixed(3)},${i % 2 === 0}`;
    using rig = createRig({
      'a.csv': csv('x,ok', 500, row),
      'word.csv': csv('x,ok', 500, (i) => (i === 321 ? 'n/a,true' : row(i))),
      'code.csv': csv('x,ok', 500, (i) => (i === 77 ? '007,true' : row(i))),
      'answer.csv': csv('x,ok', 500, (i) => (i === 5 ? '0.5,maybe' : row(i))),
    });
    for (const [name, column, place] of [
      ['word.csv', 'x', '"n/a" in word.csv:323'],
      ['code.csv', 'x', '"007" in code.csv:79'],
      ['answer.csv', 'ok', '"maybe" in answer.csv:7'],
    ] as const)
      expect((await rig.json(4, ...check('a.csv', name))).data_bugs[0]).toMatchObject({
        kind: 'type-changed',
        column,
        detail: expect.stringContaining(place),
      });
  });
});

it('names a broken row on either side, and judges the rest', async () => {
  const good = csv('x', 300, (i) => draw(i).toFixed(3));
  using rig = createRig({ 'a.csv': good.replace(/^x\n/, 'x,y\n').replace(/(\d)\n/g, '$1,1\n'), 'b.csv': '' });
  const whole = rig.read('a.csv');
  rig.write({ 'cut.csv': `${whole}0.5\n` });
  expect((await rig.json(4, ...check('a.csv', 'cut.csv'))).data_bugs[0]).toMatchObject({
    kind: 'broken-rows',
    detail: expect.stringContaining('cut.csv:302'),
  });
  const other = await rig.json(0, ...check('cut.csv', 'a.csv'));
  expect(other.warnings[0]).toMatchObject({
    code: 'broken-rows',
    detail: expect.stringContaining('reference: 1 line'),
  });
  expect(other.verdict).toBe('stable');
});

it('names lists, structs and maps, which it does not compare', async () => {
  const lines = (m: number, row: (i: number) => object): string =>
    Array.from({ length: 200 }, (_, i) => `${JSON.stringify(row(m + draw(i)))}\n`).join('');
  using rig = createRig();
  for (const [name, row] of Object.entries({
    list: (v: number) => ({ x: 1, n: [v, v] }),
    struct: (v: number) => ({ x: 1, n: { speed: v } }),
    mixed: (v: number) => ({ x: 1, n: v > 50 ? [v] : { v } }),
    alone: (v: number) => ({ n: [v] }),
  })) {
    rig.write({ [`${name}-a.jsonl`]: lines(0, row), [`${name}-b.jsonl`]: lines(100, row) });
    const document = await rig.json(0, ...check(`${name}-a.jsonl`, `${name}-b.jsonl`));
    const nested = document.features.find((one: { name: string }) => one.name === 'n');
    expect([name, nested?.verdict, nested?.detail]).toEqual([name, 'undecided', expect.stringMatching(/^nested: /)]);
    if (name === 'alone') expect([document.verdict, document.undecided_because]).toEqual(['undecided', 'nested']);
  }
  const ignored = await rig.json(0, ...check('list-a.jsonl', 'list-b.jsonl'), '--ignore', 'n');
  expect(ignored.features.map((one: { name: string }) => one.name)).toEqual(['x']);
});
