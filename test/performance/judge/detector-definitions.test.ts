import { describe, expect, it } from 'vitest';
import { adwin } from '../../../src/performance/judge/detectors/adwin.js';
import { alarmLimit } from '../../../src/performance/judge/detectors/alarm-limit.js';
import { ddm } from '../../../src/performance/judge/detectors/ddm.js';
import {
  type Detector,
  type Domain,
  numberField,
  plainState,
} from '../../../src/performance/judge/detectors/detector.js';
import { eddm } from '../../../src/performance/judge/detectors/eddm.js';
import { fhddm } from '../../../src/performance/judge/detectors/fhddm.js';
import { hddmA } from '../../../src/performance/judge/detectors/hddm-a.js';
import { hddmW } from '../../../src/performance/judge/detectors/hddm-w.js';
import { pageHinkley } from '../../../src/performance/judge/detectors/page-hinkley.js';
import { seededNormal } from '../../../src/statistics/random.js';
import { errorBits } from '../../support/streams.js';
import { type Definition, defined, rateOf, signalsOf, total } from './definitions.js';

const ofDdm: Definition = (items) => {
  if (items.length < 30) return 'stable';
  const at = (n: number) => {
    const p = rateOf(items.slice(0, n));
    return { p, s: Math.sqrt((p * (1 - p)) / n) };
  };
  let best = at(30);
  for (let n = 31; n <= items.length; n++) if (at(n).p + at(n).s <= best.p + best.s) best = at(n);
  const now = at(items.length);
  if (now.p + now.s > best.p + 3 * best.s) return 'drift';
  return now.p + now.s > best.p + 2 * best.s ? 'warning' : 'stable';
};

const ofFhddm: Definition = (items) => {
  let best = 0;
  let share = 0;
  for (let end = 100; end <= items.length; end++) {
    share = 1 - rateOf(items.slice(end - 100, end));
    best = Math.max(best, share);
  }
  return best - share > Math.sqrt(Math.log(1e6) / 200) ? 'drift' : 'stable';
};

const ofHddmA: Definition = (items) => {
  const reach = (n: number): number => rateOf(items.slice(0, n)) + Math.sqrt(Math.log(1000) / (2 * n));
  let cut = 1;
  for (let n = 2; n <= items.length; n++) if (reach(n) <= reach(cut)) cut = n;
  const [n, rise] = [items.length, rateOf(items) - rateOf(items.slice(0, cut))];
  const isAbove = (a: number): boolean => cut < n && rise >= Math.sqrt(0.5 * ((n - cut) / (cut * n)) * Math.log(2 / a));
  return isAbove(0.001) ? 'drift' : isAbove(0.005) ? 'warning' : 'stable';
};

interface Average {
  readonly mean: number;
  /** Sum of its squared weights. */
  readonly weight: number;
}

/** After each item, the mean whose weights fall by 0.95 from item to item. */
function weightedMeans(items: readonly number[]): readonly Average[] {
  const [first = 0, ...rest] = items;
  const averages = [{ mean: first, weight: 1 }];
  for (const [i, x] of rest.entries()) {
    const { mean, weight } = averages[i] as Average;
    averages.push({ mean: 0.95 * mean + 0.05 * x, weight: 0.95 ** 2 * weight + 0.05 ** 2 });
  }
  return averages;
}

const ofHddmW: Definition = (items) => {
  const bound = (weight: number, a: number): number => Math.sqrt((weight * Math.log(1 / a)) / 2);
  const old = weightedMeans(items);
  const reaches = old.map(({ mean, weight }) => mean + bound(weight, 0.001));
  const cut = reaches.indexOf(Math.min(...reaches));
  const [before, after] = [old[cut], weightedMeans(items.slice(cut + 1)).at(-1)];
  if (before === undefined || after === undefined || cut === items.length - 1) return 'stable';
  const isAbove = (a: number): boolean => after.mean - before.mean > bound(before.weight + after.weight, a);
  return isAbove(0.001) ? 'drift' : isAbove(0.005) ? 'warning' : 'stable';
};

/** The window as buckets of at most five of each size, newest first; every boundary between two of them is tried. */
const ofAdwin: Definition = (items) => {
  const sizes: number[][][] = [];
  for (const x of items) {
    let bucket = [x];
    for (let row = 0; ; row++) {
      const buckets = [...(sizes[row] ?? []), bucket];
      sizes[row] = buckets.length > 5 ? buckets.slice(2) : buckets;
      if (buckets.length <= 5) break;
      bucket = buckets.slice(0, 2).flat();
    }
  }
  const width = items.length;
  const log = Math.log((2 * Math.log(width)) / 0.002);
  const variance = rateOf(items.map((x) => (x - rateOf(items)) ** 2));
  const ends = sizes
    .toReversed()
    .flat()
    .map((one) => one.length);
  const isCut = (n0: number): boolean => {
    const n1 = width - n0;
    if (n0 < 5 || n1 < 5) return false;
    const perItem = 1 / (n0 - 5 + 1) + 1 / (n1 - 5 + 1);
    const difference = Math.abs(rateOf(items.slice(0, n0)) - rateOf(items.slice(n0)));
    return difference > Math.sqrt(2 * perItem * variance * log) + (2 / 3) * perItem * log;
  };
  return ends.some((_, i) => isCut(total(ends.slice(0, i + 1)))) ? 'drift' : 'stable';
};

const ofEddm: Definition = (items) => {
  const errors = items.flatMap((x, i) => (x === 1 ? [i + 1] : []));
  const gaps = errors.map((at, i) => at - (errors[i - 1] ?? 0));
  const reach = (count: number): number => {
    const some = gaps.slice(0, count);
    const squares = some.reduce((sum, gap) => sum + (gap - rateOf(some)) ** 2, 0);
    return rateOf(some) + 2 * Math.sqrt(squares / Math.max(1, count - 1));
  };
  let largest = 0;
  for (let count = 1; count <= errors.length; count++)
    if ((errors[count - 1] ?? 0) >= 30) largest = Math.max(largest, reach(count));
  if (errors.length <= 30) return 'stable';
  const ratio = reach(errors.length) / largest;
  if (ratio >= 0.8) return 'stable';
  // between two errors nothing is judged, and the warning of the last one stands
  return ratio >= 0.75 || items.at(-1) === 0 ? 'warning' : 'drift';
};

const ofPageHinkley: Definition = (items) => {
  let [sum, mean] = [0, 0];
  items.forEach((x, i) => {
    mean += (x - mean) / (i + 1);
    sum = Math.max(0, 0.9999 * sum + x - mean - 0.005);
  });
  return items.length >= 30 && sum > 50 ? 'drift' : 'stable';
};

describe('a detector follows its definition, item by item', () => {
  const rising = errorBits(700, 31, (i) => (i < 300 ? 0.15 : i < 500 ? 0.6 : 0.9));
  const slow = errorBits(700, 32, (i) => 0.1 + i / 1500);

  // no error in thirty items, then nothing else
  const sudden = Array.from({ length: 80 }, (_, i) => (i < 30 ? 0 : 1));

  it.each<[string, () => unknown, Definition]>([
    ['ddm', ddm, ofDdm],
    ['fhddm', fhddm, ofFhddm],
    ['hddm-a', hddmA, ofHddmA],
    ['hddm-w', hddmW, ofHddmW],
    ['eddm', eddm, ofEddm],
    ['adwin at every item', () => adwin({ clock: 1 }), ofAdwin],
  ])('%s', (_, create, definition) => {
    const detector = create() as Detector<unknown>;
    for (const values of [rising, slow, sudden])
      expect(signalsOf(detector, values)).toEqual(defined(definition, values));
    expect(signalsOf(detector, rising)).toContain('drift');
  });

  it.each<[Domain, readonly (() => { readonly domain: Domain })[]]>([
    ['bit', [ddm, eddm, fhddm]],
    ['unit', [hddmA, hddmW]],
    ['real', [adwin, pageHinkley]],
  ])('and judges %s values', (domain, detectors) => {
    for (const create of detectors) expect(create().domain).toBe(domain);
  });

  it('page-hinkley', () => {
    const values = rising.map((x) => 3 * x);
    expect(signalsOf(pageHinkley(), values)).toEqual(defined(ofPageHinkley, values));
    expect(signalsOf(pageHinkley(), values)).toContain('drift');
    // the sum exceeds the limit long before the end of the warm-up
    const steep = Array.from({ length: 40 }, (_, i) => i);
    expect(signalsOf(pageHinkley(), steep).indexOf('drift')).toBe(29);
  });

  it('page-hinkley looks upwards only, and starts again after an alarm', () => {
    expect(
      signalsOf(
        pageHinkley(),
        [...Array(500).keys()].map((i) => (i < 250 ? 5 : 0)),
      ),
    ).not.toContain('drift');
    const twice = [...Array(1000).keys()].map((i) => (i % 500 < 250 ? 0 : 5));
    expect(signalsOf(pageHinkley(), twice).filter((one) => one === 'drift').length).toBeGreaterThan(1);
  });
});

describe('hddm-w', () => {
  it('is quiet while nothing rises, warns before it alarms, and starts again', () => {
    expect(new Set(signalsOf(hddmW(), Array<number>(200).fill(0)))).toEqual(new Set(['stable']));
    const values = [...Array<number>(200).fill(0), ...Array<number>(200).fill(1)];
    const signals = signalsOf(hddmW(), values);
    const [warning, drift] = [signals.indexOf('warning'), signals.indexOf('drift')];
    // All weight of the old mean is spread: its sum of squares tends to 0.05/1.95. The new mean begins with weight 1
    // and falls by 0.95² an item: the alarm needs 1 > sqrt((0.0256 + w)·ln(1000)/2), a warning ln(200).
    const weights = [1];
    while (weights.length < 60) weights.push(0.0025 + 0.9025 * (weights.at(-1) ?? 0));
    const first = (log: number): number => weights.findIndex((w) => 1 > Math.sqrt(((0.05 / 1.95 + w) * log) / 2));
    expect(drift).toBe(200 + first(Math.log(1000)));
    expect(warning).toBe(200 + first(Math.log(200)));
    expect(signals.slice(drift + 1)).not.toContain('drift');
  });

  it('takes values between 0 and 1, and does not alarm for a fall', () => {
    const level = (a: number, b: number): number[] => Array.from({ length: 600 }, (_, i) => (i < 300 ? a : b));
    expect(signalsOf(hddmW(), level(0.8, 0.1))).not.toContain('drift');
    expect(signalsOf(hddmW(), level(0.1, 0.8))).toContain('drift');
    expect(signalsOf(hddmW(), level(0.1, 0.2))).not.toContain('drift');
  });
});

describe('adwin', () => {
  const shifted = (from: number, to: number, at: number): number[] => {
    const normal = seededNormal(41);
    return Array.from({ length: 2 * at }, (_, i) => (i < at ? from : to) + 0.1 * normal());
  };
  const firstDrift = (values: readonly number[], settings = {}): number =>
    signalsOf(adwin(settings), values).indexOf('drift');

  it('checks at every 32nd item only', () => {
    const found = firstDrift(shifted(0.2, 0.8, 1000));
    expect((found + 1) % 32).toBe(0);
    expect(found).toBeGreaterThanOrEqual(1000);
    expect(found).toBeLessThan(1064);
    expect(firstDrift(shifted(0.2, 0.8, 1000), { clock: 1 })).toBeLessThanOrEqual(found);
  });

  it('finds a fall as soon as a rise', () => {
    const rise = shifted(0.2, 0.5, 500);
    expect(firstDrift(rise.map((x) => 1 - x))).toBe(firstDrift(rise));
  });

  it('finds no change in stable items, nor a small one in few', () => {
    expect(firstDrift(shifted(0.5, 0.5, 2000))).toBe(-1);
    expect(firstDrift(shifted(0.5, 0.52, 50))).toBe(-1);
    expect(firstDrift(shifted(0.5, 0.52, 20_000))).toBeGreaterThan(20_000);
  });

  it('needs a larger change where the items vary more than independent ones', () => {
    const detector = adwin();
    const state = detector.start();
    state.inflation = 400;
    expect(shifted(0.4, 0.6, 300).map((x) => detector.update(state, x))).not.toContain('drift');
    expect(firstDrift(shifted(0.4, 0.6, 300))).toBeGreaterThan(299);
  });

  it('keeps count, sum and squared deviations of its whole window', () => {
    const detector = adwin();
    const state = detector.start();
    const values = shifted(0.5, 0.5, 150);
    for (const x of values) detector.update(state, x);
    expect(state.width).toBe(300);
    expect(state.total).toBeCloseTo(total(values), 9);
    const mean = rateOf(values);
    expect(state.squares).toBeCloseTo(total(values.map((x) => (x - mean) ** 2)), 9);
    // at most five buckets of each size, which together hold all items
    const counts = Array.from(state.counts.subarray(0, state.rows));
    expect(Math.max(...counts)).toBeLessThanOrEqual(5);
    expect(total(counts.map((count, row) => count * 2 ** row))).toBe(300);
    const sums = counts.flatMap((count, row) => Array.from(state.totals.subarray(row * 6, row * 6 + count)));
    expect(total(sums)).toBeCloseTo(total(values), 9);
  });

  it('alarms where the difference of two means exceeds its bound', () => {
    // 64 zeros, then ones: exact values of the bound for a window without other noise
    const bound = (n0: number, n1: number): boolean => {
      const [width, p] = [n0 + n1, n1 / (n0 + n1)];
      const log = Math.log((2 * Math.log(width)) / 0.002);
      const perItem = 1 / (n0 - 4) + 1 / (n1 - 4);
      return 1 > Math.sqrt(2 * perItem * p * (1 - p) * log) + (2 / 3) * perItem * log;
    };
    let ones = 5;
    while (!bound(64, ones)) ones++;
    const values = [...Array<number>(64).fill(0), ...Array<number>(64).fill(1)];
    // the bucket that begins with the ones is whole only now and then, so the alarm may come a few items later
    const found = firstDrift(values, { clock: 1 });
    expect(found).toBeGreaterThanOrEqual(64 + ones - 1);
    expect(found).toBeLessThan(64 + ones + 12);
  });
});

describe('the alarm limit of a cumulative sum', () => {
  /** Mean run length for a limit and exponent (Siegmund 1985). */
  const runLength = (limit: number, root: number, delta: number): number => {
    const reach = root * (limit + 1.166);
    return (Math.exp(reach) - 1 - reach) / (root * delta);
  };

  it.each([1e4, 1e6, 1e8])('gives the wanted run length, for normal items: %i', (wanted) => {
    expect(runLength(alarmLimit(wanted, 0.125, { skewness: 0, excess: 0 }), 0.25, 0.125) / wanted).toBeCloseTo(1, 6);
  });

  it('is higher for skewed and heavy-tailed items, never lower', () => {
    const limit = (skewness: number, excess: number): number => alarmLimit(1e6, 0.125, { skewness, excess });
    expect(limit(-3, -1)).toBe(limit(0, 0));
    // θ solves 0.125 = θ/2 + 2θ²/6 + 6θ³/24
    expect(runLength(limit(2, 6), 0.214420218172, 0.125) / 1e6).toBeCloseTo(1, 6);
    expect(limit(2, 6)).toBeGreaterThan(limit(2, 0));
    expect(limit(2, 0)).toBeGreaterThan(limit(0, 0));
    expect(limit(0, 6)).toBeGreaterThan(limit(0, 0));
  });
});

describe('fhddm', () => {
  /** Number of errors in a row until it alarms, after so many correct predictions. */
  const errorsUntilAlarm = (correct: number): number => {
    const detector = fhddm();
    const state = detector.start();
    for (let i = 0; i < correct; i++) expect(detector.update(state, 0)).toBe('stable');
    let errors = 1;
    while (detector.update(state, 1) !== 'drift') errors++;
    return errors;
  };

  it('alarms at the 27th error of a hundred: √(100 · ln(10⁶) / 2) is 26.3', () => {
    expect([100, 101, 250].map(errorsUntilAlarm)).toEqual([27, 27, 27]);
  });

  it('alarms only once correct predictions leave the window', () => {
    // forty correct ones are the best; the first leaves with the 101st item
    expect(errorsUntilAlarm(40)).toBe(60 + 27);
  });

  it('is saved with its window', () => {
    const detector = fhddm();
    const state = detector.start();
    for (let i = 0; i < 150; i++) detector.update(state, i % 7 === 0 ? 1 : 0);
    expect(detector.resume(JSON.parse(JSON.stringify(detector.save(state))))).toEqual(state);
  });
});

describe('saved states', () => {
  it('that lack a number are refused', () => {
    expect(numberField({ a: 1 }, 'a')).toBe(1);
    expect(() => numberField({ a: '1' }, 'a')).toThrow('internal error: saved detector state without a');
    const { resume, save, start } = plainState(() => ({ a: 0, b: 0 }));
    expect(resume({ a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
    expect(() => resume({ a: 1 })).toThrow('without b');
    expect(save(start())).toEqual({ a: 0, b: 0 });
    expect(() => adwin().resume({})).toThrow('internal error: saved detector state without rows');
    expect(() => fhddm().resume({})).toThrow('internal error: saved detector state without ring');
  });
});
