import { describe, expect, it } from 'vitest';
import {
  correlation,
  dividedBy,
  explainedBy,
  isHit,
  jointOf,
  jointVerdict,
} from '../../../src/data/judge/row-evidence.js';
import { normals, type Value } from './profiles.js';

const N = 1000;
const along = (values: readonly number[], seed: number, noise: number): number[] => {
  const other = normals(seed, values.length);
  return values.map((value, i) => value + noise * (other[i] ?? 0));
};

describe('rank correlation', () => {
  const x = normals(1, N);

  it('is 1 for the same order, 0 for no relation, and independent of scale', () => {
    expect(
      Math.tanh(
        correlation(
          x,
          x.map((value) => Math.exp(value)),
        )?.z ?? 0,
      ),
    ).toBeCloseTo(1, 3);
    expect(Math.abs(Math.tanh(correlation(x, normals(2, N))?.z ?? 1))).toBeLessThan(0.1);
    expect(
      correlation(
        x,
        x.map((value) => -value),
      )?.z,
    ).toBeLessThan(-4);
  });

  it('counts pairs without missing values, and needs sixty of them', () => {
    const gaps: Value[] = x.map((value, i) => (i % 2 === 0 ? null : value));
    expect(correlation(x, gaps)?.pairs).toBe(N / 2);
    expect(correlation(x.slice(0, 59), x.slice(0, 59))).toBeUndefined();
    expect(correlation(x.slice(0, 60), x.slice(0, 60))?.pairs).toBe(60);
    expect(
      correlation(
        x,
        x.map(() => 1),
      ),
    ).toBeUndefined();
    expect(correlation(x, x.map(String))).toBeUndefined();
  });
});

describe('what a fault does to correlations', () => {
  const [before, now] = [normals(1, N), normals(2, N)];
  const [with1, with2] = [along(before, 3, 0.7), along(now, 4, 0.7)];
  const evidence = (current: readonly number[]) => ({
    reference: new Map<string, readonly Value[]>([
      ['x', before],
      ['y', with1],
    ]),
    current: new Map<string, readonly Value[]>([
      ['x', current],
      ['y', with2],
    ]),
  });
  const flip = (value: number): number => -value;

  it('is found where the fault happened', () => {
    expect(jointOf(evidence(now.map(flip)), 'x', flip, 1)).toBe('fault');
    const half = now.map((value, i) => (isHit(i + 500, 0.5) ? -value : value));
    expect(jointOf(evidence(half), 'x', flip, 0.5)).toBe('fault');
  });

  it('is ruled out where the correlations stayed', () => {
    expect(jointOf(evidence(now), 'x', flip, 1)).toBe('world');
  });

  it('is silent without a companion, without rows, and for a change that keeps the order', () => {
    const alone = {
      reference: new Map([
        ['x', before],
        ['y', normals(7, N)],
      ]),
      current: new Map([
        ['x', now.map(flip)],
        ['y', normals(8, N)],
      ]),
    };
    expect(jointOf(alone, 'x', flip, 1)).toBe('silent');
    expect(jointOf(undefined, 'x', flip, 1)).toBe('silent');
    expect(jointOf(evidence(now), 'z', flip, 1)).toBe('silent');
    expect(jointOf(evidence(now), 'x', (value) => 1000 * value, 1)).toBe('silent');
  });

  it('is silent where the correlation is neither', () => {
    expect(jointOf(evidence(normals(9, N)), 'x', flip, 1)).toBe('silent');
  });

  it('needs most companions to agree', () => {
    const three = {
      reference: new Map([
        ['x', before],
        ['a', with1],
        ['b', along(before, 5, 0.7)],
        ['c', along(before, 6, 0.7)],
      ]),
      current: new Map([
        ['x', now.map(flip)],
        ['a', with2],
        ['b', along(now.map(flip), 7, 0.7)],
        ['c', along(now, 8, 0.7)],
      ]),
    };
    expect(jointVerdict(three, new Map([['x', before.map(flip)]]))).toBe('silent');
  });
});

it('affects exactly the share of rows that was asked for', () => {
  for (const share of [0, 0.05, 0.3, 1])
    expect(Array.from({ length: 1000 }, (_, i) => isHit(i, share)).filter(Boolean).length / 1000).toBeCloseTo(share, 2);
});

describe('what another column explains', () => {
  const place = Array.from({ length: N }, (_, i) => (i % 10 < 2 ? 'north' : 'south'));
  const moved = place.map((_, i) => (i % 10 < 8 ? 'north' : 'south'));
  const missing = (places: readonly string[]): Value[] =>
    places.map((one, i) => (one === 'north' && i % 2 === 0 ? null : i));
  const isMissing = (value: Value): boolean => value === null;
  const ask = (current: ReadonlyMap<string, readonly Value[]>, ignore: readonly string[] = []) =>
    explainedBy(
      {
        reference: new Map<string, readonly Value[]>([
          ['x', missing(place)],
          ['place', place],
        ]),
        current,
      },
      'x',
      isMissing,
      new Set(ignore),
    );

  it('is the share that the new mix of its values predicts', () => {
    const found = ask(
      new Map<string, readonly Value[]>([
        ['x', missing(moved)],
        ['place', moved],
      ]),
    );
    expect(found?.by).toBe('place');
    expect(found?.expected).toBeCloseTo(0.4, 1);
  });

  it('is undefined for an unchanged mix, an ignored or missing column, or a share far above the predicted one', () => {
    expect(
      ask(
        new Map<string, readonly Value[]>([
          ['x', missing(moved)],
          ['place', place],
        ]),
      ),
    ).toBeUndefined();
    expect(
      ask(
        new Map<string, readonly Value[]>([
          ['x', missing(moved)],
          ['place', moved],
        ]),
        ['place'],
      ),
    ).toBeUndefined();
    expect(ask(new Map<string, readonly Value[]>([['x', missing(moved)]]))).toBeUndefined();
    const most = moved.map((_, i) => (i % 10 < 9 ? null : i));
    expect(
      ask(
        new Map<string, readonly Value[]>([
          ['x', most],
          ['place', moved],
        ]),
      ),
    ).toBeUndefined();
    expect(ask(new Map())).toBeUndefined();
  });

  it('groups the values of a number column', () => {
    const age = Array.from({ length: N }, (_, i) => i);
    const old = age.map((value) => 500 + value / 2);
    const late = (ages: readonly number[]): Value[] => ages.map((one) => (one > 800 ? null : one));
    const found = explainedBy(
      {
        reference: new Map<string, readonly Value[]>([
          ['x', late(age)],
          ['age', age],
        ]),
        current: new Map<string, readonly Value[]>([
          ['x', late(old)],
          ['age', old],
        ]),
      },
      'x',
      isMissing,
      new Set(),
    );
    expect(found?.by).toBe('age');
    expect(found?.expected).toBeCloseTo(0.4, 1);
  });

  it('does not use a column of free text, nor its missing values', () => {
    const ids = place.map((_, i) => `id ${i}`);
    const current = new Map<string, readonly Value[]>([
      ['x', missing(moved)],
      ['id', ids],
    ]);
    expect(
      explainedBy(
        {
          reference: new Map<string, readonly Value[]>([
            ['x', missing(place)],
            ['id', ids],
          ]),
          current,
        },
        'x',
        isMissing,
        new Set(),
      ),
    ).toBeUndefined();
    const gone = (list: readonly Value[]): Value[] => list.map((value) => (value === null ? null : 'a'));
    expect(
      explainedBy(
        {
          reference: new Map<string, readonly Value[]>([
            ['x', missing(place)],
            ['y', gone(missing(place))],
          ]),
          current: new Map<string, readonly Value[]>([
            ['x', missing(moved)],
            ['y', gone(missing(moved))],
          ]),
        },
        'x',
        isMissing,
        new Set(),
      ),
    ).toBeUndefined();
  });
});

describe('the column that divides the rows', () => {
  const plans = Array.from({ length: N }, (_, i) => ['basic', 'pro', 'max'][i % 3] ?? '');
  const lost = (is: (i: number) => boolean): readonly Value[] => plans.map((_, i) => (is(i) ? null : i));
  const by = (values: readonly Value[], other: readonly Value[] = plans, ignore: readonly string[] = []) =>
    dividedBy(
      {
        reference: new Map(),
        current: new Map([
          ['x', values],
          ['plan', other],
        ]),
      },
      'x',
      (value) => value === null,
      new Set(ignore),
    );
  const ofBasic = (i: number): boolean => i % 3 === 0;

  it('has all rows of some values and none of the others, up to two rows of a hundred', () => {
    expect(by(lost(ofBasic))).toBe('plan');
    expect(by(lost((i) => ofBasic(i) && i >= 57))).toBe('plan');
    expect(by(lost((i) => ofBasic(i) && i >= 66))).toBeUndefined();
    expect(by(lost((i) => i % 2 === 0))).toBeUndefined();
  });

  it('may hold up to ten whole numbers, but has no fault of its own', () => {
    const codes = (kinds: number, step = 1) => plans.map((_, i) => step * (i % kinds));
    const ofSome = (kinds: number) => lost((i) => i % kinds < kinds / 2);
    expect(by(ofSome(10), codes(10))).toBe('plan');
    const ofEven = (kinds: number) => lost((i) => (i % kinds) % 2 === 0);
    expect(by(ofEven(10), codes(10))).toBe('plan');
    expect(by(ofEven(11), codes(11))).toBeUndefined();
    expect(by(ofEven(10), codes(10, 0.5))).toBeUndefined();
    expect(by(lost(ofBasic), plans, ['plan'])).toBeUndefined();
  });

  it('may hold figures, of which all below one limit lack the value, or all above it', () => {
    const ages = plans.map((_, i) => 18 + ((i * 37) % 60));
    expect(
      by(
        lost((i) => (ages[i] ?? 0) < 40),
        ages,
      ),
    ).toBe('plan');
    expect(
      by(
        lost((i) => (ages[i] ?? 0) > 40),
        ages,
      ),
    ).toBe('plan');
    expect(
      by(
        lost((i) => (ages[i] ?? 0) < 40 && i % 5 > 0),
        ages,
      ),
    ).toBeUndefined();
    expect(
      by(
        lost((i) => i % 2 === 0),
        ages,
      ),
    ).toBeUndefined();
    // a number of the row, in mixed order, follows any feed that has stopped
    const numbers = plans.map((_, i) => (i * 619) % N);
    expect(
      by(
        lost((i) => (numbers[i] ?? 0) >= N / 2),
        numbers,
      ),
    ).toBeUndefined();
  });

  it('does not follow the rows: a feed that stops divides those of any time, number or file', () => {
    const stopped = lost((i) => i >= N / 2);
    const parts = (kinds: number) => plans.map((_, i) => `part ${Math.floor((kinds * i) / N)}`);
    expect(by(stopped, parts(2))).toBeUndefined();
    expect(by(stopped, parts(20))).toBeUndefined();
    expect(
      by(
        stopped,
        plans.map((_, i) => i),
      ),
    ).toBeUndefined();
    // every other file, and every other day of a month in mixed order
    const everyOther = (kinds: number, part: (i: number) => number) => lost((i) => part(i) % 2 === kinds % 2);
    const file = (i: number) => Math.floor((10 * i) / N);
    expect(
      by(
        everyOther(10, file),
        plans.map((_, i) => `file ${file(i)}`),
      ),
    ).toBeUndefined();
    const day = (i: number) => 10 + ((i * 7) % 20);
    const days = (before: string) => plans.map((_, i) => `${before}${day(i)}`);
    expect(by(everyOther(20, day), days('2026-03-'))).toBeUndefined();
    expect(by(everyOther(20, day), days('shop '))).toBe('plan');
  });

  it('has several values, and not one for each row', () => {
    expect(
      by(
        lost(ofBasic),
        plans.map(() => 'same'),
      ),
    ).toBeUndefined();
    expect(
      by(
        lost(ofBasic),
        plans.map((_, i) => `row ${i}`),
      ),
    ).toBeUndefined();
    expect(dividedBy({ reference: new Map(), current: new Map() }, 'x', () => true, new Set())).toBeUndefined();
  });
});
