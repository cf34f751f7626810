import { describe, expect, it } from 'vitest';
import { copiedColumns, testLoneValue, testTwoLeft } from '../../../src/data/judge/odd-values.js';
import { triage } from '../../../src/data/judge/triage.js';
import { column, normals, pair, roundTo, table, uniforms } from './profiles.js';

const N = 2000;
const ages = (seed: number): number[] => uniforms(seed, N).map((u) => Math.floor(99 * u));
const every = (count: number, values: readonly number[], value: (one: number) => number): number[] =>
  values.map((one, i) => (i % count === 0 ? value(one) : one));

describe('one value alone outside the range', () => {
  const says = (is: readonly number[], name = 'age') => testLoneValue(pair(name, ages(1), is))?.severity ?? 'nothing';

  it('is unclear, on either side', () => {
    expect(says(every(16, ages(2), () => 125))).toBe('unclear');
    expect(says(every(16, ages(2), () => -40))).toBe('unclear');
    expect(
      testLoneValue(
        pair(
          'age',
          ages(1),
          every(16, ages(2), () => 125),
        ),
      ),
    ).toMatchObject({
      code: 'sentinel',
      detail: '6.29 % of the values are 125, alone outside 0 … 98; a fault or a changed world',
      selects: { kind: 'one-of', values: [125] },
    });
  });

  it.each([
    ['few rows', every(60, ages(2), () => 125), 'age'],
    ['a value close to the range', every(16, ages(2), () => 105), 'age'],
    ['several values there', every(16, ages(2), (one) => 120 + (one % 3)), 'age'],
    ['nothing outside', ages(2), 'age'],
    ['a price', every(16, ages(2), () => 125), 'price'],
  ])('%s: nothing', (_, is, name) => {
    expect(says(is, name)).toBe('nothing');
  });

  it('is not said of a list of codes, nor of what an earlier window had', () => {
    const codes = (seed: number): number[] => ages(seed).map((one) => one % 10);
    expect(
      testLoneValue(
        pair(
          'code',
          codes(1),
          every(16, codes(2), () => 30),
        ),
      ),
    ).toBeUndefined();
    const now = every(16, ages(2), () => 125);
    expect(testLoneValue(pair('age', ages(1), now, { past: [column('age', now)] }))).toBeUndefined();
  });
});

describe('many values that have become two', () => {
  const scores = uniforms(1, N).map(roundTo(3));
  const labels = scores.map((one) => (one > 0.9 ? 1 : 0));

  it('are unclear', () => {
    expect(testTwoLeft(pair('score', scores, labels))).toMatchObject({
      code: 'few-values',
      severity: 'unclear',
      detail: expect.stringMatching(/^all values are 0 or 1; the reference has \d+ different ones/),
    });
  });

  it.each([
    ['three', scores, scores.map((one) => Math.round(2 * one))],
    ['one', scores, scores.map(() => 0)],
    ['few before', scores.map(roundTo(1)), labels],
    [
      'two that most rows had',
      every(
        3,
        scores.map(() => 0),
        (one) => one,
      ).map((one, i) => (i % 3 === 0 ? (scores[i] ?? 0) : one)),
      labels,
    ],
    ['few rows', scores, labels.slice(0, 90)],
  ])('%s: nothing', (_, was, is) => {
    expect(testTwoLeft(pair('score', was, is))).toBeUndefined();
  });

  it('are usual where an earlier window had few', () => {
    expect(testTwoLeft(pair('score', scores, labels, { past: [column('score', labels)] }))).toBeUndefined();
  });
});

describe('a column with the values of another', () => {
  const [base, net] = [
    normals(1, N, (z) => roundTo(2)(3000 + 400 * z)),
    normals(2, N, (z) => roundTo(2)(2000 + 300 * z)),
  ];
  const now = normals(3, N, (z) => roundTo(2)(3020 + 400 * z));
  const says = (...columns: Parameters<typeof copiedColumns>[0]): string =>
    columns.map((one) => copiedColumns(columns).get(one.now)?.severity ?? 'nothing').join(', ');

  it('is unclear, and the one that has moved less is the source', () => {
    expect(says(pair('base', base, now), pair('net', net, now))).toBe('nothing, unclear');
    expect(says(pair('net', net, now), pair('base', base, now))).toBe('unclear, nothing');
    const found = triage({
      reference: table({ base, net }),
      current: table({ base: now, net: now }),
      history: [],
      ignore: [],
    });
    expect(found.unclear).toMatchObject([
      {
        column: 'net',
        code: 'copied',
        detail: expect.stringContaining('the same values as "base"'),
        evidence: { with: 'base' },
      },
    ]);
  });

  it('is usual where it always was, or had them in an earlier window', () => {
    expect(says(pair('a', base, now), pair('b', base, now))).toBe('nothing, nothing');
    const past = (name: string) => ({ past: [column(name, now)] });
    expect(says(pair('a', base, now, past('a')), pair('b', net, now, past('b')))).toBe('nothing, nothing');
  });

  it.each([
    [
      'few values',
      base.map((one) => Math.round(one / 500)),
      net.map((one) => Math.round(one / 500)),
      now.map((one) => Math.round(one / 500)),
    ],
    ['few rows', base, net, now.slice(0, 90)],
  ])('%s: nothing', (_, was, other, is) => {
    expect(says(pair('a', was, is), pair('b', other, is))).toBe('nothing, nothing');
  });

  it('has all of them', () => {
    expect(
      says(
        pair('a', base, now),
        pair(
          'b',
          net,
          every(1000, now, (one) => one + 1),
        ),
      ),
    ).toBe('nothing, nothing');
  });
});
