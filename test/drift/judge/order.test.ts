import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import type { Instant } from '../../../src/domain/support/time.js';
import { compareColumn } from '../../../src/drift/judge/compare-column.js';
import { comparableColumns, compareTables } from '../../../src/drift/judge/judge-table.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';
import { inOrder, numbers, OPTIONS, tableOf, texts, verdictOf, windowOf } from './columns.js';

/** Hours of which each keeps a part of the one before. */
function hours(seed: number, keep: number): () => number {
  const z = seededNormal(seed);
  let x = z();
  return () => {
    x = keep * x + Math.sqrt(1 - keep * keep) * z();
    return x;
  };
}

/** A switch that stays as it is for 20 hours. */
function switches(seed: number): () => number {
  const u = seededRandom(seed);
  let isOn = u() < 0.3;
  return () => {
    if (u() < (isOn ? 1 / 20 : 3 / 140)) isOn = !isOn;
    return isOn ? 1 : 0;
  };
}

const take = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const WEEK = 168;

const withoutOrder = ({ history: _, ...column }: ColumnProfile): ColumnProfile => column;

function countDrifts(series: (seed: number) => () => number, weeks: number, change: (x: number) => number) {
  const found = { ordered: 0, bare: 0 };
  for (let seed = 1; seed <= 30; seed++) {
    const next = series(seed);
    const reference = inOrder(take(weeks * WEEK, next));
    const current = windowOf(reference, take(WEEK, next).map(change));
    if (verdictOf(reference, current) === 'drift') found.ordered++;
    if (verdictOf(withoutOrder(reference), current) === 'drift') found.bare++;
  }
  return found;
}

describe('the next week of hours that follow each other', () => {
  it.each([
    ['each keeps half of the hour before', (seed: number) => hours(seed, 0.5)],
    ['each keeps 0.9 of it', (seed: number) => hours(seed, 0.9)],
    ['each keeps 0.97 of it', (seed: number) => hours(seed, 0.97)],
    ['on and off', switches],
  ])('is no drift: %s', (_, series) => {
    expect(countDrifts(series, 12, (x) => x).ordered).toBeLessThanOrEqual(1);
  });

  it('would be one by the limits of independent rows', () => {
    expect(
      countDrifts(
        (seed) => hours(seed, 0.9),
        12,
        (x) => x,
      ).bare,
    ).toBeGreaterThan(8);
    expect(countDrifts(switches, 12, (x) => x).bare).toBeGreaterThan(8);
  });

  it('is found when it moves by more than the weeks before did', () => {
    expect(
      countDrifts(
        (seed) => hours(seed, 0.5),
        12,
        (x) => x + 1,
      ).ordered,
    ).toBe(30);
    expect(
      countDrifts(
        (seed) => hours(seed, 0.9),
        12,
        (x) => x + 2,
      ).ordered,
    ).toBeGreaterThan(24);
  });

  it('and independent rows lose nothing by their order', () => {
    const shifted = countDrifts(
      (seed) => seededNormal(seed),
      12,
      (x) => x + 0.4,
    );
    expect(shifted.ordered).toBe(shifted.bare);
    expect(shifted.bare).toBeGreaterThan(24);
  });

  it.each(['psi', 'chi_square', 'wasserstein', 'jensen_shannon', 'l_infinity'] as const)('by %s too', (method) => {
    let alarms = 0;
    let found = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const next = hours(seed, 0.9);
      const reference = inOrder(take(12 * WEEK, next));
      const week = take(WEEK, next);
      const verdict = (values: readonly number[]) =>
        compareColumn(reference, windowOf(reference, values), { ...OPTIONS, method }).verdict;
      if (verdict(week) === 'drift') alarms++;
      if (verdict(week.map((x) => x + 4)) === 'drift') found++;
    }
    expect(alarms).toBeLessThanOrEqual(1);
    expect(found).toBeGreaterThanOrEqual(6);
  });
});

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
  it('is said to be blind: the reference grew all the time', () => {
    const growing = inOrder(Array.from({ length: 2000 }, (_, i) => i));
    const judged = compareColumn(
      growing,
      windowOf(
        growing,
        take(400, () => 5000),
      ),
      OPTIONS,
    );
    expect(judged).toMatchObject({ verdict: 'undecided', undecidedBecause: 'blind' });
    expect(judged.detail).toMatch(
      /^blind: the reference's own spans differ so much that no window could exceed the limit/,
    );
  });

  it('is said to be blind: too few rows for so many values', () => {
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
    const growing = inOrder(Array.from({ length: 2000 }, (_, i) => i));
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

  it('says nothing where both files are sorted by a column', () => {
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

  it('says nothing where both files are grouped by a column', () => {
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
