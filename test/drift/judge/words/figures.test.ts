import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentText } from '../../../../src/domain/support/percent-text.js';
import { boundText, figureText, pairText } from '../../../../src/drift/judge/figures.js';

it.each([
  [0, '0 %'],
  [1, '100 %'],
  [0.5, '50 %'],
  [0.12345, '12.3 %'],
  [0.00012345, '0.0123 %'],
  [0.9899, '99 %'],
  [0.9905, '99.05 %'],
  [0.99996, '99.996 %'],
  [0.9999999, '99.99999 %'],
  [1e-9, '1e-7 %'],
])('%d is %s', (share, text) => {
  expect(percentText(share)).toBe(text);
});

it('says 0 % and 100 % of nothing and of all alone', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
      const said = Number(percentText(share).replace(' %', '')) / 100;
      expect(Math.abs(said - share)).toBeLessThanOrEqual(0.0051 * Math.max(share, 1e-300));
      if (share > 0) expect(said).toBeGreaterThan(0);
      if (share < 1 - 1e-9) expect(said).toBeLessThan(1);
    }),
  );
});

describe('two values that differ', () => {
  it.each([
    [12_345_678, 12_345_999, '12345678', '12345999'],
    [1.000012345678, 1.000023456789, '1.0000123', '1.0000235'],
    [0.333333333333, 0.666666666666, '0.3333', '0.6667'],
    [0, 1e-7, '0', '1e-7'],
    [123.456789012345, 9_876_543.21098765, '123', '9876543.2'],
  ])('%d and %d', (was, is, first, second) => {
    const [a, b] = pairText(was, is);
    expect(Number(a)).toBeCloseTo(Number(first), -Math.floor(Math.log10(Math.abs(was - is) / 50)));
    expect(Number(b)).toBeCloseTo(Number(second), -Math.floor(Math.log10(Math.abs(was - is) / 50)));
  });

  it('are shown as different, each within 1 % of the way between them', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (a, d) => {
          const b = a + d;
          if (a === b || !Number.isFinite(a - b)) return;
          const shown = pairText(a, b).map(Number);
          expect(shown[0]).not.toBe(shown[1]);
          for (const [i, exact] of [a, b].entries())
            expect(Math.abs((shown[i] ?? 0) - exact)).toBeLessThanOrEqual(Math.abs(a - b) / 100);
        },
      ),
    );
  });
});

it.each([
  [1234.5678901234, '1235'],
  [1234.5, '1234.5'],
  [123_456_789_012, '123456789012'],
  [0.1, '0.1'],
  [1 / 3, '0.3333'],
])('a number alone: %d is %s', (value, text) => {
  expect(figureText(value)).toBe(text);
});

describe('bounds of a range', () => {
  it.each([
    [0.123456789012, 1, 'up', '0.1234568'],
    [0.123456789012, 1, 'down', '0.1234567'],
    [0.123456789012, 1e-6, 'up', '0.1234567891'],
    [-0.123456789012, 1, 'up', '-0.1234567'],
    [1.25, 0.1, 'up', '1.25'],
    [123_456.789012345, 1e6, 'up', '123456.8'],
    [1.23456789012e-9, 1, 'down', '1.234567e-9'],
    [0.123456789012, 0, 'up', '0.123456789012'],
  ] as const)('%d in a range %d wide, rounded %s', (value, width, direction, text) => {
    expect(boundText(value, width, direction)).toBe(text);
  });

  it('stay on their side of every value, and move by a small part of the width', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        (value, width) => {
          const [up, down] = [Number(boundText(value, width, 'up')), Number(boundText(value, width, 'down'))];
          expect(up).toBeGreaterThanOrEqual(value);
          expect(down).toBeLessThanOrEqual(value);
          expect(up - down).toBeLessThanOrEqual(width / 500 + Math.abs(value) * 1e-12);
        },
      ),
    );
  });
});

describe('the shortest digits that show a difference', () => {
  it.each([
    [1 / 3, 2 / 3, '0.3333', '0.6667'],
    [100 / 3, 200 / 3, '33.33', '66.67'],
    [1 / 7, 8 / 7, '0.1429', '1.143'],
    [123.456789012345, 9_876_543.21098765, '123.5', '9877000'],
    [1.000012345678, 1.000023456789, '1.0000123', '1.0000235'],
    [12_345.678901, 22_345.678901, '12350', '22350'],
    [0.10000000001, 0.2, '0.1', '0.2'],
  ])('%d and %d', (was, is, first, second) => {
    expect(pairText(was, is)).toEqual([first, second]);
  });

  it('are all of them where fewer would say the same', () => {
    expect(pairText(1 / 3, 1 / 3 + 1e-16)).toEqual(['0.3333333333333333', '0.3333333333333334']);
  });
});

describe('how long a figure is', () => {
  it('is up to ten characters without rounding', () => {
    expect([figureText(12345.6789), figureText(12345.67891)]).toEqual(['12345.6789', '12350']);
    expect([boundText(1234567.89, 1e9, 'up'), boundText(12345678.91, 1e9, 'up')]).toEqual(['1234567.89', '12345680']);
    expect(boundText(12345678.91, 1e9, 'down')).toBe('12345670');
  });

  it('of a bound is exact where its range has no width', () => {
    for (const width of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(boundText(12345678.91, width, 'up')).toBe('12345678.91');
  });

  it('of two values is as long as the one that needs more digits', () => {
    expect(pairText(1000, 1000.123456)).toEqual(['1000', '1000.123']);
    expect(pairText(1000.123456, 1000)).toEqual(['1000.123', '1000']);
    // two neighbouring doubles
    expect(pairText(0.1, 0.1 + 2 ** -56)).toEqual(['0.1', '0.10000000000000002']);
  });
});
