import { describe, expect, it } from 'vitest';
import { testCoarser } from '../../../../src/data/judge/repairs/coarse-repair.js';
import { triage } from '../../../../src/data/judge/triage.js';
import { column, normals, pair, roundTo, table } from '../profiles.js';

const N = 1500;
const pay = (seed: number): number[] => normals(seed, N, (z) => roundTo(2)(2400 + 500 * z));
const moisture = (seed: number, mean = 28): number[] => normals(seed, N, (z) => roundTo(1)(mean + 5 * z));
const tens = (one: number): number => 10 * Math.round(one / 10);
const says = (was: readonly number[], is: readonly number[]) => testCoarser(pair('x', was, is))?.severity ?? 'nothing';

describe('values rounded to ten steps and more', () => {
  it.each([
    ['cents to tens', pay(1), pay(2).map(tens)],
    ['cents to whole ones', pay(1), pay(2).map(Math.round)],
    ['tenths to whole ones', moisture(1), moisture(2).map(Math.round)],
    ['whole ones to tens', pay(1).map(Math.round), pay(2).map(tens)],
  ])('%s are unclear, although nothing drifts', (_, was, is) => {
    expect(says(was, is)).toBe('unclear');
  });

  it('says so of the table', () => {
    const found = triage({
      reference: table({ x: moisture(1) }),
      current: table({ x: moisture(2).map(Math.round) }),
      history: [],
      ignore: [],
      isDrifting: () => false,
    });
    expect(found.unclear).toMatchObject([
      {
        code: 'rounded',
        detail: expect.stringMatching(/^all values are multiples of 1, of the reference \d+(\.\d+)? %/),
        readings: [{ as: 'bug' }, { as: 'normal', text: 'the values are measured, or set, in larger steps' }],
      },
    ]);
  });

  it.each([
    ['as before', moisture(1), moisture(2)],
    ['most of them', moisture(1), moisture(2).map((one, i) => (i % 100 === 0 ? one : Math.round(one)))],
    [
      'half of which were round before',
      moisture(1).map((one, i) => (i % 10 < 6 ? Math.round(one) : one)),
      moisture(2).map(Math.round),
    ],
    ['to two steps', moisture(1), moisture(2).map((one) => Math.round(5 * one) / 5)],
    ['that have moved, as new prices do', moisture(1), moisture(2, 34).map(Math.round)],
    ['of few rows', moisture(1), moisture(2).slice(0, 90).map(Math.round)],
    ['of few kinds', moisture(1), moisture(2).map((one) => (one > 28 ? 30 : 25))],
  ])('%s: nothing', (_, was, is) => {
    expect(says(was, is)).toBe('nothing');
  });

  it('are usual where an earlier window had them', () => {
    const now = moisture(2).map(Math.round);
    expect(
      testCoarser(pair('x', moisture(1), now, { past: [column('x', moisture(3).map(Math.round))] })),
    ).toBeUndefined();
    expect(testCoarser(pair('x', moisture(1), now, { past: [column('x', moisture(3))] }))?.code).toBe('rounded');
  });
});
