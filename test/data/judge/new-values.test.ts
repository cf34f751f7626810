import { describe, expect, it } from 'vitest';
import { findNewValues, listDistance } from '../../../src/data/judge/new-values.js';
import type { ColumnPast } from '../../../src/data/judge/past.js';
import { testRecoding } from '../../../src/data/judge/repairs/recoding.js';
import { testPlaceholder, testSpelling } from '../../../src/data/judge/repairs/spelling.js';
import { testTruncation } from '../../../src/data/judge/repairs/truncation.js';
import { column } from './profiles.js';

const CITIES = { Oslo: 40, Bergen: 22, Trondheim: 15, Tromsø: 9, Stavanger: 8, Bodø: 6 };
const N = 4000;

/** So many values in these shares, in a fixed order that mixes them. */
function draw(shares: Readonly<Record<string, number>>, count = N, from = 0): string[] {
  const names = Object.keys(shares);
  const all = Object.values(shares).reduce((sum, one) => sum + one, 0);
  return Array.from({ length: count }, (_, i) => {
    let at = (((i + from) * 0.618033988749895) % 1) * all;
    for (const name of names) {
      at -= shares[name] ?? 0;
      if (at < 0) return name;
    }
    return names[0] ?? '';
  });
}

const some = (values: readonly string[], share: number, change: (value: string, i: number) => string): string[] =>
  values.map((value, i) => ((i * 0.7548776662466927) % 1 < share ? change(value, i) : value));

const pair = (was: readonly string[], is: readonly string[]): ColumnPast => ({
  before: column('c', was, 'text'),
  now: column('c', is, 'text'),
  past: [],
});

const cities = draw(CITIES);
const later = draw(CITIES, N, 77);

describe('new values', () => {
  it('are those that the reference does not have, beyond chance', () => {
    const found = findNewValues(pair(cities, [...later, ...draw({ Drammen: 1, Molde: 1 }, 100)]));
    expect(found).toMatchObject({ rows: 100, share: 100 / 4100 });
    expect(found?.values.map((one) => one.value).sort()).toEqual(['Drammen', 'Molde']);
  });

  it.each([
    ['none', later, false],
    ['four rows', [...later.slice(0, 100), 'a', 'a', 'a', 'a'], false],
    ['five', [...later.slice(0, 100), 'a', 'a', 'a', 'a', 'a'], true],
    ['less than one in two hundred', [...later, ...draw({ a: 1 }, 19)], false],
    ['more', [...later, ...draw({ a: 1 }, 21)], true],
  ])('%s', (_, is, expected) => {
    expect(findNewValues(pair(cities, is)) !== undefined).toBe(expected);
  });

  it('are expected where many values of the reference occur once', () => {
    const ids = Array.from({ length: 2000 }, (_, i) => `id-${i}`);
    const others = Array.from({ length: 2000 }, (_, i) => `id-${i + 5000}`);
    expect(findNewValues(pair(ids, others))).toBeUndefined();
  });

  it('are not searched for in numbers', () => {
    expect(findNewValues({ before: column('c', [1, 2]), now: column('c', [3, 4]), past: [] })).toBeUndefined();
  });
});

it('compares two lists by their shares', () => {
  expect(listDistance([1, 1], [2, 2])).toBe(0);
  expect(listDistance([1, 0], [0, 1])).toBe(1);
  expect(listDistance([3, 1], [1, 1])).toBeCloseTo(0.25, 9);
  expect(listDistance([1], [1, 1])).toBeCloseTo(0.5, 9);
});

describe('another spelling', () => {
  it.each([
    ['lower case', (value: string) => value.toLowerCase(), 'fold the case'],
    ['spaces', (value: string) => `${value} `, 'trim the spaces'],
    ['both', (value: string) => ` ${value.toUpperCase()}`, 'trim and fold the case'],
    ['Latin-1', (value: string) => Buffer.from(value, 'utf8').toString('latin1'), 'decode Latin-1 as UTF-8'],
  ])('%s in all, 30 and 5 %% of the rows', (_, change, repair) => {
    for (const share of [1, 0.3, 0.05])
      expect(testSpelling(pair(cities, some(later, share, change)))).toMatchObject({
        code: 'respelled',
        severity: 'error',
        repair,
      });
  });

  const PLACES = { Köln: 30, Hamburg: 22, 'Bad Ems': 14, Nürnberg: 12, '00815': 9, '01067': 6, Kiel: 4 };
  const places = draw(PLACES);
  it.each([
    ['zeros lost', (value: string) => value.replace(/^0+/, ''), 'restore the leading zeros'],
    ['quotes', (value: string) => `'${value}'`, 'strip the quotes'],
    ['hyphens', (value: string) => value.replace(' ', '-'), 'write blanks, hyphens and underscores as before'],
    ['question marks', (value: string) => value.replace(/[öü]/, '?'), 'restore the letters that were lost'],
    ['two for a letter', (value: string) => value.replace(/[öü]/, '??'), 'restore the letters that were lost'],
    ['accents dropped', (value: string) => value.replace('ö', 'o').replace('ü', 'u'), 'restore the accents'],
    ['two letters', (value: string) => value.replace('ö', 'oe').replace('ü', 'ue'), 'restore the umlauts'],
  ])('%s, in all, 30 and 10 %% of the rows', (_, change, repair) => {
    for (const share of [1, 0.3, 0.1])
      expect(testSpelling(pair(places, some(draw(PLACES, N, 77), share, change)))).toMatchObject({
        code: 'respelled',
        severity: 'error',
        repair,
      });
  });

  it('of numbers', () => {
    const codes = draw({ '10': 3, '20': 2, '30': 1 });
    expect(
      testSpelling(
        pair(
          codes,
          some(codes, 0.5, (value) => `${value}.0`),
        ),
      )?.repair,
    ).toBe('drop a trailing ".0"');
  });

  it('is not what new values are', () => {
    expect(
      testSpelling(
        pair(
          cities,
          some(later, 0.2, () => 'Drammen'),
        ),
      ),
    ).toBeUndefined();
    expect(
      testSpelling(
        pair(
          cities,
          some(later, 0.5, (value, i) => (i % 4 === 0 ? 'Drammen' : value.toLowerCase())),
        ),
      ),
    ).toBeUndefined();
    expect(testSpelling(pair(cities, later))).toBeUndefined();
  });

  it('lists the rows where SQL can', () => {
    expect(
      testSpelling(
        pair(
          cities,
          some(later, 1, (value) => value.toLowerCase()),
        ),
      )?.selects,
    ).toEqual({ kind: 'respelled', column: 'c', by: 'lower' });
    expect(
      testSpelling(
        pair(
          cities,
          some(later, 1, (value) => `${value} `),
        ),
      )?.selects,
    ).toEqual({ kind: 'respelled', column: 'c', by: 'trim' });
    const recoded = some(later, 1, (value) => Buffer.from(value, 'utf8').toString('latin1'));
    expect(testSpelling(pair(cities, recoded))?.selects).toBeUndefined();
  });
});

describe('texts cut to a length', () => {
  const cut = (length: number) => (value: string) => [...value].slice(0, length).join('');

  it.each([0.05, 0.3, 1])('in %f of the rows', (share) => {
    const found = testTruncation(pair(cities, some(later, share, cut(3))));
    expect(found).toMatchObject({ code: 'truncated', severity: 'error', evidence: { length: 3 } });
    expect(found?.selects).toMatchObject({ kind: 'one-of', length: 3, values: expect.arrayContaining(['Osl']) });
  });

  it('leaves short ones as they are', () => {
    expect(testTruncation(pair(cities, some(later, 0.3, cut(5))))?.evidence.length).toBe(5);
  });

  it.each([
    ['new values that begin nothing', () => 'Drammen'],
    ['beginnings of several lengths', (value: string, i: number) => cut(3 + (i % 3))(value)],
    ['the beginnings of some values only', (value: string) => (value === 'Oslo' ? 'Osl' : value)],
    ['longer numbers than before', (value: string) => `${value}1`],
  ])('is not %s', (_, change) => {
    expect(testTruncation(pair(cities, some(later, 0.4, change)))).toBeUndefined();
  });
});

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
      expect(testRecoding(pair(was, some(was, share, change)))).toMatchObject({ code: 'recoded', severity: 'error' });
  });

  it('is unclear for two words, or few rows', () => {
    const plans = draw({ basic: 60, pro: 40 });
    const renamed = (value: string): string => (value === 'basic' ? 'start' : 'team');
    expect(testRecoding(pair(plans, some(plans, 0.3, renamed)))?.severity).toBe('unclear');
    const few = (value: string): string => value.toUpperCase();
    expect(testRecoding(pair(states, some(states, 1, few).slice(0, 99)))?.severity).toBe('unclear');
    expect(testRecoding(pair(states, some(states, 1, few).slice(0, 100)))?.severity).toBe('error');
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
    expect(testRecoding(pair(was, is))).toBeUndefined();
  });

  it('shows which code replaces which', () => {
    const found = testRecoding(
      pair(
        sexes,
        some(sexes, 1, (value) => (value === 'F' ? '0' : '1')),
      ),
    );
    expect(found?.repair).toBe('write them as before: 0 for F, 1 for M');
    expect(found?.selects).toEqual({ kind: 'one-of', column: 'c', values: ['0', '1'] });
  });
});

describe('a word for "missing"', () => {
  it.each(['', 'NULL', 'n/a', 'unknown', '-', '??', '-1', '9999', 'NaN', '#N/A'])('"%s"', (word) => {
    expect(
      testPlaceholder(
        pair(
          cities,
          some(later, 0.05, () => word),
        ),
      ),
    ).toMatchObject({
      code: 'sentinel',
      repair: `read "${word}" as missing`,
    });
  });

  it.each([
    ['another new value', 0.05, 'Drammen'],
    ['less than one in a hundred', 0.009, 'NULL'],
  ])('is not %s', (_, share, word) => {
    expect(
      testPlaceholder(
        pair(
          cities,
          some(later, share, () => word),
        ),
      ),
    ).toBeUndefined();
  });

  it('is no finding where the reference has it', () => {
    const was = some(cities, 0.05, () => 'NULL');
    expect(
      testPlaceholder(
        pair(
          was,
          some(later, 0.3, () => 'NULL'),
        ),
      ),
    ).toBeUndefined();
  });
});
