import { describe, expect, it } from 'vitest';
import type { CategoryProfile } from '../../../src/domain/data/profile.js';
import { unseenValues } from '../../../src/drift/judge/unseen.js';
import { normalQuantile } from '../../../src/statistics/normal.js';

const ALPHA = 0.001;
const kept = (counts: Readonly<Record<string, number>>, otherRows = 0): CategoryProfile => {
  const top = Object.entries(counts).map(([value, count]) => ({ value, count }));
  return { top, otherRows, singletons: top.filter((one) => one.count === 1).length };
};

describe('values that the reference does not have', () => {
  it('have a share of the rows, with those that are not kept', () => {
    expect(unseenValues(kept({ a: 60, b: 40 }), kept({ a: 70, c: 20 }, 10), ALPHA)?.share).toBe(0.3);
    expect(unseenValues(kept({ a: 60, b: 40 }), kept({ a: 90, b: 10 }), ALPHA)?.share).toBe(0);
  });

  it('cannot be recognised where the reference keeps not all values, or a side has no rows', () => {
    expect(unseenValues(kept({ a: 60 }, 1), kept({ a: 1 }), ALPHA)).toBeUndefined();
    expect(unseenValues(kept({}), kept({ a: 1 }), ALPHA)).toBeUndefined();
    expect(unseenValues(kept({ a: 60 }), kept({}), ALPHA)).toBeUndefined();
    expect(unseenValues(kept({ a: 60 }), kept({}, 5), ALPHA)?.share).toBe(1);
  });

  it('are expected as often as values that the reference saw once', () => {
    expect(unseenValues(kept({ a: 96, b: 1, c: 1, d: 2 }), kept({ a: 9 }), ALPHA)?.expected).toBe(0.02);
    expect(unseenValues(kept({ a: 96, b: 2, c: 2 }), kept({ a: 9 }), ALPHA)?.expected).toBe(0);
  });

  it('count as drift only above the effect size of five rows in a hundred, however many rows there are', () => {
    const found = unseenValues(kept({ a: 1e8 }), kept({ a: 1e8 }), ALPHA);
    expect(found?.limit).toBeLessThan(0.001);
    expect(found?.threshold).toBeGreaterThan(0.05);
    expect(found?.threshold).toBeCloseTo(0.05, 3);
    // what was expected is no effect
    const usual = unseenValues(
      { ...kept({ a: 0.9e8 }), top: [{ value: 'a', count: 1e8 }], singletons: 1e7 },
      kept({ a: 1e8 }),
      ALPHA,
    );
    expect(usual?.threshold).toBeCloseTo(0.15, 3);
  });

  it('have a limit by the variance of the estimate and of the window', () => {
    const [n, m] = [1000, 400];
    const found = unseenValues(kept({ a: 900, b: 1, c: 1, d: 2, e: 2, f: 2, g: 92 }), kept({ a: m }), ALPHA);
    // two values seen once, three seen twice
    const spread = Math.sqrt((2 + 2 * 3 + 1) / n ** 2 + (2 / n + 1 / n) / m);
    const bySpread = 1 / m - normalQuantile(ALPHA) * spread;
    const ofOne = Math.log(ALPHA) / Math.log(m / (n + m)) / m;
    expect(found?.limit).toBeCloseTo(2 / n + Math.max(bySpread, ofOne), 12);
    expect(found?.threshold).toBeCloseTo(2 / n + 0.05 - normalQuantile(0.1) * spread, 12);
    expect(ofOne).toBeLessThan(bySpread + 2);
  });

  it('may be one value that the reference missed by chance', () => {
    // a window as long as the reference: ln 0.001/ln ½ = 9.97 rows of one value
    const found = unseenValues(kept({ a: 1e6 }), kept({ a: 1e6 }), ALPHA);
    expect(found?.limit).toBeCloseTo(9.966e-6, 8);
    expect(unseenValues(kept({ a: 1e6 }), kept({ a: 1e6 }), 0.0001)?.limit).toBeGreaterThan(found?.limit ?? 1);
  });

  it('can never be more than all rows', () => {
    const found = unseenValues(kept({ a: 2 }), kept({ a: 3 }), ALPHA);
    expect([found?.limit, found?.threshold]).toEqual([1, 1]);
  });
});
