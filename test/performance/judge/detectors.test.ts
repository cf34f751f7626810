import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DETECTOR_NAMES, type DetectorName } from '../../../src/domain/data/detector.js';
import { openStream } from '../../../src/performance/judge/catalogue.js';
import { seededNormal } from '../../../src/statistics/random.js';
import { errorBits, hasStream, readStream } from '../../support/streams.js';

const alarmsOf = (name: DetectorName, values: readonly number[]): readonly number[] => {
  const stream = openStream(name);
  return values.flatMap((x, i) => (stream.update(x) === 'drift' ? [i] : []));
};

const column = (file: string): readonly number[] => readStream(file).map((row) => Number(row[1]));

describe('known alarm indices', () => {
  it.skipIf(!hasStream('s1_level_shift.csv')).each([
    ['page-hinkley', 1006],
    ['adwin', 1023],
  ] as const)('%s on a level shift at 1000: %i', (name, index) => {
    expect(alarmsOf(name, column('s1_level_shift.csv'))).toEqual([index]);
  });

  it.skipIf(!hasStream('s2_bernoulli.csv')).each([
    ['ddm', 1334],
    ['hddm-a', 1206],
    ['hddm-w', 1077],
    ['eddm', 1278],
    ['adwin', 1279],
  ] as const)('%s on error bits whose rate rises at 1000: %i', (name, index) => {
    expect(alarmsOf(name, column('s2_bernoulli.csv'))[0]).toBe(index);
  });
});

describe('every detector', () => {
  it.each(DETECTOR_NAMES)('gives the same result if resumed from its saved JSON at any item: %s', (name) => {
    const values = errorBits(3000, 5, (i) => (i < 1200 ? 0.1 : i < 2200 ? 0.6 : 0.05));
    const whole = alarmsOf(name, values);
    expect(whole.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: values.length }), { maxLength: 6 }), (cuts) => {
        const at = new Set(cuts);
        let stream = openStream(name);
        const alarms = values.flatMap((x, i) => {
          if (at.has(i)) stream = openStream(name, JSON.parse(JSON.stringify(stream.save())));
          return stream.update(x) === 'drift' ? [i] : [];
        });
        expect(alarms).toEqual(whole);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it.each(DETECTOR_NAMES)('starts again after an alarm: %s', (name) => {
    const values = errorBits(3000, 6, (i) => (i < 1500 ? 0.1 : 0.7));
    const first = alarmsOf(name, values)[0] ?? 0;
    const after = errorBits(4000, 7, (i) => (i < 2000 ? 0.1 : 0.7));
    const moved = alarmsOf(name, [...values.slice(0, first + 1), ...after]).filter((index) => index > first);
    const alone = alarmsOf(name, after);
    const again = moved.map((index) => index - first - 1);
    if (name !== 'ensemble') return expect(again).toEqual(alone);
    // What the ensemble knows of the items' dependence outlasts an alarm, so it may be a few items earlier or later.
    expect(again.length).toBe(alone.length);
    for (const [i, index] of again.entries()) expect(Math.abs(index - (alone[i] ?? 0))).toBeLessThanOrEqual(20);
  });

  it.each(['ensemble', 'page-hinkley-standardised'] as const)('does not depend on the unit: %s', (name) => {
    const normal = seededNormal(8);
    const values = Array.from({ length: 4000 }, (_, i) => normal() + (i < 2500 ? 0 : 1));
    const alarms = alarmsOf(name, values);
    expect(alarms.length).toBe(1);
    expect(
      alarmsOf(
        name,
        values.map((x) => 1024 * x + 4096),
      ),
    ).toEqual(alarms);
    expect(
      alarmsOf(
        name,
        values.map((x) => -x),
      ),
    ).toEqual(alarms);
  });

  it.each(['ensemble', 'page-hinkley-standardised'] as const)('does not alarm for one wild value: %s', (name) => {
    const normal = seededNormal(9);
    const values = Array.from({ length: 6000 }, (_, i) => (i === 3000 ? 1e9 : normal()));
    expect(alarmsOf(name, values)).toEqual([]);
  });

  it('waits while a stream does not vary, and notices when it begins to', () => {
    expect(
      alarmsOf(
        'ensemble',
        Array.from({ length: 5000 }, () => 7),
      ),
    ).toEqual([]);
    expect(
      alarmsOf(
        'ensemble',
        Array.from({ length: 5000 }, () => 0),
      ),
    ).toEqual([]);
    const woken = errorBits(2000, 10, (i) => (i < 1000 ? 0 : 0.3));
    expect(alarmsOf('ensemble', woken)[0]).toBeGreaterThan(999);
    expect(alarmsOf('ensemble', woken)[0]).toBeLessThan(1150);
  });
});
