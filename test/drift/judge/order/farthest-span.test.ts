import { describe, expect, it } from 'vitest';
import type { ColumnCells } from '../../../../src/drift/judge/cells.js';
import { type Measured, type Method, methodFor } from '../../../../src/drift/judge/distance-methods.js';
import type { History } from '../../../../src/drift/judge/order/history.js';
import { wanderLimit } from '../../../../src/drift/judge/order/wander.js';
import { normalQuantile } from '../../../../src/statistics/normal.js';

const ALPHA = 0.001;
/** A normal variable's limit over the median of its largest of ten, and a quarter more. */
const TIMES = (1.25 * normalQuantile(ALPHA / 2)) / normalQuantile((1 - 0.5 ** 0.1) / 2);

/** A distance with these figures, and without a limit for fewer rows, so that only the spans decide. */
const spansDecide = (name: 'ks' | 'tvd'): Method => ({ ...methodFor(name, 'numeric'), name, measure: () => undefined });

describe('the limit of a number column, point by point', () => {
  /**
   * Ten spans of a hundred rows with three values: 50 of the first and by turns 46 and 10 of the second, so that only
   * the share up to the second one wanders; or 52 and 48 of the first.
   */
  const history = (first: readonly [number, number]): History => ({
    ...{ kind: 'numeric', edges: [-0.5, 0, 1, 2], values: [], isDiscrete: true, counted: 1 },
    spans: Array.from({ length: 10 }, (_, i) => {
      const upTo = [first[i % 2] ?? 0, i % 2 === 0 ? 96 : 60] as const;
      return [0, upTo[0], upTo[1] - upTo[0], 100 - upTo[1], 0];
    }),
  });
  const cells: ColumnCells = {
    ...{ kind: 'numeric', edges: [-0.5, 0, 1, 2], values: [], isDiscrete: true },
    ...{ reference: [0, 500, 280, 220, 0], current: [0, 10, 10, 80, 0], missing: { reference: 0, current: 0 } },
  };
  // the shares below are 0.5 and 0.78 in the reference, 0.1 and 0.2 in the window
  const SCORE = 0.58;
  const limitOf = (least: number, first: readonly [number, number] = [50, 50]): number => {
    const measured: Measured = { score: SCORE, least, limit: 0.1, pValue: 0.001 };
    return wanderLimit({ history: history(first), cells, method: spansDecide('ks'), measured, alpha: ALPHA }).limit;
  };
  // a span has 96 or 60 up to the second value, the others 684 or 720 of 900: 0.2 away
  const atSecond = Math.hypot(0.1, TIMES * 0.2);

  it('is that of the point that the window exceeds most, if its move there exceeds the effect size', () => {
    expect(limitOf(0.39)).toBeCloseTo((0.1 * SCORE) / 0.4, 9);
    expect(limitOf(0.41)).toBeCloseTo(atSecond, 9);
    expect(limitOf(0.7)).toBeCloseTo(atSecond, 9);
  });

  it('is wider by 1.4 at a point that is not the farthest', () => {
    // 52 against 448 of 900
    const away = 0.52 - 448 / 900;
    expect(limitOf(0.39, [52, 48])).toBeCloseTo((Math.hypot(0.1, 1.4 * TIMES * away) * SCORE) / 0.4, 9);
  });
});

describe('the variance between spans counts if it exceeds that of independent rows by 3.3 deviations', () => {
  const NONE = { reference: 0, current: 0 };
  /** Ten spans of a hundred rows: 50 + d and 50 − d by turns, whose variance is 0.0444·d² times that of independent rows. */
  const spansOf = (d: number, ends: readonly number[]) =>
    Array.from({ length: 10 }, (_, i) => [...ends, 50 + (i % 2 === 0 ? d : -d), 50 - (i % 2 === 0 ? d : -d), 0]);
  const inflationOf = (history: History, cells: ColumnCells) => {
    const method = methodFor('auto', history.kind);
    const measured = method.measure(cells, ALPHA);
    return measured && wanderLimit({ history, cells, method, measured, alpha: ALPHA }).inflation;
  };

  it('of two values: 1 + 3.3·√(1/9) is 2.1', () => {
    const base = { kind: 'categorical', edges: [], values: ['a', 'b'] } as const;
    const cells: ColumnCells = { ...base, reference: [500, 500, 0], current: [90, 10, 0], missing: NONE };
    const at = (d: number) => inflationOf({ ...base, isDiscrete: false, counted: 1, spans: spansOf(d, []) }, cells);
    expect(at(6.85)).toBe(1);
    expect(at(6.9)).toBeGreaterThan(1);
  });

  it('of numbers, whose cumulative shares go together: 1 + 3.3·√(0.8/9) is 1.98', () => {
    const base = { kind: 'numeric', edges: [-0.5, 0, 1], values: [] } as const;
    const cells: ColumnCells = { ...base, reference: [0, 500, 500, 0], current: [0, 90, 10, 0], missing: NONE };
    const at = (d: number) => inflationOf({ ...base, isDiscrete: true, counted: 1, spans: spansOf(d, [0]) }, cells);
    expect(at(6.65)).toBe(1);
    expect(at(6.7)).toBeGreaterThan(1);
  });
});

describe('the limit of a column of categories', () => {
  /** Ten spans of a hundred rows: 70 or 30 of a, ten of b, the rest of other values. */
  const history: History = {
    ...{ kind: 'categorical', edges: [], values: ['a', 'b'], isDiscrete: false, counted: 1 },
    spans: Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? [70, 10, 20] : [30, 10, 60])),
  };
  const limitOf = (values: readonly string[], current: readonly number[], reference: readonly number[]): number => {
    const cells: ColumnCells = {
      ...{ kind: 'categorical', edges: [], values, missing: { reference: 0, current: 0 } },
      ...{ reference, current },
    };
    const measured: Measured = { score: 0.4, least: 0.05, limit: 0.1, pValue: 0.001 };
    return wanderLimit({ history, cells, method: spansDecide('tvd'), measured, alpha: ALPHA }).limit;
  };
  // 70 or 30 of a hundred against 430 or 470 of 900
  const away = 0.7 - 430 / 900;

  it('is that of the values whose shares rose together', () => {
    expect(limitOf(['a', 'b'], [90, 10, 0], [500, 100, 400])).toBeCloseTo(Math.hypot(0.1, TIMES * away), 9);
    // b alone rose, which no span has ever done
    expect(limitOf(['a', 'b'], [30, 50, 20], [500, 100, 400])).toBeCloseTo(0.1, 9);
  });

  it('takes values that the history does not know as one, in whatever order they stand', () => {
    expect(limitOf(['c', 'b', 'a'], [5, 10, 5, 80], [200, 100, 500, 200])).toBeCloseTo(
      Math.hypot(0.1, TIMES * away),
      9,
    );
    expect(limitOf(['c', 'a'], [15, 80, 5], [400, 500, 100])).toBeCloseTo(Math.hypot(0.1, TIMES * away), 9);
  });
});
