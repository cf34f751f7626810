import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasQuotedValue, sqlFault } from '../../../src/pipeline/parse/sql-text.js';

describe('sqlFault', () => {
  it.each([
    'origin <> destination',
    'name <> \';\' and "a;b" > 1',
    "note not like '%--%'",
    'a > 1 -- a comment; with a semicolon',
    'a > /* ; ) */ 1',
    "a <> $$;)$$ and b <> $x$ ' $x$",
    "a <> E'it\\'s; fine'",
    'selected and fromage is null',
    'x in (select y from z)',
  ])('takes %s for one expression', (text) => {
    expect(sqlFault(text, 'expression')).toBeUndefined();
  });

  it.each([
    '',
    '-- nothing',
    'a; b',
    'a > 1;',
    'true) or (true',
    '(a',
    '[1)',
    "a = 'x",
    'a = "x',
    'a /* b',
    '$$ a',
    'select 1',
    'SELECT 1',
    'from x',
  ])('refuses %s', (text) => {
    expect(sqlFault(text, 'expression')).toBeDefined();
  });

  it('accepts only a single query', () => {
    for (const text of ['select 1', 'from x', 'with a as (select 1) from a', '(select 1) union (select 2)'])
      expect(sqlFault(text, 'query')).toBeUndefined();
    for (const text of ['drop table x', 'select 1; select 2', 'copy x to y', 'a > 1'])
      expect(sqlFault(text, 'query')).toBeDefined();
  });

  it('ignores quoted text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(sqlFault(`a <> '${text.replaceAll("'", "''")}'`, 'expression')).toBeUndefined();
        expect(sqlFault(`"${text.replaceAll('"', '""')}" > 1`, 'expression')).toBeUndefined();
      }),
    );
  });
});

describe('hasQuotedValue', () => {
  it('distinguishes quoted values from bare ones', () => {
    expect(hasQuotedValue("from ${{ datasets.x }} where a = 'b'")).toBe(false);
    expect(hasQuotedValue("where a = '${{ params.x }}'")).toBe(true);
  });
});
