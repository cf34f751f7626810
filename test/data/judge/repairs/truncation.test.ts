import { describe, expect, it } from 'vitest';
import { testTruncation } from '../../../../src/data/judge/repairs/truncation.js';
import { cities, later, rowsOf, some } from '../categories.js';
import { texts } from '../profiles.js';

describe('texts cut to a length', () => {
  const cut = (length: number) => (value: string) => [...value].slice(0, length).join('');

  it.each([0.05, 0.3, 1])('in %f of the rows', (share) => {
    const found = testTruncation(texts(cities, some(later, share, cut(3))));
    expect(found).toMatchObject({ code: 'truncated', severity: 'error', evidence: { length: 3 } });
    expect(found?.selects).toMatchObject({ kind: 'one-of', length: 3, values: expect.arrayContaining(['Osl']) });
  });

  it('leaves short ones as they are', () => {
    expect(testTruncation(texts(cities, some(later, 0.3, cut(5))))?.evidence.length).toBe(5);
  });

  it.each([
    ['new values that begin nothing', () => 'Drammen'],
    ['beginnings of several lengths', (value: string, i: number) => cut(3 + (i % 3))(value)],
    ['the beginnings of some values only', (value: string) => (value === 'Oslo' ? 'Osl' : value)],
    ['longer numbers than before', (value: string) => `${value}1`],
  ])('is not %s', (_, change) => {
    expect(testTruncation(texts(cities, some(later, 0.4, change)))).toBeUndefined();
  });
});

describe('what cut texts say', () => {
  type Counts = Readonly<Record<string, number>>;
  const judge = (was: Counts, is: Counts) => testTruncation(texts(rowsOf(was), rowsOf(is)));

  it('is their share, their length and what they are', () => {
    expect(judge({ London: 60, Paris: 40 }, { London: 30, Paris: 20, Lon: 30, Par: 20 })).toEqual({
      code: 'truncated',
      severity: 'error',
      detail: '50 % of the values are the first 3 characters of known ones',
      likelyCause: 'texts cut to 3 characters',
      repair: 'deliver the whole text',
      rows: 50,
      selects: { kind: 'one-of', column: 'c', length: 3, values: ['Lon', 'Par'] },
      evidence: { share: 0.5, length: 3 },
    });
    expect(judge({ London: 60, Paris: 40 }, { L: 60, P: 40 })).toMatchObject({
      detail: '100 % of the values are the first 1 character of known ones',
      likelyCause: 'texts cut to 1 character',
    });
  });

  it('counts characters, of which some need two units of UTF-16', () => {
    expect(judge({ '🍎 apple': 60, '🍐 pear': 40 }, { '🍎 a': 60, '🍐 p': 40 })?.evidence.length).toBe(3);
  });

  it('allows five other rows among a hundred new ones, and leaves them out', () => {
    const found = judge({ London: 600, Paris: 400 }, { Lon: 57, Par: 38, Rome: 5 });
    expect(found).toMatchObject({ rows: 95, selects: { values: ['Lon', 'Par'] } });
    expect(judge({ London: 600, Paris: 400 }, { Lon: 56, Par: 38, Rome: 6 })).toBeUndefined();
  });

  it('is nothing where the new value is the empty text, with which every text begins', () => {
    expect(judge({ London: 60, Paris: 40 }, { London: 30, Paris: 20, '': 50 })).toBeUndefined();
  });

  it('is nothing where the beginnings have other shares than two samples would', () => {
    // 1.2 · √(2 / 1,000) = 0.0537
    expect(judge({ London: 500, Paris: 500 }, { Lon: 553, Par: 447 })).toBeDefined();
    expect(judge({ London: 500, Paris: 500 }, { Lon: 554, Par: 446 })).toBeUndefined();
  });

  it('lists at most fifty values', () => {
    const streets = (count: number, ending: string): Counts =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`S${i + 10}${ending}`, 20]));
    expect(judge(streets(60, ' street'), streets(60, ''))?.selects).toMatchObject({
      values: Object.keys(streets(50, '')),
    });
  });
});
