import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../src/domain/data/detector.js';
import { adwin } from '../../../src/performance/judge/detectors/adwin.js';
import { alarmLimit } from '../../../src/performance/judge/detectors/alarm-limit.js';
import { pageHinkleyStandardised } from '../../../src/performance/judge/detectors/page-hinkley-standardised.js';
import { scaledAdwin } from '../../../src/performance/judge/detectors/scaled-adwin.js';
import { seededNormal, seededRandom } from '../../../src/statistics/random.js';
import { errorBits } from '../../support/streams.js';
import { rateOf, signalsOf } from './definitions.js';

const powerMean = (items: readonly number[], power: number): number => {
  const mean = rateOf(items);
  return rateOf(items.map((x) => (x - mean) ** power));
};

/** Waiting times, whose skewness is 2, which grow or shrink to `factor` times after 300 items. */
const waits = (factor: number, count = 700): readonly number[] => {
  const uniform = seededRandom(61);
  return Array.from({ length: count }, (_, i) => -Math.log(1 - uniform()) * (i < 300 ? 1 : factor));
};

describe('standardised page-hinkley', () => {
  interface Sums {
    readonly up: number;
    readonly down: number;
    readonly signal: Signal;
  }

  /** Both sums after each item until the first alarm, each from all items before it. */
  function definedSums(values: readonly number[], inflation: number): readonly Sums[] {
    let [up, down, upLimit, downLimit, next] = [0, 0, 0, 0, 30];
    const sums: Sums[] = [];
    for (const [n, x] of values.entries()) {
      const before = values.slice(0, n);
      if (n >= 30) {
        const variance = powerMean(before, 2);
        if (n >= next) {
          const skewness = powerMean(before, 3) / variance ** 1.5;
          const excess = powerMean(before, 4) / variance ** 2 - 3;
          upLimit = alarmLimit(2e6, 0.125, { skewness, excess });
          downLimit = alarmLimit(2e6, 0.125, { skewness: -skewness, excess });
          next = n + Math.max(30, Math.floor(n / 8));
        }
        const sd = Math.sqrt(((variance * n) / (n - 1)) * (1 + 1 / n) * inflation);
        const z = (x - rateOf(before)) / sd;
        up = Math.max(0, up + Math.min(z, upLimit / 5) - 0.125);
        down = Math.max(0, down + Math.min(-z, downLimit / 5) - 0.125);
      }
      const isAlarm = up > upLimit || down > downLimit;
      sums.push({ up, down, signal: isAlarm ? 'drift' : 'stable' });
      if (isAlarm) break;
    }
    return sums;
  }

  it.each([
    ['skewed items that rise', waits(2.5), 1],
    ['skewed items that fall', waits(0.2), 1],
    ['the same, skewed to the other side', waits(0.2).map((x) => 5 - x), 1],
    ['a wild item on each side', waits(1).map((x, i) => (i === 100 ? 1e4 : i === 200 ? -1e4 : x)), 1],
    ['few items that vary like many', waits(4), 3],
  ])('sums what lies beyond the change that does not matter: %s', (_, values, inflation) => {
    const detector = pageHinkleyStandardised();
    const state = { ...detector.start(), inflation };
    for (const [i, { up, down, signal }] of definedSums(values, inflation).entries()) {
      expect(detector.update(state, values[i] ?? 0)).toBe(signal);
      if (signal === 'stable') {
        expect(state.up).toBeCloseTo(up, 8);
        expect(state.down).toBeCloseTo(down, 8);
      } else expect(state).toEqual(detector.start());
    }
  });

  it.each([2.5, 0.2])('alarms where the level becomes %f times as high', (factor) => {
    const found = definedSums(waits(factor), 1);
    expect(found.at(-1)?.signal).toBe('drift');
    expect(found.length).toBeGreaterThan(300);
  });

  it('waits until items vary, however many there are', () => {
    const values = [...Array<number>(100).fill(3), ...waits(1, 40).map((x) => x + 3)];
    expect(new Set(signalsOf(pageHinkleyStandardised(), Array<number>(100).fill(3)))).toEqual(new Set(['stable']));
    expect(signalsOf(pageHinkleyStandardised(), values)).toContain('drift');
  });
});

describe('scaled adwin', () => {
  /** Signals of adwin over values in units of six standard deviations of the first ones, anew after each alarm. */
  function definedSignals(values: readonly number[], warmUp = 100): readonly Signal[] {
    const signals: Signal[] = values.map(() => 'stable');
    let start = 0;
    for (let end = warmUp; end <= values.length; end++) {
      const first = values.slice(end - warmUp, end);
      const isBits = first.every((x) => x === 0 || x === 1);
      const sd = Math.sqrt((powerMean(first, 2) * warmUp) / (warmUp - 1));
      if (end < start + warmUp || (!isBits && sd === 0)) continue;
      const scaled = values
        .slice(end - warmUp)
        .map((x) => (isBits ? x : Math.max(-1, Math.min(1, (x - rateOf(first)) / (6 * sd)))));
      const alarm = signalsOf(adwin(), scaled).indexOf('drift');
      if (alarm < 0) break;
      const at = Math.max(end - 1, end - warmUp + alarm);
      signals[at] = 'drift';
      start = at + 1;
      end = start + warmUp - 1;
    }
    return signals;
  }

  const levels = (...parts: readonly (readonly [level: number, count: number])[]): readonly number[] => {
    const normal = seededNormal(62);
    return parts.flatMap(([level, count]) => Array.from({ length: count }, () => level + 20 * normal()));
  };

  it.each([
    ['a level that rises and falls', levels([1000, 500], [1040, 500], [980, 600]), 2],
    ['a long time without variation', [...Array<number>(300).fill(1000), ...levels([1000, 400], [1060, 400])], 1],
    ['errors of 0 and 1, which are not scaled', errorBits(1500, 63, (i) => (i < 700 ? 0.1 : 0.5)), 1],
    ['no error at all until then', errorBits(900, 64, (i) => (i < 500 ? 0 : 0.4)), 1],
    ['losses between 0 and 1, which are', errorBits(900, 65, (i) => (i < 500 ? 0.2 : 0.7)).map((x) => x / 2), 1],
  ])('is adwin in a unit of the values themselves: %s', (_, values, alarms) => {
    expect(signalsOf(scaledAdwin(), values)).toEqual(definedSignals(values));
    expect(definedSignals(values).filter((one) => one === 'drift')).toHaveLength(alarms);
  });

  it('counts a wild item for no more than a whole unit', () => {
    const calm = levels([1000, 900]);
    const wild = calm.map((x, i) => (i % 300 === 200 ? 1e9 : i % 300 === 250 ? -1e9 : x));
    expect(signalsOf(scaledAdwin(), wild)).toEqual(definedSignals(wild));
    expect(signalsOf(scaledAdwin(), wild)).not.toContain('drift');
  });

  it('says after the warm-up that the level changed in it, and starts again', () => {
    const values = levels([1000, 200], [1100, 200], [1100, 400], [1200, 400]);
    const signals = signalsOf(scaledAdwin({ warmUp: 400 }), values);
    expect(signals).toEqual(definedSignals(values, 400));
    expect(signals.indexOf('drift')).toBe(399);
    expect(signals.filter((one) => one === 'drift')).toHaveLength(2);
  });

  it('continues a warm-up that was saved', () => {
    const values = levels([1000, 400], [1060, 400]);
    const detector = scaledAdwin();
    const state = detector.start();
    const begun = values.slice(0, 50).map((x) => detector.update(state, x));
    const resumed = detector.resume(JSON.parse(JSON.stringify(detector.save(state))));
    const rest = values.slice(50).map((x) => detector.update(resumed, x));
    expect([...begun, ...rest]).toEqual(signalsOf(detector, values));
  });
});
