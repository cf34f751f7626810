import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../src/data/judge/past.js';
import { signLost } from '../../../src/data/judge/sign-lost.js';
import { coarseEdges } from '../../../src/statistics/distribution.js';
import { column, normals, type Value } from './profiles.js';

const N = 1000;
const flow = (seed: number, center = 4, count = N): number[] => normals(seed, count, (z) => center + 10 * z);
const says = (was: readonly Value[], is: readonly Value[], more: Partial<ColumnPast> = {}): string =>
  signLost({ before: column('x', was), now: column('x', is), past: [], ...more })?.severity ?? 'nothing';
/** Small losses and large gains. */
const account = (seed: number): number[] => normals(seed, N, (z, i) => (i % 10 < 3 ? -(10 + 2 * z) : 50 + 5 * z));
/** Exactly so many negative values. */
const few = (seed: number, negative: number): number[] =>
  normals(seed, N, (z, i) => (i < negative ? -1 : 1) * (50 + 5 * z));

it.each([
  ['small losses and large gains', account(1), account(2).map(Math.abs), 'error'],
  ['a flow with both signs', flow(1), flow(2).map(Math.abs), 'unclear'],
  ['one that is as large on either side', flow(1, 0), flow(2, 0).map(Math.abs), 'unclear'],
  ['losses that stopped', flow(1), flow(2, 4, 2 * N).filter((x) => x > 0), 'nothing'],
  ['values that have grown, too', flow(1), flow(2).map((x) => 2 * Math.abs(x)), 'nothing'],
  ['a twentieth of the values', few(1, 50), few(2, 0), 'unclear'],
  ['fewer', few(1, 49), few(2, 0), 'nothing'],
  ['one negative value is left', flow(1), [...flow(2).map(Math.abs), -3], 'nothing'],
  ['few rows are chance', flow(1, 10), flow(2, 10, 60).map(Math.abs), 'nothing'],
  ['a column that had none', flow(1).map(Math.abs), flow(2).map(Math.abs), 'nothing'],
  ['a text', ['-1', 'a'], ['1', 'a'], 'nothing'],
])('%s', (_, was, is, expected) => {
  expect(says(was, is)).toBe(expected);
});

it('is usual where an earlier window had no negative value', () => {
  const now = account(2).map(Math.abs);
  expect(says(account(1), now, { past: [column('x', account(3))] })).toBe('error');
  expect(says(account(1), now, { past: [column('x', account(3).map(Math.abs))] })).toBe('nothing');
});

/** The column with the spans that a table has whose rows have an order. */
function ordered(values: readonly number[], spans: number): ColumnPast['before'] {
  const whole = column('x', values);
  const edges = coarseEdges(whole.numeric?.quantiles ?? []);
  const length = values.length / spans;
  const history = Array.from({ length: spans }, (_, span) => {
    const cells = new Array<number>(edges.length + 1).fill(0);
    for (const value of values.slice(span * length, (span + 1) * length)) {
      const cell = edges.filter((edge) => edge < value).length;
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    return cells;
  });
  return { ...whole, history };
}

describe('few negative values', () => {
  const M = 4000;
  /** One negative value in `every` rows, from a row on. */
  const refunds = (seed: number, every: number, from = 0): number[] =>
    normals(seed, M, (z, i) => (i >= from && i % every === 0 ? -1 : 1) * (50 + 5 * z));
  const now = column('x', refunds(2, 30).map(Math.abs));

  it.each([
    ['in every part of the reference', ordered(refunds(1, 30), 40), 'unclear'],
    ['in a reference of eight parts', ordered(refunds(1, 30), 8), 'unclear'],
    ['in one of fewer', ordered(refunds(1, 30), 7), undefined],
    ['in a reference without an order', column('x', refunds(1, 30)), undefined],
    ['an eighth of it had none', ordered(refunds(1, 30, M / 8), 40), undefined],
    ['hardly one in a hundred', ordered(refunds(1, 125), 40), undefined],
  ])('%s', (_, before, severity) => {
    expect(signLost({ before, now, past: [] })?.severity).toBe(severity);
  });

  it('may be absent for a while where an earlier window had none', () => {
    const before = ordered(refunds(1, 30), 40);
    expect(signLost({ before, now, past: [column('x', refunds(3, 30).map(Math.abs))] })).toBeUndefined();
  });
});

it('tells what to do', () => {
  expect(
    signLost({ before: column('x', account(1)), now: column('x', account(2).map(Math.abs)), past: [] }),
  ).toMatchObject({
    code: 'sign-lost',
    likelyCause: 'a sign dropped on the way',
    repair: 'deliver the values with their sign',
    rows: N,
    evidence: { after: 0 },
  });
});

describe('negative values that were always there', () => {
  const N = 1000;
  /** Blocks of which each has so many negative values; their sizes are the same on both sides of zero. */
  const parts = (...negative: readonly number[]): number[] =>
    negative.flatMap((count, part) => normals(20 + part, N / 2, (z, i) => (i < count ? -1 : 1) * (50 + 5 * z)));
  const now = (rows: number) =>
    column(
      'x',
      normals(40, rows, (z) => 50 + 5 * z),
    );
  const judge = (before: ColumnPast['before'], rows = 4000) => signLost({ before, now: now(rows), past: [] });

  it('have the share of the part that had least', () => {
    // eight parts of 500 rows: 4 % in all of them, or fewer in one; only whole cells below zero are counted
    const usual = (spans: number, ...negative: readonly number[]) =>
      judge(ordered(parts(...negative), spans))?.evidence.before;
    const even = usual(8, 20, 20, 20, 20, 20, 20, 20, 20);
    expect(even).toBeGreaterThan(0.02);
    expect(even).toBeLessThanOrEqual(0.04);
    const uneven = usual(8, 20, 20, 20, 10, 20, 20, 20, 20);
    expect(uneven).toBeGreaterThanOrEqual(0.01);
    expect(uneven).toBeLessThanOrEqual(0.02);
    // sixteen spans make eight parts of two each
    expect(usual(16, 20, 20, 20, 10, 20, 20, 20, 20)).toBe(uneven);
    expect(usual(8, 20, 20, 20, 4, 20, 20, 20, 20)).toBeUndefined();
  });

  it('are not missed in few rows', () => {
    const before = ordered(parts(20, 20, 20, 20, 20, 20, 20, 20), 8);
    const usual = Number(judge(before)?.evidence.before);
    // so many rows without any have one chance in a million
    const rows = Math.log(1e-6) / Math.log(1 - usual);
    expect(judge(before, Math.floor(rows))).toBeUndefined();
    expect(judge(before, Math.ceil(rows))?.code).toBe('sign-lost');
  });

  it('have the least share of all windows', () => {
    const with_ = (share: number, seed: number) =>
      column(
        'x',
        normals(seed, N, (z, i) => (i < share * N ? -1 : 1) * (50 + 5 * z)),
      );
    const found = signLost({ before: with_(0.3, 1), now: now(N), past: [with_(0.2, 2), with_(0.25, 3)] });
    expect(found?.evidence.before).toBeCloseTo(0.2, 9);
    expect(found?.detail).toMatch(/^no value is negative, 20 % or more always were/);
    expect(signLost({ before: with_(0.3, 1), now: now(N), past: [with_(0.05, 2)] })?.evidence.before).toBeCloseTo(
      0.05,
      9,
    );
  });
});

it('is no fault of a text, or of a column that is a text now', () => {
  const numbers = column('x', account(1));
  expect(signLost({ before: column('x', ['a', 'b']), now: numbers, past: [] })).toBeUndefined();
  expect(signLost({ before: numbers, now: column('x', ['a', 'b']), past: [] })).toBeUndefined();
});

describe('rows with negative values that no longer come', () => {
  /** Half of the rows from 0 to 100, the other half negative and larger; now values from `shift` on. */
  const judge = (shift: number) =>
    signLost({
      before: column(
        'x',
        Array.from({ length: N }, (_, i) => (i % 2 === 0 ? i / 10 : -(2 * shift + i / 10))),
      ),
      now: column(
        'x',
        Array.from({ length: N }, (_, i) => shift + i / 10),
      ),
      past: [],
    });

  it('are possible if the others look the same, as far as so few can tell', () => {
    // 1.95 · √(1/500 + 1/1000) = 0.107 of the range; beside all thousand rows it would be 0.087
    expect(judge(9.5)?.severity).toBe('unclear');
    expect(judge(10.4)?.severity).toBe('unclear');
    expect(judge(11)?.severity).toBe('error');
    expect(judge(9.5)?.readings?.[1]?.text).toBe('rows with negative values no longer come');
  });

  it('leave zeros, too', () => {
    const was = Array.from(
      { length: 200 },
      (_, i) => [-3 - i / 200, -2, -1, 0, 0, 0, 0, 1, 2, 3 + i / 200][i % 10] ?? 0,
    );
    const others = was.filter((value) => value >= 0);
    expect(says(was, [...others, ...others].slice(0, 200))).toBe('unclear');
  });
});

it('counts no zero as negative where a part of the reference has no negative value', () => {
  const rows = (sign: number, from: number) =>
    normals(5, 4000, (z, i) => (i % 3 === 0 ? 0 : (i >= from && i % 30 === 1 ? sign : 1) * (50 + 5 * z)));
  const now = column('x', rows(1, 0));
  expect(signLost({ before: ordered(rows(-1, 0), 40), now, past: [] })?.code).toBe('sign-lost');
  expect(signLost({ before: ordered(rows(-1, 500), 40), now, past: [] })).toBeUndefined();
});

it('may be absent from a part of the reference if one value in twenty was negative in the whole', () => {
  const rows = (every: number, sign: number) =>
    normals(6, 4000, (z, i) => (i >= 1000 && i % every === 0 ? sign : 1) * (50 + 5 * z));
  const judge = (every: number) =>
    signLost({ before: ordered(rows(every, -1), 40), now: column('x', rows(every, 1)), past: [] });
  expect(judge(15)?.evidence.before).toBe(0.05);
  expect(judge(16)).toBeUndefined();
});
