import { describe, expect, it } from 'vitest';
import { broken, repaired, repairsFor, shifts, withoutNoise } from '../../../../src/data/judge/repairs/repairs.js';

const names = (...[dimension, values]: Parameters<typeof repairsFor>) =>
  repairsFor(dimension, values).map((one) => one.name);

describe('the repairs that make sense', () => {
  it('are, by the name of a column, those of its units, moved decimal points and what any column may have', () => {
    const mass = names('mass', [1, 500]);
    expect(mass).toContain('divide by 453.59237 (grams to pounds)');
    expect(mass).toContain('divide by 1000');
    expect(mass).toContain('change the sign');
    expect(mass).toContain('take the logarithm');
    expect(mass).not.toContain('from °F to °C');
    expect(mass.some((name) => name.includes('miles'))).toBe(false);
  });

  it('are the common units for a name that says nothing', () => {
    const any = names(undefined, [1, 500]);
    expect(any).toContain('divide by 1.609344 (kilometres to miles)');
    expect(any).toContain('divide by 60 (seconds to minutes)');
    expect(any.some((name) => name.includes('ounces'))).toBe(false);
  });

  it.each([
    ['weather in °F', [-80, 140], true],
    ['kelvin', [200, 340], true],
    ['too cold', [-81, 140], false],
    ['too hot', [-80, 141], false],
    ['too cold for kelvin', [199, 340], false],
    ['too hot for kelvin', [200, 341], false],
  ])('are degrees without a name only for what could be some: %s', (_, values, expected) => {
    expect(names(undefined, values).includes('from °F to °C')).toBe(expected);
    expect(names('temperature', values)).toContain('from °F to °C');
  });

  it('undo what they apply', () => {
    for (const { apply, undo } of [...repairsFor('temperature', []), ...repairsFor('angle', []), ...shifts([1e9, 2e9])])
      for (const value of [0.5, 2, 30]) expect(apply(undo(value))).toBeCloseTo(value, 6);
  });

  it('leave out values for which they are not defined, and keep the order', () => {
    const logarithm = repairsFor(undefined, []).find((one) => one.name === 'take the logarithm');
    const sign = repairsFor(undefined, []).find((one) => one.name === 'change the sign');
    if (logarithm === undefined || sign === undefined) throw new Error('no such repair');
    expect(repaired([-1, 0, 1, Math.E], logarithm)).toEqual([0, 1]);
    expect(broken([0, 1, 1000], logarithm)).toEqual([1, Number(Math.E.toPrecision(15))]);
    expect(repaired([1, 2, 3], sign)).toEqual([-3, -2, -1]);
  });
});

describe('shifts of moments', () => {
  it('are 14 hours in either direction', () => {
    const found = shifts([1.7e9, 1.8e9]);
    expect(found.map((one) => one.name)).toHaveLength(28);
    expect(found[0]).toMatchObject({
      name: 'move by 14 h',
      cause: 'another time zone',
      code: 'shifted',
      isLarge: true,
    });
    expect(found.at(-1)?.name).toBe('move by -14 h');
    expect(found.filter((one) => !one.isLarge).map((one) => one.name)).toEqual(['move by 1 h', 'move by -1 h']);
  });

  it.each([
    ['seconds', [1.7e9, 1.8e9], 14 * 3600],
    ['milliseconds', [1.7e12, 1.8e12], 14 * 3_600_000],
  ])('count in %s', (_, values, step) => {
    const [first] = shifts(values);
    expect(first?.apply(1e9)).toBe(1e9 + step);
    expect(first?.undo(1e9)).toBe(1e9 - step);
  });

  it.each([
    ['before 1998, in seconds', [9e8, 1e9]],
    ['after 2286, in seconds', [1e9, 1e10]],
    ['before 1998, in milliseconds', [9e11, 1e12]],
    ['after 2286, in milliseconds', [1e12, 1e13]],
    ['numbers', [1, 100]],
    ['seconds that go on to milliseconds', [1e9, 1e12]],
    ['small numbers with one large', [1, 1e12]],
    ['nothing', []],
  ])('are not for %s', (_, values) => {
    expect(shifts(values)).toEqual([]);
  });
});

describe('a value without the rounding errors of its repair', () => {
  it.each([
    [57 * 0.01, 0.57],
    [-140 * 0.01, -1.4],
    [1.1 * 1.1e9, 1.21e9],
    [0.1 * 3e-9, 3e-10],
    [1e22 * 1.1, 1.1e22],
    [123_456_789_012_345_680, 123_456_789_012_346_000],
    [0, 0],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('%d is %d', (value, right) => {
    expect(withoutNoise(value)).toBe(right);
    expect(withoutNoise(Number.NaN)).toBeNaN();
  });
});
