import { describe, expect, it } from 'vitest';
import { missingRise } from '../../../src/data/judge/missing-rise.js';
import {
  type ColumnPast,
  commonest,
  isConstant,
  isFrozen,
  isSurprising,
  ksLimit,
  missingShare,
  pastDistance,
  pastOf,
  presentRows,
  seenRange,
  shareAt,
  usualShare,
  usualTop,
} from '../../../src/data/judge/past.js';
import { column, table, type Value } from './profiles.js';

const NaNs = (count: number, all = 100) => ({ ...column('x', Array<number>(all).fill(1)), notFinite: count });
/** So many rows of one value, and others that differ. */
const repeated = (value: number, times: number, others = 100 - times) =>
  column('x', [...Array<number>(times).fill(value), ...Array.from({ length: others }, (_, i) => 1000 + i)]);

describe('values that are there', () => {
  it('are neither missing nor infinite', () => {
    const some = { ...column('x', [1, 2, null, null, null, 6, 7, 8, 9, 10]), notFinite: 1 };
    expect(presentRows(some)).toBe(6);
    expect(missingShare(some)).toBe(0.4);
    expect(missingShare(column('x', []))).toBe(0);
  });

  it('are constant if they are one value, whatever is missing', () => {
    expect(isConstant(column('x', [3, null, 3]))).toBe(true);
    expect(isConstant(column('x', [3, 4]))).toBe(false);
    expect(isConstant({ ...column('x', [null]), distinct: 1 })).toBe(false);
  });

  it('of earlier windows are found by name, in windows that have any', () => {
    const history = [table({ x: [1, 2], y: [3, 4] }), table({ x: [null, null] }), table({ y: [5] })];
    expect(pastOf(history, 'x')).toEqual([column('x', [1, 2])]);
    expect(pastOf(history, 'y')).toEqual([column('y', [3, 4]), column('y', [5])]);
  });
});

describe('the share of one value', () => {
  it('counts present rows', () => {
    expect(shareAt(column('x', [0, 0, 3, null, 5]), 0)).toBe(0.5);
    expect(shareAt(column('x', [3, 3, 3, null, 5]), 3)).toBe(0.75);
    expect(shareAt(column('x', ['a', 'a']), 0)).toBe(0);
  });

  it('is largest for the commonest, of equally common ones the first', () => {
    expect(commonest([1, 2, 2, 3, 3, 3, 4])).toBe(3);
    expect(commonest([1, 1, 2, 2])).toBe(1);
  });

  it('was usual as often as in any earlier window, or in the reference if there are fewer than three', () => {
    const past = [10, 40, 20].map((times) => repeated(1, times));
    const usual = (given: readonly ColumnPast['before'][], before = repeated(1, 30)) =>
      usualTop({ before, now: before, past: given });
    expect(usual(past)).toBe(0.4);
    expect(usual(past.slice(0, 2))).toBe(0.3);
    expect(usual([], column('x', ['a', 'a', 'a', 'b', null]))).toBe(0.75);
    expect(usual([], column('x', [null]))).toBe(0);
  });

  it('is usually nearly all of a frozen column', () => {
    const frozen = (before: ColumnPast['before']) => isFrozen({ before, now: before, past: [] });
    expect(frozen(repeated(1, 75))).toBe(false);
    expect(frozen(repeated(1, 76))).toBe(true);
    expect(frozen(column('x', [null, 7]))).toBe(true);
  });
});

describe('a count is beyond chance', () => {
  // Chernoff's bound: n · KL(count/n ‖ usual) above ln 10⁶ = 13.816, by numpy
  it.each([
    [1, 5, 0.01, false],
    [22, 22, 0.5, true],
    [19, 19, 0.5, false],
    [20, 20, 0.5, true],
    // 100 · KL(0.28 ‖ 0.1) = 12.76, and of 0.29: 14.04
    [28, 100, 0.1, false],
    [29, 100, 0.1, true],
    // fewer than usual are no rise
    [1, 100, 0.5, false],
    [50, 100, 0.5, false],
    // a usual share of 0 or 1 is nearly so
    [1, 100, 0, true],
    [100, 100, 1, false],
  ])('%i of %i where %f is usual: %s', (count, rows, usual, expected) => {
    expect(isSurprising(count, rows, usual)).toBe(expected);
  });

  it('of none is never', () => {
    expect(isSurprising(0, 0, 0.1)).toBe(false);
  });

  it('allows that the reference lacks a value by chance', () => {
    expect(usualShare(0, 98)).toBe(0.01);
    expect(usualShare(4, 8)).toBe(0.5);
  });
});

describe('the distance that chance and seasons make', () => {
  it('falls with the square root of the rows', () => {
    // 1.95 · √(1/200 + 1/50)
    expect(ksLimit(200, 50)).toBeCloseTo(0.30832, 5);
    expect(ksLimit(0, 0)).toBeCloseTo(1.95 * Math.SQRT2, 9);
  });

  it('is the largest of three or more earlier windows', () => {
    const from = (start: number) =>
      column(
        'x',
        Array.from({ length: 100 }, (_, i) => start + i),
      );
    const before = from(0);
    const past = [10, 30, 20].map(from);
    expect(pastDistance({ before, now: before, past })).toBeCloseTo(0.3, 1);
    expect(pastDistance({ before, now: before, past: [...past, column('x', ['a'])] })).toBeCloseTo(0.3, 1);
    expect(pastDistance({ before, now: before, past: past.slice(1) })).toBe(0);
    const text = column('x', ['a']);
    expect(pastDistance({ before: text, now: text, past })).toBe(0);
  });

  it('has the range of all windows', () => {
    const [before, one, two] = [column('x', [3, 5]), column('x', [1, 4]), column('x', [4, 9])];
    expect(seenRange({ before, now: before, past: [one, two, column('x', ['a'])] })).toEqual({ min: 1, max: 9 });
  });
});

describe('missing values that rose', () => {
  const N = 1000;
  const missing = (share: number, rows = N): readonly Value[] =>
    Array.from({ length: rows }, (_, i) => (i < share * rows ? null : i));
  const rise = (was: number, is: number, more: Partial<ColumnPast> = {}) =>
    missingRise({ before: column('x', missing(was)), now: column('x', missing(is)), past: [], ...more });

  it.each([
    [0, 0.05, undefined],
    [0, 0.051, 'unclear'],
    [0, 0.399, 'unclear'],
    [0, 0.4, 'error'],
    [0.05, 0.4, 'error'],
    [0.051, 0.4, 'unclear'],
    [0.051, 0.899, 'unclear'],
    [0.5, 0.9, 'error'],
    [0.501, 0.9, 'unclear'],
    [0.9, 0.96, 'unclear'],
    [0.9, 1, 'error'],
    [0.04, 0.085, undefined],
    [0.2, 0.2, undefined],
    [0.3, 0.2, undefined],
  ])('from %f to %f: %s', (was, is, severity) => {
    expect(rise(was, is)?.severity).toBe(severity);
  });

  it('are all missing from the last one on, however few were there', () => {
    expect(rise(0.5, 1)?.code).toBe('all-missing');
    expect(rise(0.5, 0.999)?.code).toBe('missing-rose');
    expect(rise(0.97, 1)?.code).toBe('all-missing');
    expect(rise(1, 1)).toBeUndefined();
    // three rows without a value were all rows
    expect(rise(1, 1, { before: column('x', missing(1, 3)) })).toBeUndefined();
    expect(rise(0.97, 1, { now: column('x', missing(1, 20)) })).toBeUndefined();
  });

  it('count infinite ones, and say how many rows', () => {
    expect(rise(0, 0, { before: NaNs(0), now: NaNs(60) })).toMatchObject({
      rows: 60,
      evidence: { before: 0, after: 0.6 },
    });
  });

  it('were as many in an earlier window', () => {
    expect(rise(0, 0.4, { past: [column('x', missing(0.36))] })).toBeUndefined();
    expect(rise(0, 0.4, { pastMissing: 0.36 })).toBeUndefined();
    expect(rise(0, 0.4, { past: [column('x', missing(0.3))], pastMissing: 0.1 })?.severity).toBe('unclear');
  });

  it('are no finding if another column explains them', () => {
    const form = (asked: number) => ({
      kind: Array.from({ length: N }, (_, i) => (i < asked ? 'short' : 'long')),
      x: missing(asked / N),
    });
    const [was, is] = [form(100), form(600)];
    const rows = { reference: new Map(Object.entries(was)), current: new Map(Object.entries(is)) };
    expect(rise(0.1, 0.6)?.severity).toBe('unclear');
    expect(rise(0.1, 0.6, { rows })).toBeUndefined();
    expect(rise(0.1, 0.6, { rows, suspects: new Set(['kind']) })?.severity).toBe('unclear');
  });

  it('are unclear if all rows of one kind lost them, as a question that is asked of the others only', () => {
    const kind = Array.from({ length: N }, (_, i) => (i % 2 === 0 ? 'short' : 'long'));
    const lost = (by: string) => kind.map((one, i): Value => (one === by && i % 10 !== 0 ? null : i));
    const judge = (now: readonly Value[], more: Partial<ColumnPast> = {}) => {
      const rows = {
        reference: new Map<string, readonly Value[]>([
          ['kind', kind],
          ['x', missing(0)],
        ]),
        current: new Map<string, readonly Value[]>([
          ['kind', kind],
          ['x', now],
        ]),
      };
      return rise(0, 0, { now: column('x', now), rows, ...more })?.severity;
    };
    const half = kind.map((one, i): Value => (one === 'short' ? null : i));
    expect(judge(half)).toBe('unclear');
    expect(judge(half, { rows: undefined })).toBe('error');
    expect(judge(half, { suspects: new Set(['kind']) })).toBe('error');
    // a tenth of the rows of that kind still have it
    expect(judge(lost('short'))).toBe('error');
  });

  it('are a fault from nine tenths on, also if they are all rows of one kind', () => {
    const lost = (count: number) => {
      // 100 rows of the other kind, spread evenly
      const kind = Array.from({ length: N }, (_, i) =>
        i % 10 === 0 || (i < 10 && i <= 900 - count) ? 'long' : 'short',
      );
      const x = kind.map((one, i): Value => (one === 'short' ? null : i));
      const rows = {
        reference: new Map<string, readonly Value[]>([
          ['kind', kind],
          ['x', missing(0)],
        ]),
        current: new Map<string, readonly Value[]>([
          ['kind', kind],
          ['x', x],
        ]),
      };
      return rise(0, 0, { now: column('x', x), rows });
    };
    expect([lost(900)?.rows, lost(900)?.severity]).toEqual([900, 'error']);
    expect([lost(899)?.rows, lost(899)?.severity]).toEqual([899, 'unclear']);
  });

  it('can be selected', () => {
    expect(rise(0, 1)?.selects).toEqual({ kind: 'missing', column: 'x' });
  });

  it('say both shares', () => {
    expect(rise(0.02, 0.5)?.detail).toBe('50 % of the values are missing, it was 2 %');
    expect(rise(0.1, 1)?.detail).toBe('every value is missing');
    // two of 5,000 are left
    expect(rise(0.1, 0.9996, { now: column('x', missing(0.9996, 5000)) })?.detail).toBe(
      '99.96 % of the values are missing, it was 10 %',
    );
    expect(rise(0.02, 0.3)?.readings).toEqual([
      { as: 'bug', text: 'a join, a sensor or a form field that stopped' },
      { as: 'normal', text: 'the value is no longer asked for, or not of everybody' },
    ]);
  });
});
