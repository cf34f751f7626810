import { describe, expect, it } from 'vitest';
import {
  noRows,
  readFindings,
  unfitOf,
  unfitPlace,
  whatIsWrong,
  withReadFindings,
} from '../../../src/data/judge/read-faults.js';
import type { TableProfile } from '../../../src/domain/data/profile.js';
import type { BrokenRowAt, ReadFault } from '../../../src/domain/data/read-fault.js';
import { column, counted } from './profiles.js';

const at = (line: number, why: BrokenRowAt['why'] = 'short', fields = 1): BrokenRowAt => ({
  file: 'a.csv',
  line,
  why,
  fields,
  text: 'x',
});
const broken = (...first: BrokenRowAt[]): ReadFault => ({ kind: 'broken-rows', rows: first.length, names: 2, first });
const unfit: ReadFault = {
  kind: 'unfit-values',
  column: 'at',
  wanted: 'timestamp',
  rows: 2,
  value: 'n/a',
  file: 'b.csv',
  line: 17,
};
const dates = (order: 'day-first' | 'ambiguous'): ReadFault => ({
  kind: 'local-dates',
  column: 'day',
  order,
  value: '13.02.2026',
  file: 'a.csv',
  line: 3,
});
const empty = (file: string): ReadFault => ({ kind: 'empty-file', file });

const find = (faults: readonly ReadFault[], options: Parameters<typeof readFindings>[1] = {}, rows = 8) =>
  readFindings({ faults, rows }, options);

describe('what is wrong with a line', () => {
  it.each<[Partial<BrokenRowAt>, number | undefined, string]>([
    [{ why: 'cut' }, 2, 'is cut off'],
    [{ why: 'quote' }, 2, 'has a quote that is not closed'],
    [{ why: 'header-again' }, 2, 'is a header again'],
    [{ why: 'mark' }, 2, 'begins with a byte-order mark'],
    [{ why: 'not-json' }, undefined, 'is no JSON object'],
    [{ why: 'short', fields: 1 }, 2, 'has 1 field for 2 names'],
    [{ why: 'long', fields: 3 }, 2, 'has 3 fields for 2 names'],
    [{ why: 'long', fields: 3 }, undefined, 'has 3 fields'],
  ])('%o of %s names', (row, names, words) => {
    expect(whatIsWrong({ ...at(1), ...row }, names)).toBe(words);
  });
});

describe('broken rows', () => {
  it('are one finding for all files, with the first three places', () => {
    expect(find([broken(at(2)), broken(at(3), at(4), at(5))], { dataset: 'sales' })).toMatchObject([
      {
        code: 'broken-rows',
        severity: 'error',
        dataset: 'sales',
        detail:
          '4 lines are no rows and were left out: a.csv:2 has 1 field for 2 names, a.csv:3 has 1 field for 2 names, a.csv:4 has 1 field for 2 names, …',
        rows: 4,
        evidence: {
          bad: 4,
          rows: 12,
          lines: [2, 3, 4, 5].map((line) => ({ file: 'a.csv', line, why: 'short', text: 'x' })),
        },
      },
    ]);
  });

  it('say where a single one is, and where three are', () => {
    expect(find([broken(at(2, 'cut'))])[0]?.detail).toBe('1 line is no row and was left out: a.csv:2 is cut off');
    expect(find([broken(at(2), at(3), at(4))])[0]?.detail).not.toContain('…');
  });

  it('list at most twenty lines', () => {
    const lines = Array.from({ length: 21 }, (_, i) => at(i + 2));
    expect(find([broken(...lines)])[0]?.evidence.lines).toHaveLength(20);
  });

  it.each<[string, BrokenRowAt['why'][], string]>([
    ['headers', ['header-again', 'header-again'], 'two files were joined'],
    ['byte-order marks', ['mark', 'mark'], 'two files were joined'],
    ['a cut line', ['cut'], 'the file is still being written, or was cut off'],
    ['quotes', ['quote'], 'a quote in a text was not doubled'],
    ['long lines', ['long', 'long'], 'a column was added, or a delimiter in a text was not quoted'],
    ['short lines', ['short'], 'a line was cut off, or does not belong to the table'],
    ['several kinds', ['long', 'short'], 'a line was cut off, or does not belong to the table'],
    ['a header and others', ['header-again', 'cut', 'quote'], 'a line was cut off, or does not belong to the table'],
  ])('have a likely cause: %s', (_, reasons, cause) => {
    expect(find([broken(...reasons.map((why, i) => at(i + 2, why)))])[0]?.likelyCause).toBe(cause);
  });

  it('are a warning in the reference', () => {
    expect(find([broken(at(2, 'cut'))], { isReference: true })).toMatchObject([
      { severity: 'warning', detail: 'reference: 1 line is no row and was left out: a.csv:2 is cut off' },
    ]);
  });
});

describe('other faults of files', () => {
  it('have no finding where there are none', () => {
    expect(readFindings({ rows: 5 }, {})).toEqual([]);
    expect(find([])).toEqual([]);
  });

  it('names empty files, unless the whole table is empty', () => {
    expect(find([empty('a.csv')])).toMatchObject([
      {
        code: 'empty-file',
        severity: 'error',
        detail: 'a.csv is empty, without even a header',
        likelyCause: 'an export failed',
        evidence: { files: ['a.csv'] },
      },
    ]);
    expect(find([empty('a.csv')], { isReference: true })[0]?.severity).toBe('warning');
    expect(find(['a', 'b', 'c'].map(empty))[0]?.detail).toBe('a, b, c are empty, without even a header');
    expect(find(['a', 'b', 'c', 'd'].map(empty))[0]?.detail).toBe('a, b, c, … are empty, without even a header');
    expect(find(Array.from({ length: 21 }, (_, i) => empty(`f${i}`)))[0]?.evidence.files).toHaveLength(20);
    expect(find([empty('a.csv')], {}, 0)).toEqual([]);
  });

  it('names the files of an empty table', () => {
    expect(noRows({})).toEqual({ code: 'empty', severity: 'error', detail: 'there are no rows', evidence: {} });
    expect(noRows({ faults: [empty('a.csv'), unfit] }).detail).toBe(
      'there are no rows: a.csv is empty, without even a header',
    );
  });

  it('warns of mixed line ends', () => {
    expect(find([{ kind: 'mixed-line-ends', file: 'a.csv', line: 4 }])).toMatchObject([
      {
        code: 'mixed-line-ends',
        severity: 'warning',
        detail:
          'lines end in different ways: a.csv:4 ends unlike the ones before it; other programs may refuse the file',
        evidence: { file: 'a.csv', line: 4 },
      },
    ]);
  });

  it('names columns that have one name', () => {
    const found = find([{ kind: 'repeated-name', name: 'price', as: 'price_1', file: 'a.csv', line: 1 }], {
      dataset: 'sales',
    });
    expect(found).toMatchObject([
      {
        code: 'repeated-name',
        dataset: 'sales',
        column: 'price_1',
        severity: 'warning',
        detail: 'a.csv:1 names two columns "price"; the later one is read as price_1',
        evidence: { file: 'a.csv', line: 1, name: 'price' },
      },
    ]);
  });

  it('warns of a footer, unless the column is ignored or was expected to hold numbers', () => {
    const footer: ReadFault = { kind: 'footer', column: 'n', value: 'Total', file: 'a.csv', line: 9 };
    expect(find([footer])).toMatchObject([
      {
        code: 'footer',
        column: 'n',
        severity: 'warning',
        detail:
          'the last row has the only word in a column of numbers, "Total" (a.csv:9): it may be a footer; the column is read as text',
        likelyCause: 'an export that ends with a sum or a count',
        evidence: { file: 'a.csv', line: 9, value: 'Total' },
      },
    ]);
    expect(find([footer], { ignore: ['n'] })).toEqual([]);
    expect(find([footer, { ...unfit, column: 'n' } as ReadFault])).toEqual([]);
    expect(find([footer, unfit]).map((one) => one.code)).toEqual(['footer']);
    // dates that do not fit are still named by what is wrong with them
    expect(find([dates('ambiguous'), { ...unfit, column: 'day' } as ReadFault]).map((one) => one.code)).toEqual([
      'ambiguous-dates',
    ]);
  });

  it('warns of dates with the day first, and of those that may have it', () => {
    expect(find([dates('ambiguous'), dates('day-first')])).toMatchObject([
      {
        code: 'ambiguous-dates',
        column: 'day',
        severity: 'warning',
        detail:
          'dates like 13.02.2026 (a.csv:3) may have the day first or the month first, and no value tells; read as text. Write them as 2026-03-01',
        evidence: { file: 'a.csv', line: 3, value: '13.02.2026' },
      },
      {
        code: 'day-first-dates',
        column: 'day',
        severity: 'warning',
        detail:
          'dates have the day first, as 13.02.2026 shows (a.csv:3), and are read so; other programs may read 01/02 as January 2',
        evidence: { file: 'a.csv', line: 3, value: '13.02.2026' },
      },
    ]);
    expect(find([dates('ambiguous')], { ignore: ['day'] })).toEqual([]);
    expect(find([dates('ambiguous')], { ignore: ['other'] })).toHaveLength(1);
  });

  it('counts rows whose time cannot be read', () => {
    expect(find([unfit], { timeColumn: 'at' })).toMatchObject([
      {
        code: 'unreadable-times',
        column: 'at',
        severity: 'error',
        detail: '2 rows have no readable time and are in no window; the first is "n/a" in b.csv:17',
        rows: 2,
        evidence: { bad: 2, rows: 8, value: 'n/a', file: 'b.csv', line: 17 },
      },
    ]);
    expect(find([{ ...unfit, rows: 1 } as ReadFault], { timeColumn: 'at' })[0]?.detail).toBe(
      '1 row has no readable time and is in no window; the first is "n/a" in b.csv:17',
    );
    expect(find([unfit])).toEqual([]);
    expect(find([unfit], { timeColumn: 'day' })).toEqual([]);
    expect(find([unfit], { timeColumn: 'at', isReference: true })).toMatchObject([
      { severity: 'warning', detail: expect.stringMatching(/^reference: 2 rows have no readable time/) },
    ]);
    const { line: _, ...inRows } = { ...unfit, line: 17 };
    expect(find([{ ...inRows, row: 16 } as ReadFault], { timeColumn: 'at' })).toMatchObject([
      { detail: expect.stringContaining('"n/a" in row 16 of b.csv'), evidence: { file: 'b.csv', row: 16 } },
    ]);
  });

  it('gives the place of the first value that does not fit', () => {
    expect(unfitOf({ faults: [dates('ambiguous'), unfit] }, 'at')).toBe(unfit);
    expect(unfitOf({ faults: [dates('ambiguous')] }, 'day')).toBeUndefined();
    expect(unfitPlace({ faults: [unfit] }, 'at')).toBe('"n/a" in b.csv:17');
    expect(unfitPlace({}, 'at')).toBeUndefined();
  });
});

it('puts the faults of both files first in a triage', () => {
  const [bug] = find([empty('old.csv')]);
  if (bug === undefined) throw new Error('no finding');
  const before = { bugs: [bug], unclear: [bug], warnings: [{ ...bug, code: 'other' }] };
  const reference = { ...counted(9), faults: [empty('r.csv')] };
  const current = { ...counted(9), faults: [empty('c.csv'), dates('ambiguous')] };
  const { bugs, unclear, warnings } = withReadFindings(before, [reference, current], { dataset: 'sales' });
  expect(bugs.map((one) => one.detail)).toEqual(['c.csv is empty, without even a header', bug.detail]);
  expect(unclear).toEqual([bug]);
  expect(warnings.map((one) => one.code)).toEqual(['ambiguous-dates', 'empty-file', 'other']);
  expect(warnings[1]?.detail).toMatch(/^reference: r.csv/);
});

describe('columns that only some files have', () => {
  const partial = (name: string): ReadFault => ({
    kind: 'partial-columns',
    columns: [{ name, in: 1, notIn: 3, firstIn: 'd.csv', firstNotIn: 'a.csv' }],
  });
  const columns = [column('x', [1, null, 2, null])];
  const current: TableProfile = { format: 2, rows: 4, columns, faults: [partial('x')] };
  const codes = (options: Parameters<typeof readFindings>[1]) => readFindings(current, options).map(({ code }) => code);

  it('are a warning, unless another finding tells of them or they are usual', () => {
    const known = { ...current, faults: [] };
    expect(codes({ optional: [], reference: known })).toEqual(['partial-columns']);
    expect(codes({ optional: [], reference: { ...known, columns: [] } })).toEqual([]);
    expect(codes({ optional: [], reference: current })).toEqual([]);
    expect(codes({ optional: ['x'] })).toEqual([]);
    expect(codes({ optional: [], ignore: ['x'] })).toEqual([]);
  });

  it('are none where the rows of the window all have them', () => {
    const full = columns.map((one) => ({ ...one, missing: 0 }));
    expect(readFindings({ ...current, columns: full }, { optional: [] })).toEqual([]);
  });
});
