import { expect, it } from 'vitest';
import { seededNormal, seededRandom } from '../../../../src/statistics/random.js';
import { numbers, texts, verdictOf, windowOf } from '../columns.js';

/** Of ten draws those that are called drift. */
function countFound(rows: number, draw: (seed: number, rows: number) => string): number {
  return Array.from({ length: 10 }, (_, i) => draw(1000 * (i + 1) + rows, rows)).filter((one) => one === 'drift')
    .length;
}

const ofNumbers = (change: (z: number) => number) => (seed: number, rows: number) => {
  const z = seededNormal(seed);
  const reference = numbers(Array.from({ length: rows }, z));
  return verdictOf(
    reference,
    windowOf(
      reference,
      Array.from({ length: rows }, () => change(z())),
    ),
  );
};

const ofRates = (before: number, after: number) => (seed: number, rows: number) => {
  const u = seededRandom(seed);
  const count = (rate: number) => {
    let yes = 0;
    for (let i = 0; i < rows; i++) if (u() < rate) yes++;
    return texts({ yes, no: rows - yes });
  };
  return verdictOf(count(before), count(after));
};

it.each([
  ['the spread grows by half', ofNumbers((z) => 1.5 * z)],
  ['the spread grows by a fifth', ofNumbers((z) => 1.2 * z)],
  ['a shift of 0.1 deviations', ofNumbers((z) => z + 0.1)],
  ['a shift of 0.15 deviations', ofNumbers((z) => z + 0.15)],
  ['a shift of 0.22 deviations', ofNumbers((z) => z + 0.22)],
  ['a shift of 0.3 deviations', ofNumbers((z) => z + 0.3)],
  ['a share from 30 to 34 %', ofRates(0.3, 0.34)],
  ['a share from 30 to 38 %', ofRates(0.3, 0.38)],
  ['a rate from 2 to 2.5 %', ofRates(0.02, 0.025)],
  ['a rate from 2 to 4 %', ofRates(0.02, 0.04)],
])('finds no less with more rows: %s', (_, draw) => {
  const found = [500, 2000, 8000, 32_000].map((rows) => countFound(rows, draw));
  for (const [i, count] of found.entries()) expect(count).toBeGreaterThanOrEqual(Math.max(...found.slice(0, i), 0) - 2);
});
