import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../src/statistics/normal.js';
import { seededNormal, seededRandom } from '../../src/statistics/random.js';
import {
  chiSquarePoint,
  chiSquareTail,
  gammaTail,
  normalTail,
  pearsonPoint,
  pearsonTail,
  upperPoint,
} from '../../src/statistics/special-functions.js';

const near = (found: number, expected: number, share = 1e-9): void =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(share * Math.abs(expected));

describe('the tail of the gamma distribution', () => {
  it('is exact where it has a closed form, in the series and in the fraction', () => {
    for (const x of [0.001, 0.5, 1, 1.9, 2.1, 5, 20, 100]) {
      near(gammaTail(1, x), Math.exp(-x));
      near(gammaTail(2, x), Math.exp(-x) * (1 + x));
      near(gammaTail(3, x), Math.exp(-x) * (1 + x + (x * x) / 2));
    }
  });

  it('is right for large shapes and far out', () => {
    // scipy.special.gammaincc
    near(gammaTail(100, 90), 0.84177901081357);
    near(gammaTail(100, 130), 0.002750408367306518);
    near(gammaTail(10_000, 10_000), 0.4986701916600448);
  });

  it('is 1 at and below 0', () => {
    expect([gammaTail(2, 0), gammaTail(2, -1)]).toEqual([1, 1]);
  });
});

describe('the laws of published tables', () => {
  it.each([
    [1, 0.05, 3.841458820694124],
    [1, 0.01, 6.634896601021213],
    [2, 0.05, 5.991464547107979],
    [10, 0.05, 18.307038053275146],
    [10, 0.001, 29.58829844507442],
    [100, 0.05, 124.34211340400407],
  ])('chi-square with %i degrees of freedom exceeds a point with probability %f', (df, alpha, point) => {
    near(chiSquareTail(point, df), alpha, 1e-7);
    near(chiSquarePoint(alpha, df), point, 1e-7);
  });

  it.each([
    [0, 0.5],
    [1, 0.15865525393145707],
    [1.6448536269514722, 0.05],
    [1.959963984540054, 0.025],
    [3, 0.0013498980316300933],
    [6, 9.865876450376946e-10],
    [-1, 0.8413447460685429],
  ])('a standard normal variable exceeds %f with probability %f', (z, alpha) => near(normalTail(z), alpha, 1e-8));

  it.each([
    [0.5, 0],
    [0.05, 1.6448536269514722],
    [0.025, 1.959963984540054],
    [0.001, 3.090232306167813],
  ])('a standard normal variable exceeds with probability %f the point %f', (alpha, z) => {
    expect(-normalQuantile(alpha)).toBeCloseTo(z, 6);
  });

  it.each([
    [0.5, 0],
    [0.001, -3.090232306167813],
    [0.02425, -1.972961051311885],
    [0.3, -0.5244005127080407],
    [0.975, 1.959963984540054],
    [0.9757, 1.9720841590292884],
    [0.97576, 1.9731366119445437],
    [0.99, 2.3263478740408408],
    [0.999999, 4.753424308822899],
  ])('the quantile of the normal distribution at %f is %f', (p, z) => expect(normalQuantile(p)).toBeCloseTo(z, 5));

  it('has no quantile at 0, at 1 and beyond', () => {
    for (const p of [0, 1, -0.1, 1.1]) expect(() => normalQuantile(p)).toThrow(`no normal quantile at ${p}`);
  });

  it('is the same from both sides', () => {
    for (const p of [1e-9, 0.01, 0.02425, 0.1, 0.4]) expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 6);
  });
});

describe("Pearson's type III law", () => {
  it('is the exponential law where the skew is 2', () => {
    const moments = { mean: 10, sd: 3, skew: 2 };
    for (const z of [-0.9, 0, 1, 5]) near(pearsonTail(10 + 3 * z, moments), Math.exp(-(1 + z)));
    expect(pearsonPoint(0.01, moments)).toBeCloseTo(10 + 3 * (-Math.log(0.01) - 1), 5);
  });

  it('is the normal law without skew', () => {
    for (const skew of [0, 0.0199]) near(pearsonTail(13, { mean: 10, sd: 3, skew }), normalTail(1), 1e-12);
    expect(pearsonPoint(0.05, { mean: 10, sd: 3, skew: 0 })).toBeCloseTo(10 + 3 * 1.6448536, 5);
    expect(pearsonTail(13, { mean: 10, sd: 3, skew: 0.02 })).not.toBe(normalTail(1));
    near(pearsonTail(13, { mean: 10, sd: 3, skew: 0.02 }), normalTail(1), 0.01);
  });

  it('is a step where nothing varies', () => {
    const fixed = { mean: 10, sd: 0, skew: 1 };
    expect([9, 10, 10.1].map((x) => pearsonTail(x, fixed))).toEqual([1, 1, 0]);
    expect(pearsonPoint(0.01, fixed)).toBe(10);
  });
});

it('finds the point of any falling tail within a billionth of the span', () => {
  const point = upperPoint((x) => 1 - x / 8, 0.25, [0, 8]);
  expect(Math.abs(point - 6)).toBeLessThan(8e-9);
  expect(upperPoint(() => 0, 0.25, [2, 8])).toBeCloseTo(2, 7);
  expect(upperPoint(() => 1, 0.25, [2, 8])).toBe(8);
});

describe('seeded numbers', () => {
  it('are those of mulberry32', () => {
    const random = seededRandom(1);
    expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
    expect(seededRandom(-1)()).toBe(seededRandom(4_294_967_295)());
  });

  it('are spread evenly over [0, 1)', () => {
    const random = seededRandom(42);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const value = random();
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      const bin = Math.floor(value * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    expect(bins.reduce((sum, one) => sum + (one - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9);
  });

  it('are normal in pairs of Box and Muller, the spare one second', () => {
    const [uniform, normal] = [seededRandom(7), seededNormal(7)];
    for (let i = 0; i < 3; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      expect(normal()).toBe(radius * Math.cos(angle));
      expect(normal()).toBe(radius * Math.sin(angle));
    }
    const drawn = Array.from({ length: 20_000 }, seededNormal(9));
    const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    const beyond = drawn.filter((one) => Math.abs(one) > 1.96).length / drawn.length;
    expect(beyond).toBeGreaterThan(0.045);
    expect(beyond).toBeLessThan(0.055);
  });
});
