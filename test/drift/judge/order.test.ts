import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import type { Instant } from '../../../src/domain/support/time.js';
import { compareColumn } from '../../../src/drift/judge/compare-column.js';
import { comparableColumns, compareTables } from '../../../src/drift/judge/judge-table.js';
import { seededNormal } from '../../../src/statistics/random.js';
import {
  hours,
  inOrder,
  numbers,
  OPTIONS,
  tableOf,
  take,
  texts,
  uniforms,
  verdictOf,
  WEEK,
  windowOf,
  withoutOrder,
} from './columns.js';

describe('a p-value', () => {
  it('counts the rows that independent ones would be worth', () => {
    const next = hours(3, 0.97);
    const reference = inOrder(take(12 * WEEK, next));
    const current = windowOf(
      reference,
      take(WEEK, next).map((x) => x + 0.5),
    );
    const [ordered, bare] = [reference, withoutOrder(reference)].map((one) => compareColumn(one, current, OPTIONS));
    expect(bare?.pValue).toBeLessThan(1e-6);
    expect(ordered?.pValue).toBeGreaterThan(1e-4);
    expect(ordered?.threshold).toBeGreaterThan(2 * (bare?.threshold ?? 1));
    expect(ordered?.score).toBe(bare?.score);
  });
});

describe('a limit that nothing can exceed', () => {
  const growing = inOrder(Array.from({ length: 2000 }, (_, i) => i));
  const judgeAt = (middle: number) => compareColumn(growing, windowOf(growing, uniforms(400, middle, 100)), OPTIONS);

  it('is said to be blind: the reference grew all the time, and the window lies where it once was', () => {
    const judged = judgeAt(950);
    expect(judged).toMatchObject({ verdict: 'undecided', undecidedBecause: 'blind' });
    expect(judged.detail).toMatch(
      /^blind: the reference's own spans differ so much that no window could exceed the limit/,
    );
  });

  it('is none for values that lie beyond all that the reference has ever had', () => {
    expect(judgeAt(5000).verdict).toBe('drift');
    expect(judgeAt(-5000).verdict).toBe('drift');
  });

  it('is reported as blind if there are too few rows for so many values', () => {
    const sparse = (prefix: string): ColumnProfile =>
      texts(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${prefix}${i}`, 2])));
    const judged = compareColumn(sparse('v'), sparse('v'), { ...OPTIONS, alpha: 1e-9 });
    expect(judged.verdict).toBe('stable');
    const blind = compareColumn(texts({ a: 49, b: 1 }), texts({ a: 25, b: 25 }), { ...OPTIONS, alpha: 1e-30 });
    expect(blind).toMatchObject({ verdict: 'undecided', undecidedBecause: 'blind' });
    expect(blind.detail).toMatch(
      /^blind: with so few rows for so many values no window could exceed the limit \(tvd 1\)/,
    );
  });

  it('is none where a window that looks the same is stable', () => {
    expect(
      verdictOf(
        growing,
        windowOf(
          growing,
          take(2000, () => 0).map((_, i) => i),
        ),
      ),
    ).toBe('stable');
  });
});

describe('the order of rows', () => {
  const sorted = (rows: number, seed: number) => {
    const z = seededNormal(seed);
    return take(rows, z).sort((a, b) => a - b);
  };
  /** A table whose rows are grouped by kind, and a number that goes with the kind. */
  const grouped = (seed: number, rows: number, shift = 0) => {
    const z = seededNormal(seed);
    const kinds = Array.from({ length: rows }, (_, i) => Math.floor((3 * i) / rows));
    const spans = 40;
    const counts = Array.from({ length: spans }, (_, span) =>
      [0, 1, 2, 3].map(
        (kind) =>
          kinds
            .slice(Math.floor((span * rows) / spans), Math.floor(((span + 1) * rows) / spans))
            .filter((one) => one === kind).length,
      ),
    );
    const named = texts({ a: rows / 3, b: rows / 3, c: rows / 3 }, 0, 'kind');
    const x = inOrder(kinds.map((kind) => 2 * kind + z() + shift));
    return tableOf([{ ...named, history: counts.map(([a = 0, b = 0, c = 0]) => [a, b, c, 0]) }, x]);
  };
  const verdict = (reference: ReturnType<typeof tableOf>, current: ReturnType<typeof tableOf>) =>
    compareTables(reference, current, { ignore: [], dataBugs: [] }).verdict;

  it('is ignored where both files are sorted by a column', () => {
    const reference = inOrder(sorted(2000, 1));
    const current = windowOf(
      reference,
      sorted(2000, 2).map((x) => x + 0.4),
    );
    expect(verdictOf(reference, current)).not.toBe('drift');
    const other = inOrder(sorted(2000, 1), 40, 'key');
    const both = [tableOf([other, reference]), tableOf([windowOf(other, sorted(2000, 3)), current])] as const;
    expect(verdict(...both)).toBe('drift');
    // also where the column is not compared
    expect(compareTables(...both, { ignore: ['key'], dataBugs: [] }).verdict).toBe('drift');
  });

  it('is ignored where both files are grouped by a column', () => {
    expect(verdict(grouped(1, 3000), grouped(2, 3000))).toBe('stable');
    expect(verdict(grouped(1, 3000), grouped(2, 3000, 0.6))).toBe('drift');
  });

  const histories = (reference: ColumnProfile, current: ColumnProfile, time?: 'at') => {
    const next = hours(5, 0.9);
    const x = inOrder(take(reference.rows, next));
    const known = tableOf(
      [reference, x],
      time === undefined ? undefined : { column: time, from: 0 as Instant, to: 1 as Instant },
    );
    const pairs = comparableColumns(known, tableOf([current, windowOf(x, take(current.rows, next))]), []);
    return pairs.filter((pair) => pair.reference.history !== undefined).length;
  };
  const rows = (count: number, from = 0) => Array.from({ length: count }, (_, i) => i + from);

  it('is that of time where a sorted column goes on in the window, or counts rows or days', () => {
    const sortedBy = (values: readonly number[]) => inOrder(values, 40, 'key');
    expect(histories(sortedBy(sorted(2000, 1)), numbers(sorted(500, 2), 'key'))).toBe(0);
    expect(
      histories(
        sortedBy(sorted(2000, 1)),
        numbers(
          sorted(500, 2).map((x) => x + 9),
          'key',
        ),
      ),
    ).toBe(2);
    expect(histories(sortedBy(rows(2000)), numbers(rows(2000), 'key'))).toBe(2);
    expect(
      histories(
        sortedBy(rows(2000).map((i) => Math.floor(i / 100))),
        numbers(
          rows(500).map((i) => Math.floor(i / 25)),
          'key',
        ),
      ),
    ).toBe(2);
    // five groups are no calendar, and unequal ones neither
    expect(
      histories(
        sortedBy(rows(2000).map((i) => Math.floor(i / 400))),
        numbers(
          rows(500).map((i) => Math.floor(i / 100)),
          'key',
        ),
      ),
    ).toBe(0);
    expect(
      histories(
        sortedBy(rows(2000).map((i) => Math.floor(Math.sqrt(i) / 4))),
        numbers(
          rows(2000).map((i) => Math.floor(Math.sqrt(i) / 4)),
          'key',
        ),
      ),
    ).toBe(0);
    // whole numbers with gaps are no row numbers
    expect(
      histories(
        sortedBy(rows(2000).map((i) => i * i)),
        numbers(
          rows(2000).map((i) => i * i),
          'key',
        ),
      ),
    ).toBe(0);
  });

  it('is that of time where a time column gives it', () => {
    expect(histories(inOrder(sorted(2000, 1), 40, 'key'), numbers(sorted(500, 2), 'key'), 'at')).toBe(2);
  });

  it('is that of time where no column is sorted', () => {
    const z = seededNormal(9);
    expect(histories(inOrder(take(2000, z), 40, 'key'), numbers(take(500, z), 'key'))).toBe(2);
    expect(
      histories(
        inOrder(
          take(2000, () => 1),
          40,
          'key',
        ),
        numbers(
          take(500, () => 1),
          'key',
        ),
      ),
    ).toBe(2);
  });
});

describe('freak spans', () => {
  const steady = (seed: number) => Array.from({ length: 10 }, (_, i) => take(400, seededNormal(seed + i)));
  const chunked = (chunks: readonly (readonly number[])[]): ColumnProfile => inOrder(chunks.flat(), chunks.length);
  const current = (reference: ColumnProfile) =>
    windowOf(
      reference,
      take(400, seededNormal(99)).map((x) => x + 0.6),
    );

  it('are left out, up to a tenth of the rows', () => {
    const freak = take(400, seededNormal(50)).map((x) => x + 8);
    const one = chunked([...steady(1).slice(1), freak]);
    expect(verdictOf(one, current(one))).toBe('drift');
    const two = chunked([...steady(1).slice(2), freak, freak]);
    expect(verdictOf(two, current(two))).not.toBe('drift');
  });
});
