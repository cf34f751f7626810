import { describe, expect, it } from 'vitest';
import type { GateCheck } from '../../../src/domain/models/model.js';
import { judgeGate } from '../../../src/gate/judge/judge-gate.js';
import type { MetricRule, Rival, Scored } from '../../../src/gate/judge/judgement-input.js';

const at = { file: 'p.yaml', line: 1, col: 1, endCol: 2 };
const rule = (more: Partial<MetricRule>): MetricRule => ({
  kind: 'metric',
  metric: 'accuracy',
  direction: 'higher',
  isRelative: false,
  against: [],
  slices: 'by',
  at,
  ...more,
});

type Slices = Readonly<Record<string, Readonly<Record<string, number>>>>;
const scored = (by: Slices): Scored => ({ metrics: {}, unusable: {}, slices: { by } });

type Paired = Pick<Extract<Rival, { readonly kind: 'scored' }>, 'pairs' | 'sliceColumns'>;

function checksOf(
  one: MetricRule,
  candidate: Slices,
  champion: Slices = {},
  paired: Paired = {},
): readonly GateCheck[] {
  const rival: Rival = { kind: 'scored', label: 'champion', scored: scored(champion), ...paired };
  return judgeGate({
    rules: [one],
    first: 'gate',
    candidate: scored(candidate),
    hasChampion: true,
    rivals: { champion: rival },
    commands: [],
    successes: [],
  });
}

/** The check of the rule. Where it does not apply, another one says why the version cannot pass. */
const only = (checks: readonly GateCheck[]): GateCheck => {
  const [check, ...others] = checks.filter(({ name }) => name !== 'later version');
  if (check === undefined || others.length > 0) throw new Error(`${checks.length} checks, not one`);
  return check;
};

describe('a slice of exactly min_count rows is judged, one row fewer is not', () => {
  const good = { accuracy: 0.9, n: 500 };
  const bad = (n: number) => ({ accuracy: 0.1, n });

  it.each([
    ['min', rule({ min: 0.5, minCount: 200 })],
    ['max_spread', rule({ maxSpread: 0.3, minCount: 200 })],
    ['max_regression', rule({ against: ['champion'], maxRegression: 0.05, minCount: 200 })],
  ])('%s', (_, one) => {
    const champion = (n: number) => ({ large: good, small: { accuracy: 0.9, n }, other: good });
    const judged = (n: number) => only(checksOf(one, { large: good, small: bad(n), other: good }, champion(n)));
    expect(judged(200).verdict).toBe('fail');
    expect(judged(199).verdict).toBe('pass');
  });

  it('every slice counts without min_count, except one without rows', () => {
    const one = rule({ min: 0.5 });
    expect(only(checksOf(one, { small: bad(1) })).verdict).toBe('fail');
    expect(only(checksOf(one, { large: good, empty: bad(0) })).verdict).toBe('pass');
    expect(only(checksOf(one, { uncounted: { accuracy: 0.1 } })).verdict).toBe('fail');
  });
});

const ROWS = 100;

/** Slices of 100 rows: the champion is always right, the candidate wrong in so many rows of each slice. */
function paired(wrong: Readonly<Record<string, number>>) {
  const names = Object.keys(wrong);
  const column = names.flatMap((name) => Array<string>(ROWS).fill(name));
  const label = column.map((_, i) => i % 2);
  const candidate = label.map((y, i) => (i % ROWS < (wrong[column[i] ?? ''] ?? 0) ? 1 - y : y));
  const accuracy = (of: (name: string) => number): Slices =>
    Object.fromEntries(names.map((name) => [name, { accuracy: of(name), n: ROWS }]));
  return {
    own: accuracy((name) => 1 - (wrong[name] ?? 0) / ROWS),
    champion: accuracy(() => 1),
    paired: { pairs: { label, candidate, champion: label }, sliceColumns: { by: column } },
  };
}

const many = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, 0]));

describe('max_regression by slice, with predictions of both models', () => {
  const one = rule({ against: ['champion'], maxRegression: 0 });
  const judged = (wrong: Readonly<Record<string, number>>): GateCheck => {
    const made = paired(wrong);
    return only(checksOf(one, made.own, made.champion, made.paired));
  };

  // 5 of 100 rows lie 2.3 standard errors from 0: beyond 1.6 for one slice, within 3.1 for fifty
  it('allows a slice among fifty what it does not allow a single slice', () => {
    expect(judged({ a: 5 }).verdict).toBe('fail');
    expect(judged({ a: 5, ...many(49) }).verdict).toBe('pass');
    expect(judged({ a: 14, ...many(49) }).verdict).toBe('fail');
  });

  it('names up to five slices that are worse, the worst first, else the nearest one', () => {
    const worse = judged({ a: 20, b: 30, c: 25, d: 22, e: 40, f: 21, ...many(3) });
    expect(worse).toMatchObject({ verdict: 'fail', observed: -0.4, limit: -0 });
    expect(worse.detail).toBe(
      '9 slices, 6 surely beyond 0; they are e −0.4 (100 rows), b −0.3 (100 rows), c −0.25 (100 rows), d −0.22 (100 rows), f −0.21 (100 rows)',
    );
    expect(judged({ a: 1, ...many(2) }).detail).toBe(
      '3 slices, 0 surely beyond 0; the nearest to it is a −0.01 (100 rows)',
    );
  });

  it('judges a slice without paired rows by its figures alone', () => {
    const made = paired({ a: 5 });
    const others = { ...made.paired, sliceColumns: { by: made.paired.sliceColumns.by.map(() => 'z') } };
    expect(only(checksOf(one, made.own, made.champion, others)).verdict).toBe('fail');
    expect(only(checksOf(one, made.own, made.champion, { pairs: made.paired.pairs })).verdict).toBe('fail');
  });
});

describe('what a check of slices says', () => {
  const compared = rule({ against: ['champion'], maxRegression: 0.05 });

  it('names the slices in which only the champion has a value, at most five', () => {
    const champion = Object.fromEntries('abcdefg'.split('').map((name) => [name, { accuracy: 0.9, n: 10 }]));
    const check = only(checksOf(compared, { h: { accuracy: 0.9, n: 10 } }, champion));
    expect(check).toMatchObject({ verdict: 'fail', limit: -0.05 });
    expect(check.detail).toBe('the candidate has no accuracy in a, b, c, d, e and 2 more, and the champion has');
  });

  it('names the slices there are when the asked ones are missing, of either model', () => {
    const other: MetricRule = { ...compared, slices: 'region' };
    const one = { a: { accuracy: 0.9, n: 10 } };
    expect(only(checksOf(other, one, one)).detail).toBe(
      'the candidate was not scored by slices of "region"; it has by. Let "evaluate" write { "slices": { "region": { "some value": { "accuracy": 0.61, "n": 912 } } } }',
    );
  });

  it('says that min_count needs the rows of every slice', () => {
    const counted = { ...compared, minCount: 5 };
    const check = only(checksOf(counted, { a: { accuracy: 0.9, n: 10 }, b: { accuracy: 0.9 } }, {}));
    expect(check).toMatchObject({
      verdict: 'fail',
      detail:
        '"min_count" needs the row count "n" in every slice of "by", and the candidate has some without. Let "evaluate" write { "accuracy": 0.61, "n": 912 } for each',
    });
  });

  it('refuses a relative margin of a champion at 0, and names the slice', () => {
    const relative = { ...compared, isRelative: true };
    const champion = { a: { accuracy: 0, n: 10 }, b: { accuracy: 0.5, n: 10 } };
    const check = only(checksOf(relative, { a: { accuracy: 1, n: 10 }, b: { accuracy: 1, n: 10 } }, champion));
    expect(check).toMatchObject({
      verdict: 'fail',
      detail: 'a relative margin means nothing where the champion is at 0: a; use an absolute one',
    });
  });

  it('does not apply where no slice is large enough in both', () => {
    const counted = { ...compared, minCount: 100 };
    const own = { a: { accuracy: 0.1, n: 99 }, b: { accuracy: 0.1, n: 500 } };
    const champion = { a: { accuracy: 0.9, n: 500 }, b: { accuracy: 0.9, n: 99 } };
    const check = only(checksOf(counted, own, champion));
    expect(check).toMatchObject({
      verdict: 'not-applicable',
      detail: 'no slice of "by" has 100 rows in both evaluations',
    });
  });

  it('reads the direction: a lower loss is better in every slice', () => {
    const lower: MetricRule = { ...compared, metric: 'loss', direction: 'lower' };
    const of = (loss: number): Slices => ({ a: { loss, n: 10 } });
    expect(only(checksOf(lower, of(0.4), of(0.5))).verdict).toBe('pass');
    expect(only(checksOf(lower, of(0.6), of(0.5)))).toMatchObject({ verdict: 'fail', observed: expect.closeTo(-0.1) });
  });

  it('counts a gain of exactly the margin as kept, and anything beyond it as not', () => {
    const of = (accuracy: number): Slices => ({ a: { accuracy, n: 10 } });
    expect(only(checksOf(compared, of(0.65), of(0.7))).verdict).toBe('pass');
    expect(only(checksOf(compared, of(0.6499), of(0.7))).verdict).toBe('fail');
    const bounded = rule({ against: ['champion'], maxImprovement: 0.2 });
    expect(only(checksOf(bounded, of(0.7), of(0.5))).verdict).toBe('pass');
    expect(only(checksOf(bounded, of(0.7001), of(0.5)))).toMatchObject({ verdict: 'fail' });
  });

  it('says of the largest gain how near it is to max_improvement', () => {
    const bounded = rule({ against: ['champion'], maxImprovement: 0.2 });
    const check = only(
      checksOf(
        bounded,
        { a: { accuracy: 0.55, n: 10 }, b: { accuracy: 0.65, n: 10 } },
        { a: { accuracy: 0.5, n: 10 }, b: { accuracy: 0.5, n: 10 } },
      ),
    );
    expect(check).toMatchObject({ verdict: 'pass', observed: expect.closeTo(0.15), limit: 0.2 });
    expect(check.detail).toContain('the nearest to it is b +0.15 (10 rows)');
  });

  it('takes a relative limit of the champion in the slice that is nearest to it', () => {
    const relative = { ...compared, maxRegression: 0.1, isRelative: true };
    const of = (a: number, b: number): Slices => ({ a: { accuracy: a, n: 10 }, b: { accuracy: b, n: 10 } });
    const check = only(checksOf(relative, of(0.78, 0.37), of(0.8, 0.4)));
    expect(check).toMatchObject({ verdict: 'pass', observed: expect.closeTo(-0.03), limit: expect.closeTo(-0.04) });
    expect(check.detail).toBe('2 slices, 0 surely beyond 0.1 of the champion; the nearest to it is b −0.03 (10 rows)');
  });
});

describe('limits of every slice', () => {
  it('names the slices beyond a limit, at most five, else the nearest one', () => {
    const low = Object.fromEntries('abcdefg'.split('').map((name, i) => [name, { accuracy: 0.1 + i / 100, n: 10 }]));
    expect(only(checksOf(rule({ min: 0.5 }), low))).toEqual({
      name: 'accuracy by by >= 0.5',
      verdict: 'fail',
      observed: 0.1,
      limit: 0.5,
      detail: expect.stringMatching(/^7 slices, 7 beyond 0\.5; they are a 0\.1, b 0\.11, c 0\.12, d 0\.13, e 0\.14$/),
    });
    const check = only(checksOf(rule({ max: 0.5 }), { a: { accuracy: 0.3, n: 10 }, b: { accuracy: 0.4, n: 10 } }));
    expect(check).toMatchObject({ name: 'accuracy by by <= 0.5', verdict: 'pass', observed: 0.4, limit: 0.5 });
    expect(check.detail).toBe('2 slices, 0 beyond 0.5; the nearest to it is b 0.4');
  });

  it('keeps both limits of one rule apart', () => {
    const checks = checksOf(rule({ min: 0.5, max: 0.8 }), { a: { accuracy: 0.9, n: 10 } });
    expect(checks.map(({ verdict }) => verdict)).toEqual(['pass', 'fail']);
  });

  it('does not apply without a slice that is large enough', () => {
    const check = only(checksOf(rule({ min: 0.5, minCount: 100 }), { a: { accuracy: 0.1, n: 99 } }));
    expect(check).toMatchObject({ verdict: 'not-applicable', detail: 'no slice of "by" has 100 rows' });
  });

  it('names the slices without the metric', () => {
    const own = { a: { accuracy: 0.9, n: 10 }, b: { n: 10 } };
    for (const one of [rule({ min: 0.5 }), rule({ maxSpread: 0.5 })])
      expect(only(checksOf(one, own))).toMatchObject({ verdict: 'fail', detail: 'the candidate has no accuracy in b' });
  });
});

describe('max_spread', () => {
  const of = (...values: readonly number[]): Slices =>
    Object.fromEntries(values.map((accuracy, i) => [`s${i}`, { accuracy, n: 10 }]));

  it('is the distance of the best and the worst slice, whatever their order', () => {
    const check = only(checksOf(rule({ maxSpread: 0.3 }), of(0.7, 0.9, 0.5)));
    expect(check).toEqual({
      name: 'accuracy by by, max_spread 0.3',
      verdict: 'fail',
      observed: expect.closeTo(0.4),
      limit: 0.3,
      detail: 'from s2 0.5 to s1 0.9, over 3 slices',
    });
    expect(only(checksOf(rule({ maxSpread: 0.4 }), of(0.7, 0.9, 0.5))).verdict).toBe('pass');
  });

  it('needs two slices', () => {
    expect(only(checksOf(rule({ maxSpread: 0.3, minCount: 5 }), of(0.7)))).toMatchObject({
      verdict: 'not-applicable',
      detail: 'fewer than two slices of "by" have 5 rows',
    });
    expect(only(checksOf(rule({ maxSpread: 0.3 }), of(0.7, 0.8))).verdict).toBe('pass');
  });
});
