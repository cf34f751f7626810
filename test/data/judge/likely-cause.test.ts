import { expect, it } from 'vitest';
import { likelyCause } from '../../../src/data/judge/likely-cause.js';
import type { TableProfile } from '../../../src/domain/data/profile.js';
import type { Predicate } from '../../../src/domain/support/predicate.js';

const cause = (
  predicate: Predicate,
  examples: Readonly<Record<string, number>>,
  profile: Partial<TableProfile> = {},
): string | undefined => {
  const found = Object.entries(examples)
    .map(([value, rows]) => ({ value, rows }))
    .sort((a, b) => b.rows - a.rows);
  const bad = found.reduce((sum, one) => sum + one.rows, 0);
  return likelyCause({ predicate }, { bad, examples: found }, { format: 2, rows: 100, columns: [], ...profile });
};

it('names the probable cause by the bad values, and none where they do not show it', () => {
  const range: Predicate = { kind: 'in-range', column: 'x', upper: 10 };
  expect(cause(range, { '-999': 9, '12': 1 })).toContain('-999');
  expect(cause(range, { '11': 1, '12': 1, '13': 1 })).toBeUndefined();
  const words: Predicate = { kind: 'one-of', column: 'c', values: ['Paris', 'Rome'] };
  expect(cause(words, { ' paris': 3, ROME: 1 })).toContain('" paris" for "Paris"');
  expect(cause(words, { 'N/A': 3 })).toContain('missing');
  expect(cause(words, { Bonn: 3 })).toBeUndefined();
  const number: Predicate = { kind: 'reads-as', column: 'x', type: 'number' };
  expect(cause(number, { '1,5': 2, '-3,25': 1 })).toContain('decimal comma');
  expect(cause(number, { '-': 2, null: 1 })).toContain('missing');
  const key: Predicate = { kind: 'unique', columns: ['id'] };
  expect(cause(key, { '7': 4 }, { duplicateRows: 2 })).toContain('twice');
  expect(cause(key, { '7': 4 }, { duplicateRows: 0 })).toBeUndefined();
});

it('names one value if it is more than four fifths of the bad ones, and not alone', () => {
  const range: Predicate = { kind: 'in-range', column: 'x', upper: 10 };
  expect(cause(range, { '-999': 4, '12': 1 })).toBeUndefined();
  expect(cause(range, { '-999': 5, '12': 1 })).toBe('-999 in most of them: a default or a code for "missing"');
  expect(cause(range, { '11': 1 })).toBeUndefined();
  expect(cause(range, { '11': 2 })).toMatch(/^11 in most/);
  expect(cause(range, {})).toBeUndefined();
});

it('names another spelling if every value is a known one', () => {
  const words: Predicate = { kind: 'one-of', column: 'c', values: ['Paris', 'Rome', 7] };
  expect(cause(words, { PARIS: 3, Bonn: 1 })).toBeUndefined();
  expect(cause(words, { ' 7': 3 })).toBe('written otherwise: " 7" for "7"');
  expect(cause(words, {})).toBeUndefined();
  expect(cause({ kind: 'one-of', column: 'c', values: [''] }, {})).toBeUndefined();
});

it('names a decimal comma, or a word for "missing", if every value has it', () => {
  const number: Predicate = { kind: 'reads-as', column: 'x', type: 'number' };
  for (const value of ['1,5', ' +12,25 ', '-0,5']) expect(cause(number, { [value]: 1 })).toMatch(/decimal comma/);
  for (const value of ['x1,5', '1,5 EUR', '1,5,', ',5', '1.5'])
    expect(cause(number, { '2,5': 3, [value]: 1 }), value).toBeUndefined();
  expect(cause(number, { '-': 2, x: 1 })).toBeUndefined();
  expect(cause(number, { ' NULL ': 2 })).toBe('a word for "missing": " NULL "');
  expect(cause(number, {})).toBeUndefined();
});

it('names a repeated delivery if the repeated rows make half of the bad ones', () => {
  const key: Predicate = { kind: 'unique', columns: ['id'] };
  const twice = 'whole rows are repeated: a file or a batch came twice';
  expect(cause(key, { '7': 10 }, { duplicateRows: 5 })).toBe(twice);
  expect(cause(key, { '7': 10 }, { duplicateRows: 4 })).toBeUndefined();
  expect(cause(key, {}, { duplicateRows: 0 })).toBeUndefined();
  expect(cause(key, { '7': 10 })).toBeUndefined();
});

it('names none for a rule of several columns', () => {
  expect(cause({ kind: 'rule', sql: 'a < b' } as Predicate, { '1,5': 2 })).toBeUndefined();
});
