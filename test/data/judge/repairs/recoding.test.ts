import { describe, expect, it } from 'vitest';
import { testRecoding } from '../../../../src/data/judge/repairs/recoding.js';
import { cities, draw, later, rowsOf, some } from '../categories.js';
import { texts } from '../profiles.js';

describe('another list of codes', () => {
  const sexes = draw({ F: 52, M: 48 });
  const states = draw({ open: 50, paid: 30, sent: 15, back: 5 });

  it.each([
    ['letters to digits', sexes, (value: string) => (value === 'F' ? '0' : '1')],
    ['words to initials', states, (value: string) => value.slice(0, 1).toUpperCase()],
    [
      'words to other words',
      states,
      (value: string) => ({ open: 'offen', paid: 'bezahlt', sent: 'gesandt' })[value] ?? 'retour',
    ],
  ])('%s in 100, 30 and 5 %% of the rows', (_, was, change) => {
    for (const share of [1, 0.3, 0.05])
      expect(testRecoding(texts(was, some(was, share, change)))).toMatchObject({ code: 'recoded', severity: 'error' });
  });

  it('is unclear for two words, or few rows', () => {
    const plans = draw({ basic: 60, pro: 40 });
    const renamed = (value: string): string => (value === 'basic' ? 'start' : 'team');
    expect(testRecoding(texts(plans, some(plans, 0.3, renamed)))?.severity).toBe('unclear');
    const few = (value: string): string => value.toUpperCase();
    expect(testRecoding(texts(states, some(states, 1, few).slice(0, 99)))?.severity).toBe('unclear');
    expect(testRecoding(texts(states, some(states, 1, few).slice(0, 100)))?.severity).toBe('error');
  });

  it.each([
    ['a new value', cities, some(later, 0.2, () => 'Drammen')],
    ['as many new values in other shares', states, some(states, 0.3, (_, i) => ['a', 'b', 'c', 'd'][i % 4] ?? '')],
    [
      'new values where the known ones have changed',
      sexes,
      some(sexes, 0.3, (value) => (value === 'F' ? 'D' : value)).map((v, i) => (i % 50 === 0 ? 'X' : v)),
    ],
    ['nothing new', states, states],
  ])('is not %s', (_, was, is) => {
    expect(testRecoding(texts(was, is))).toBeUndefined();
  });

  it('is unclear where all shares are alike, unless the writing is another', () => {
    const codes = ['I10', 'E11', 'J45', 'C50', 'M54'];
    const even = draw(Object.fromEntries(codes.map((code) => [code, 1])));
    const next = (names: readonly string[]) => some(even, 1, (value) => names[codes.indexOf(value)] ?? '');
    expect(testRecoding(texts(even, next(['BA00', '5A11', 'CA23', '2C60', 'ME84'])))?.severity).toBe('unclear');
    expect(testRecoding(texts(even, next(['1', '2', '3', '4', '5'])))?.severity).toBe('error');
  });

  it('shows which code replaces which', () => {
    const found = testRecoding(
      texts(
        sexes,
        some(sexes, 1, (value) => (value === 'F' ? '0' : '1')),
      ),
    );
    expect(found?.repair).toBe('write them as before: 0 for F, 1 for M');
    expect(found?.selects).toEqual({ kind: 'one-of', column: 'c', values: ['0', '1'] });
  });
});

type Counts = Readonly<Record<string, number>>;
const judge = (was: Counts, is: Counts) => testRecoding(texts(rowsOf(was), rowsOf(is)));
const says = (was: Counts, is: Counts): string => judge(was, is)?.severity ?? 'nothing';

describe('what an exchanged list of codes says', () => {
  it('is the share of the rows, both lists and the rows', () => {
    expect(judge({ F: 520, M: 480 }, { '0': 520, '1': 480 })).toEqual({
      code: 'recoded',
      severity: 'error',
      detail: '100 % of the values are written otherwise, one for one: 0 for F, 1 for M',
      likelyCause: 'another list of codes',
      repair: 'write them as before: 0 for F, 1 for M',
      rows: 1000,
      selects: { kind: 'one-of', column: 'c', values: ['0', '1'] },
      evidence: { share: 1, codes: 2 },
    });
  });

  it('is that of a changed world where it is unclear', () => {
    expect(judge({ basic: 520, pro: 480 }, { start: 520, team: 480 })?.readings?.[1]).toEqual({
      as: 'normal',
      text: 'new kinds have come in place of the known ones',
    });
  });

  it('names four pairs of a longer list', () => {
    const counts = (codes: string): Counts => Object.fromEntries([...codes].map((code, i) => [code, 500 - 50 * i]));
    expect(judge(counts('abcde'), counts('VWXYZ'))?.repair).toBe(
      'write them as before: V for a, W for b, X for c, Y for d',
    );
  });
});

describe('the limits of a list of codes', () => {
  it('are 25 values', () => {
    const list = (length: number, prefix: string): Counts =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`${prefix}${i}`, 20 + 6 * i]));
    expect(says(list(25, 'a'), list(25, 'b'))).toBe('error');
    expect(says(list(26, 'a'), list(26, 'b'))).toBe('nothing');
  });

  it('leave out known values in less than 3 of 1,000 rows, which need no new code', () => {
    expect(says({ F: 600, M: 398, X: 2 }, { f1: 600, m1: 398, X: 2 })).toBe('unclear');
    expect(says({ F: 600, M: 397, X: 3 }, { f1: 600, m1: 397, X: 3 })).toBe('nothing');
  });

  it('leave out new values in less than 3 of 1,000 new rows', () => {
    expect(says({ F: 600, M: 400 }, { f1: 600, m1: 398, odd: 2 })).toBe('unclear');
    expect(says({ F: 600, M: 400 }, { f1: 600, m1: 397, odd: 3 })).toBe('nothing');
  });

  it('are two codes, and as many new ones as known ones', () => {
    expect(says({ A: 1000 }, { A: 500, B: 500 })).toBe('nothing');
    expect(says({ A: 500, B: 495, C: 5 }, { x: 500, y: 500 })).toBe('nothing');
  });

  it('are shares that differ by no more than those of two samples', () => {
    // 1.2 · √(2 / 1,000) = 0.0537
    expect(says({ F: 500, M: 500 }, { '0': 553, '1': 447 })).toBe('error');
    expect(says({ F: 500, M: 500 }, { '0': 554, '1': 446 })).toBe('nothing');
  });

  it('are the shares of the rows that are written as before, too', () => {
    const states = { open: 500, paid: 300, sent: 200 };
    const half = { O: 250, P: 150, S: 100 };
    expect(says(states, { ...half, open: 250, paid: 150, sent: 100 })).toBe('error');
    expect(says(states, { ...half, open: 480, paid: 10, sent: 10 })).toBe('nothing');
  });

  it('let a remainder of less than 3 of 1,000 rows be of one kind', () => {
    const was = { F: 10_000, M: 10_000 };
    expect(says(was, { '0': 10_000, '1': 10_000, F: 59 })).toBe('error');
    expect(says(was, { '0': 10_000, '1': 10_000, F: 60 })).toBe('nothing');
  });
});

describe('two codes', () => {
  const twoCodes = ([first = '', second = '']: readonly string[]): Counts => ({ [first]: 500, [second]: 500 });

  it.each([
    [
      ['yes', 'no'],
      ['Y', 'N'],
    ],
    [
      ['yes', 'no'],
      ['1', '2'],
    ],
    [
      ['F', 'M'],
      ['-12.25', '10.75'],
    ],
    [
      ['a1', 'b2'],
      ['1', '2'],
    ],
    [
      ['1a', '2b'],
      ['1', '2'],
    ],
    [
      ['1', 'x'],
      ['5', '6'],
    ],
    [
      ['no', 'ja'],
      ['nein', 'doch'],
    ],
  ])('in another notation are a fault: %j as %j', (was, is) => {
    expect(says(twoCodes(was), twoCodes(is))).toBe('error');
  });

  it.each([
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [
      ['1', '2'],
      ['-12.25', '10.75'],
    ],
    [
      ['0.25', '0.5'],
      ['12', '13'],
    ],
    [
      ['yes', 'no'],
      ['on', 'off'],
    ],
    [
      ['F', 'M'],
      ['W', 'H'],
    ],
    [
      ['F', 'M'],
      ['fe', 'ma'],
    ],
  ])('in the same notation may be other things: %j as %j', (was, is) => {
    expect(says(twoCodes(was), twoCodes(is))).toBe('unclear');
  });
});
