import { describe, expect, it } from 'vitest';
import type { ColumnPast } from '../../../../src/data/judge/past.js';
import { testCoarse } from '../../../../src/data/judge/repairs/coarse-repair.js';
import { column, normals, roundTo, type Value } from '../profiles.js';

const N = 2000;
const judge = (was: readonly Value[], is: readonly Value[], more: Partial<ColumnPast> = {}) =>
  testCoarse({ before: column('x', was), now: column('x', is), past: [], ...more });
const says = (was: readonly Value[], is: readonly Value[]): string => {
  const fault = judge(was, is);
  return fault === undefined ? 'nothing' : `${fault.severity} ${fault.evidence?.factor}`;
};

const loads = (seed: number, median = 120): number[] => normals(seed, N, (z) => roundTo(1)(median * Math.exp(0.8 * z)));
const cents = (seed: number): number[] => normals(seed, N, (z) => Math.round(Math.max(0, 350 + 120 * z)));
const minutes = (seed: number): number[] => normals(seed, N, (z) => Math.round(Math.max(0, 200 + 80 * z)));

it.each([
  ['weights divided by 100 as whole numbers', loads(1), loads(2).map((x) => Math.floor(x / 100)), 'unclear 100'],
  ['the same rounded', loads(1), loads(2).map((x) => Math.round(x / 100)), 'unclear 100'],
  ['cents cut to whole euros', cents(1), cents(2).map((x) => Math.floor(x / 100)), 'unclear 100'],
  ['minutes rounded to hours', minutes(1), minutes(2).map((x) => Math.round(x / 60)), 'unclear 60'],
  ['thousandths with one digit', loads(1), loads(2).map((x) => roundTo(1)(x / 1000)), 'unclear 1000'],
  ['with all digits the values themselves can be repaired', loads(1), loads(2).map((x) => x / 100), 'nothing'],
  ['a collapse', loads(1), loads(2, 1.2).map((x) => Math.min(6, Math.ceil(x))), 'nothing'],
  ['no change', cents(1), cents(2), 'nothing'],
  ['two values are left', loads(1, 60), loads(2, 60).map((x) => Math.min(1, Math.floor(x / 100))), 'nothing'],
  ['nearly all are zero', loads(1, 20), loads(2, 20).map((x) => Math.floor(x / 100)), 'nothing'],
])('%s', (_, was, is, expected) => {
  expect(says(was, is)).toBe(expected);
});

it('may be rounded, cut or raised to fewer decimals', () => {
  const warm = (seed: number): number[] => normals(seed, N, (z) => roundTo(1)(36.8 + 0.5 * z));
  for (const shorten of [Math.round, Math.floor, Math.ceil])
    expect(judge(warm(1), warm(2).map(shorten))).toMatchObject({ code: 'rounded', severity: 'unclear' });
  expect(judge(warm(1), warm(2))).toBeUndefined();
  expect(
    judge(
      warm(1),
      warm(2).map((x) => Math.round(x) + 1),
    ),
  ).toBeUndefined();
  // whole numbers that become other whole numbers have lost no decimals
  expect(judge(warm(1).map(Math.round), warm(2).map(Math.floor))).toBeUndefined();
});

it('is as usual where earlier windows came the same way', () => {
  const now = loads(2).map((x) => Math.floor(x / 100));
  const past = [2, 3, 4].map((seed) =>
    column(
      'x',
      loads(seed).map((x) => Math.floor(x / 100)),
    ),
  );
  expect(judge(loads(1), now)?.code).toBe('scaled');
  expect(judge(loads(1), now, { past })).toBeUndefined();
});

it('gives both readings, and says what to do', () => {
  const now = loads(2).map((x) => Math.floor(x / 100));
  expect(judge(loads(1), now)).toMatchObject({
    code: 'scaled',
    rows: N,
    selects: { kind: 'present', column: 'x' },
    repair: 'deliver the values with all their digits',
    detail: expect.stringMatching(/^the drift \(KS 0\.\d+\) falls to 0\.\d+ when the reference is divided by 100/),
    readings: [
      { as: 'bug', text: expect.stringContaining('integer division') },
      { as: 'normal', text: 'the values have fallen, and few different ones are left' },
    ],
  });
});

it('cuts towards zero, also values below zero', () => {
  const balances = (seed: number): number[] => normals(seed, N, (z) => Math.round(100 + 250 * z));
  expect(
    says(
      balances(1),
      balances(2).map((x) => Math.trunc(x / 100)),
    ),
  ).toBe('unclear 100');
  // with a fifth of the values at whole hundreds, one hundredth less would cut them to the number below
  const halves = (seed: number): number[] => normals(seed, N, (z) => 20 * Math.round(20 + 10 * z));
  expect(
    says(
      halves(1),
      halves(2).map((x) => Math.trunc(x / 100)),
    ),
  ).toBe('unclear 100');
});

it('needs numbers with decimals on both sides, three different ones, and none in more than four fifths of the rows', () => {
  const words = loads(1).map(String);
  const now = loads(2).map((x) => Math.floor(x / 100));
  expect(says(words, now)).toBe('nothing');
  expect(says(loads(1), words)).toBe('nothing');
  expect(
    says(
      loads(1),
      loads(2).map((x) => Math.floor(x / 100) + Math.PI),
    ),
  ).toBe('nothing');
  const mostly = (zeros: number): number[] => loads(5).map((_, i) => (i < zeros * N ? 50 : 150 + (i % 7) * 100));
  const cut = (zeros: number) => mostly(zeros).map((x) => Math.floor(x / 100));
  expect(says(mostly(0.8), cut(0.8))).toBe('nothing');
  const spread = (zeros: number): number[] => mostly(zeros).map((x, i) => x + (i % 40));
  expect(
    says(
      spread(0.79),
      spread(0.79).map((x) => Math.floor(x / 100)),
    ),
  ).toBe('unclear 100');
  expect(
    says(
      spread(0.82),
      spread(0.82).map((x) => Math.floor(x / 100)),
    ),
  ).toBe('nothing');
});

describe('with values whose shares are known exactly', () => {
  /** 0, 1, 2 … */
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const cut = (values: readonly number[], factor = 100): number[] => values.map((x) => Math.trunc(x / factor));

  it('three different values are enough, two are not', () => {
    expect(says(upTo(300), cut(upTo(300)))).toBe('unclear 100');
    expect(says(upTo(200), cut(upTo(200)))).toBe('nothing');
  });

  it('one value may have four fifths of the rows', () => {
    const hundreds = (zeros: number): number[] => [
      ...Array.from({ length: zeros }, (_, i) => i / 5),
      ...Array.from({ length: 500 - zeros }, (_, i) => 100 + 2 * i),
    ];
    expect(says(hundreds(400), cut(hundreds(400)))).toBe('unclear 100');
    expect(says(hundreds(401), cut(hundreds(401)))).toBe('nothing');
  });

  it('a fifth of the distance may be left, even where a hundred rows may differ by more', () => {
    const was = upTo(100).map((i) => 6 * i);
    const withZeros = (count: number): number[] => cut(was).map((value, i) => (i < 100 - count ? value : 0));
    expect(says(was, withZeros(19))).toBe('unclear 100');
    expect(says(was, withZeros(20))).toBe('nothing');
  });

  it('names the factor that leaves least, of several that would do', () => {
    expect(says(upTo(100), cut(upTo(100), 7))).toBe('unclear 7');
    expect(says(upTo(100), cut(upTo(100), 8))).toBe('unclear 8');
  });

  it('leaves whole quotients as they are', () => {
    const was = upTo(2000).map((i) => 100 * (i % 10) + (i < 1800 ? 0 : 1 + Math.floor((i - 1800) / 10) * 4.5));
    expect(judge(was, cut(was))?.evidence).toMatchObject({ factor: 100, residual: 0 });
  });

  it('is no repair of values that were multiplied, which can be divided again', () => {
    const was = upTo(1000).map((i) => i / 100);
    expect(
      says(
        was,
        was.map((x) => Math.round(x * 2.54)),
      ),
    ).toBe('nothing');
  });
});
