import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../../src/domain/data/profile.js';
import { ALPHA_SHARES, compareColumn, LEAST_ROWS } from '../../../src/drift/judge/compare-column.js';
import { ksLimit } from '../../../src/drift/judge/laws/ks-law.js';
import { tvdLaw } from '../../../src/drift/judge/laws/tvd-law.js';
import { compareMissing } from '../../../src/drift/judge/missing-share.js';
import { normalQuantile } from '../../../src/statistics/normal.js';
import { inOrder, normals, numbers, OPTIONS, texts, windowOf } from './columns.js';

const withGaps = (values: readonly number[], missing: number): readonly (number | null)[] => [
  ...values,
  ...new Array<null>(missing).fill(null),
];

describe('what is named when a column cannot be compared', () => {
  it('a type that changed, with the kind of the reference', () => {
    const [number, text] = [numbers(normals(100)), texts({ a: 50, b: 50 })];
    expect(compareColumn(number, text, OPTIONS)).toMatchObject({
      kind: 'numeric',
      method: 'ks',
      verdict: 'undecided',
      undecidedBecause: 'types-differ',
    });
    expect(compareColumn(text, number, OPTIONS)).toMatchObject({
      kind: 'categorical',
      method: 'tvd',
      undecidedBecause: 'types-differ',
    });
  });

  it('too few present values, with the number that is missing', () => {
    const reference = numbers(normals(200));
    const [few, enough] = [LEAST_ROWS - 1, LEAST_ROWS].map((rows) =>
      compareColumn(reference, windowOf(reference, withGaps(normals(rows), 3)), OPTIONS),
    );
    expect(few).toMatchObject({ undecidedBecause: 'too-few-rows', detail: '1 more present values are needed' });
    expect(enough?.undecidedBecause).not.toBe('too-few-rows');
    // The gaps of the reference count too.
    const gaps = numbers(withGaps(normals(40), 60));
    expect(compareColumn(gaps, windowOf(gaps, withGaps(normals(80), 120)), OPTIONS).detail).toContain(
      '10 more present values',
    );
  });

  it('values of which most occur once', () => {
    const ids = texts(Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`id${i}`, 1])));
    expect(compareColumn(ids, ids, OPTIONS)).toMatchObject({
      undecidedBecause: 'too-sparse',
      detail: '100 % of the values occur once: it looks like an id or free text',
    });
  });

  it('values of which exactly half occur once can', () => {
    const single = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`id${i}`, 1]));
    const judged = (singles: number, rest: number) => {
      const column = texts({ ...single(singles), a: rest });
      return compareColumn(column, column, OPTIONS).undecidedBecause;
    };
    expect(judged(100, 100)).toBeUndefined();
    expect(judged(101, 100)).toBe('too-sparse');
  });

  it('values that number the rows', () => {
    const ids = (from: number) => Array.from({ length: 1000 }, (_, i) => from + i);
    const reference = inOrder(ids(1));
    expect(compareColumn(reference, windowOf(reference, ids(1001)), OPTIONS)).toMatchObject({
      ...{ verdict: 'undecided', undecidedBecause: 'too-sparse' },
      detail: 'its values number the rows, and go on where the reference ends: it looks like an id',
    });
    expect(compareColumn(reference, windowOf(reference, ids(2001)), OPTIONS).verdict).toBe('drift');
  });

  it('cells that are all too rare for the distance', () => {
    const rare = texts(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`v${i}`, 2])));
    expect(compareColumn(rare, rare, { ...OPTIONS, method: 'chi_square' })).toMatchObject({
      ...{ verdict: 'undecided', undecidedBecause: 'too-sparse', method: 'chi_square' },
      detail: 'too few rows in each value: every cell is rare',
    });
  });

  it('a limit that nothing exceeds, with the distance and the limit', () => {
    const blind = compareColumn(texts({ a: 49, b: 1 }), texts({ a: 25, b: 25 }), { ...OPTIONS, alpha: 1e-30 });
    expect(blind).toMatchObject({ undecidedBecause: 'blind', score: expect.closeTo(0.48, 9), threshold: 1 });
  });

  describe('numbers among words', () => {
    const detailOf = (
      others: Readonly<Record<string, number>>,
      numberShare: number,
      more: readonly string[] = [],
      missing = 0,
    ) => {
      const figures = Array.from({ length: 200 - more.length }, (_, i) => `${1000 + i}`).concat(more);
      const column = texts({ ...Object.fromEntries(figures.map((value) => [value, 1])), ...others }, missing);
      const shape = { minLength: 1, maxLength: 9, meanLength: 4, upperShare: 0, digitShare: 1 };
      const text = { ...shape, paddedShare: 0, spaceShare: 0, nonAsciiShare: 0, numberShare };
      return compareColumn({ ...column, text }, column, OPTIONS).detail;
    };
    const idLike = /of the values occur once: it looks like an id or free text$/;
    const kinds = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`code ${i}`, 3]));

    it('are named if they are few, or usual for a missing value', () => {
      expect(detailOf({ absent: 10 }, 200 / 210)).toMatch(/^95\.2 % .*, but "absent" makes the column text: leave/);
      expect(detailOf(kinds(3), 200 / 209)).toContain('"code 0" makes the column text');
      expect(detailOf({ ...kinds(10), 'N/A': 2 }, 200 / 232)).toContain('"N/A" makes the column text');
    });

    it('are codes with letters otherwise', () => {
      expect(detailOf(kinds(4), 200 / 212)).toMatch(idLike);
      // one word is kept, and others are too rare
      expect(detailOf(kinds(1), 0.7)).toMatch(idLike);
    });

    it('count from half of the values on, and among present ones', () => {
      expect(detailOf({ NA: 10 }, 0.5)).toContain('"NA" makes the column text');
      expect(detailOf({ NA: 10 }, 0.49)).toMatch(idLike);
      expect(detailOf({ absent: 10 }, 200 / 210, [], 300)).toContain('"absent" makes the column text');
    });

    it('may have spaces around them', () => {
      expect(detailOf({ ' 7 ': 12, absent: 10 }, 212 / 222)).toContain('"absent" makes the column text');
      expect(detailOf({ ...kinds(10), ' NA ': 2 }, 200 / 232)).toContain('" NA " makes the column text');
      expect(detailOf({}, 1, [' 1,5 '])).toContain('a decimal comma makes the column text');
    });

    it('are compared where they come again', () => {
      expect(detailOf({ NA: 200 }, 0.5)).toBeUndefined();
      expect(detailOf({ NA: 199 }, 0.5)).toContain('"NA" makes');
    });

    it('may have a decimal comma', () => {
      expect(detailOf({ NA: 20, '0,0': 30 }, 230 / 250)).toBe(
        '92 % of the values are numbers, but a decimal comma and "NA" make the column text: leave missing values empty',
      );
      expect(detailOf({}, 1, ['1,5', '-,5'])).toBe('the values are numbers, but a decimal comma makes the column text');
      expect(detailOf({}, 1)).toMatch(idLike);
    });
  });

  it.each([
    [49, 'too-sparse'],
    [51, undefined],
  ])('values of which the frequent ones make up %i %%', (percent, because) => {
    const frequent = percent * 20;
    const top = [
      { value: 'a', count: frequent },
      { value: 'b', count: 10 },
    ];
    const reference: ColumnProfile = {
      ...texts({ a: 2000 }),
      distinct: 500,
      categories: { top, otherRows: 2000 - frequent - 10, singletons: 10 },
    };
    const judged = compareColumn(reference, reference, OPTIONS);
    expect(judged.undecidedBecause).toBe(because);
    if (because !== undefined)
      expect(judged.detail).toBe('only 49 % of the rows have a value that is frequent enough to compare');
  });
});

describe("how a column's false alarms are divided", () => {
  const thresholdOf = (before: ColumnProfile, now: ColumnProfile) => compareColumn(before, now, OPTIONS).threshold ?? 0;
  const many = numbers(normals(100));

  it('leaves all of them to the distance of a number column without gaps', () => {
    expect(thresholdOf(many, windowOf(many, normals(100)))).toBeCloseTo(ksLimit(100, 100, 0.001), 12);
  });

  it('leaves a twentieth to missing values, on either side', () => {
    const gaps = numbers(withGaps(normals(100), 3));
    const limit = ksLimit(100, 100, 0.001 * 0.95);
    expect(thresholdOf(gaps, windowOf(gaps, normals(100)))).toBeCloseTo(limit, 12);
    expect(thresholdOf(many, windowOf(many, withGaps(normals(100), 3)))).toBeCloseTo(limit, 12);
    expect(thresholdOf(gaps, windowOf(gaps, withGaps(normals(100), 3)))).toBeCloseTo(limit, 12);
  });

  it('leaves a twentieth each to single values and to new ones where values are few', () => {
    const few = numbers(Array.from({ length: 100 }, (_, i) => i % 5));
    const window = windowOf(
      few,
      Array.from({ length: 100 }, (_, i) => i % 5),
    );
    expect(thresholdOf(few, window)).toBeCloseTo(ksLimit(100, 100, 0.001 * 0.9), 12);
    const names = texts({ a: 40, b: 30, c: 30 });
    const cells = { reference: [40, 30, 30], current: [40, 30, 30] };
    expect(thresholdOf(names, names)).toBeCloseTo(tvdLaw(cells, 0.001 * 0.9, 0).limit, 9);
  });

  it('gives a twentieth to single values', () => {
    const reference = texts({ no: 980, yes: 20 });
    // the rate rises from 2 to 4.6 %; the binomial law gives that a chance of one in a hundred, and not of 0.00005
    expect(compareColumn(reference, texts({ no: 477, yes: 23 }), OPTIONS).verdict).toBe('stable');
    expect(compareColumn(reference, texts({ no: 460, yes: 40 }), OPTIONS)).toMatchObject({ verdict: 'drift' });
  });

  it('gives a twentieth to the share of missing values', () => {
    const judged = compareColumn(many, windowOf(many, withGaps(normals(55), 45)), OPTIONS);
    // a pooled share of 45/200, whose limit is that of a two-sided normal variable
    const [share, rows] = [45 / 200, 1 / 100 + 1 / 100];
    expect(judged.method).toBe('missing_share');
    expect(judged.threshold).toBeCloseTo(
      -normalQuantile((0.001 * 0.05) / 2) * Math.sqrt(share * (1 - share) * rows),
      9,
    );
  });
});

describe('the share of missing values', () => {
  const rows = 2000;
  const alpha = 0.001;
  const before = numbers(withGaps(normals(rows - 40), 40));
  const window = (missing: number): ColumnProfile => windowOf(before, withGaps(normals(rows - missing), missing));

  it('is a drift of its own just above its limit, with a twentieth of the false alarms', () => {
    const isAbove = (missing: number): boolean => {
      const { score, threshold } = compareMissing(before, window(missing), alpha * ALPHA_SHARES.missing);
      return score > threshold;
    };
    const first = Array.from({ length: 200 }, (_, i) => 40 + i).find(isAbove) ?? 0;
    expect(first).toBeGreaterThan(40);
    const judged = [first - 1, first].map((missing) => compareColumn(before, window(missing), { ...OPTIONS, alpha }));
    expect(judged.map((one) => one.verdict)).toEqual(['stable', 'drift']);
    expect(judged[1]).toMatchObject({
      method: 'missing_share',
      moved: [{ cell: 'missing', before: 40 / rows, after: first / rows }],
    });
  });

  it.each([
    [LEAST_ROWS - 1, 'undecided'],
    [LEAST_ROWS, 'drift'],
  ])('with %i rows that are all missing it is %s', (count, verdict) => {
    const empty = windowOf(before, new Array<null>(count).fill(null));
    expect(compareColumn(before, empty, OPTIONS).verdict).toBe(verdict);
  });
});

describe('the share of false alarms that the distance may use', () => {
  const limit = (reference: ColumnProfile, current: ColumnProfile, alpha: number): number =>
    compareColumn(reference, current, { ...OPTIONS, alpha }).threshold ?? Number.NaN;
  // With so few rows the limit follows from the probability, not from the effect size.
  const values = normals(80);
  const many = numbers(values);
  const gaps = numbers(withGaps(values, 1));
  const few = texts({ a: 30, b: 30, c: 20 });
  const alpha = 0.01;

  it('is all of it for many numbers without gaps, where no other test can alarm', () => {
    // One missing value brings the test of missing values back: the distance has 0.95 of the probability, so a higher limit.
    const whole = limit(many, windowOf(many, values), alpha);
    const less = limit(gaps, windowOf(gaps, withGaps(values, 1)), alpha);
    expect(less).toBeGreaterThan(whole);
    expect(limit(gaps, windowOf(gaps, withGaps(values, 1)), alpha / 0.95)).toBeCloseTo(whole, 6);
  });

  it('is the same where the gaps are in the window alone', () => {
    expect(limit(many, windowOf(many, withGaps(values, 1)), alpha / 0.95)).toBeCloseTo(
      limit(many, windowOf(many, values), alpha),
      6,
    );
  });

  it('is less for text, where single values and new ones can alarm', () => {
    const withoutGaps = limit(few, few, alpha);
    const withGap = limit(texts({ a: 30, b: 30, c: 20 }, 1), few, alpha);
    expect(withGap).toBeGreaterThan(withoutGaps);
  });
});

it.each([
  [60, 'stable', 'tvd'],
  [70, 'drift', 'unseen_share'],
])('with %i new values of ten rows each it is %s by %s', (count, verdict, method) => {
  const known = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`v${i}`, 400]));
  const fresh = Object.fromEntries(Array.from({ length: count }, (_, i) => [`new${i}`, 10]));
  const judged = compareColumn(texts(known), texts({ ...known, ...fresh }), OPTIONS);
  expect(judged).toMatchObject({ verdict, method });
  if (method === 'unseen_share') {
    expect(judged.score).toBeCloseTo(700 / 12_700, 6);
    expect(judged.detail).toContain('5.51 %');
  }
});

it('gives the figures of a stable column', () => {
  const reference = numbers(normals(500));
  const judged = compareColumn(reference, windowOf(reference, normals(500)), OPTIONS);
  expect(judged).toMatchObject({ verdict: 'stable', name: 'x', kind: 'numeric', role: 'feature', method: 'ks' });
  expect([judged.score, judged.threshold !== undefined, judged.pValue !== undefined]).toEqual([0, true, true]);
});
