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
