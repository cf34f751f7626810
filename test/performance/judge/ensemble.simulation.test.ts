import { describe, expect, it } from 'vitest';
import { openStream } from '../../../src/performance/judge/catalogue.js';
import { seededNormal } from '../../../src/statistics/random.js';
import { naiveBayes } from '../../support/naive-bayes.js';
import { errorBits, hasStream, readStream } from '../../support/streams.js';

const firstAlarm = (values: readonly number[]): number | undefined => {
  const stream = openStream('ensemble');
  const index = values.findIndex((x) => stream.update(x) === 'drift');
  return index === -1 ? undefined : index;
};

const LENGTH = 20_000;

describe('the default ensemble', () => {
  it('alarms in at most 2 % of 200 stable streams of 20,000', () => {
    const streams = Array.from({ length: 200 }, (_, seed) => {
      const kind = seed % 5;
      if (kind < 4) return errorBits(LENGTH, seed + 1, () => 0.1 * (kind + 1));
      const normal = seededNormal(seed + 1);
      return Array.from({ length: LENGTH }, () => 300 + 25 * normal());
    });
    expect(streams.filter((values) => firstAlarm(values) !== undefined).length).toBeLessThanOrEqual(4);
  });

  it('finds a rise of the error from 0.2 to 0.3 within 600 items on average', () => {
    const [at, streams] = [3000, 100];
    const delays = Array.from({ length: streams }, (_, seed) => {
      const values = errorBits(at + 7000, 500 + seed, (i) => (i < at ? 0.2 : 0.3));
      return (firstAlarm(values) ?? values.length) - at;
    });
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(delays.reduce((sum, one) => sum + one, 0) / streams).toBeLessThanOrEqual(600);
  });
});

describe.skipIf(!hasStream('sine1.csv'))('sine1 with naive Bayes, tested then trained, reset at each alarm', () => {
  it('finds the four changes within 70 rows on average, and no other', () => {
    const stream = openStream('ensemble');
    let model = naiveBayes();
    const alarms = readStream('sine1.csv').flatMap(([x, y, name], i) => {
      const row = [Number(x), Number(y)];
      const isWrong = model.predict(row) !== name;
      model.learn(row, name ?? '');
      if (stream.update(isWrong ? 1 : 0) !== 'drift') return [];
      model = naiveBayes();
      return [i];
    });
    const changes = [20_000, 40_000, 60_000, 80_000];
    expect(alarms.map((index) => Math.floor(index / 20_000) * 20_000)).toEqual(changes);
    const delays = alarms.map((index, i) => index - (changes[i] ?? 0));
    process.stderr.write(`sine1: delays ${delays.join(', ')}\n`);
    expect(delays.reduce((sum, one) => sum + one, 0) / delays.length).toBeLessThanOrEqual(70);
  });
});
