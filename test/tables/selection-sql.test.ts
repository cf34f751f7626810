import { expect, it } from 'vitest';
import type { RowSelection } from '../../src/domain/data/row-selection.js';
import { selectionSql } from '../../src/tables/selection-sql.js';

const NAME = 'a"b';

it.each<readonly [RowSelection, string]>([
  [{ kind: 'missing', column: NAME }, '"a""b" IS NULL'],
  [{ kind: 'present', column: NAME }, '"a""b" IS NOT NULL'],
  [{ kind: 'outside', column: NAME, lower: 0 }, '"a""b" < 0'],
  [{ kind: 'outside', column: NAME, lower: -1.5, upper: 1e21 }, '"a""b" < -1.5 OR "a""b" > 1e+21'],
  [{ kind: 'one-of', column: NAME, values: [-999] }, '"a""b" = -999'],
  [{ kind: 'one-of', column: NAME, values: ["it's", "'; --"] }, `"a""b" IN ('it''s', '''; --')`],
  [{ kind: 'one-of', column: NAME, values: ['abc'], length: 3 }, `length("a""b") = 3 AND "a""b" IN ('abc')`],
  [{ kind: 'respelled', column: NAME, by: 'trim-lower' }, '"a""b" <> lower(trim("a""b"))'],
  [
    { kind: 'breaks', predicate: { kind: 'present', column: NAME }, sqlType: 'DOUBLE' },
    '("a""b" IS NULL OR isnan("a""b"))',
  ],
])('quotes names and values of %j', (selection, sql) => {
  expect(selectionSql(selection)).toBe(sql);
});

it('makes no SQL of a number that is none', () => {
  expect(() => selectionSql({ kind: 'outside', column: 'x', lower: Number.NaN })).toThrow('NaN');
});
