import { expect, it } from 'vitest';
import { seededNormal, seededRandom } from '../../src/statistics/random.js';
import { createRig, type Document } from '../support/rig.js';

const ROWS = 2000;
type Row = Readonly<Record<string, number | string>>;

const csv = (rows: readonly Row[]): string =>
  `${[Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(',')).join('\n')}\n`;

/** Orders of a month, each changed by `change`. */
function month(seed: number, change: (row: Row, i: number) => Row = (row) => row): string {
  const [normal, random] = [seededNormal(seed), seededRandom(seed + 100)];
  const size = (mean: number): number => Number((mean * Math.exp(0.5 * normal())).toFixed(2));
  return csv(
    Array.from({ length: ROWS }, (_, i) =>
      change(
        {
          order: seed * ROWS + i,
          plan: ['basic', 'pro', 'max'][Math.floor(3 * random())] ?? '',
          age: Math.round(43 + 8 * normal()),
          price: size(40),
          billed: size(20),
          shipping: size(5),
          temperature: Number(Math.max(0.1, 9 + 4 * normal()).toFixed(1)),
          degrees: Math.max(0, Math.round(9 + 3 * normal())),
          interest_rate: size(0.8),
          height: Math.round(172 + 9 * normal()),
        },
        i,
      ),
    ),
  );
}

async function kinds(exit: number, change: (row: Row, i: number) => Row): Promise<Readonly<Record<string, string>>> {
  using rig = createRig({ 'was.csv': month(1), 'is.csv': month(2, change) });
  const document = await rig.json(exit, 'check-drift', '--reference', 'was.csv', '--current', 'is.csv');
  const moved = document.features.filter((one: Document) => one.verdict !== 'stable');
  return Object.fromEntries(moved.map((one: Document) => [one.name, one.verdict]));
}

it('calls no rule, season or growth of the world a fault', async () => {
  const normal = seededNormal(9);
  const found = await kinds(3, (row, i) => ({
    ...row,
    age: row.plan === 'basic' || i % 100 === 0 ? '' : (row.age ?? ''),
    price: i % 20 === 0 ? 999 : (row.price ?? 0),
    billed: Number((12 * Number(row.billed)).toFixed(2)),
    shipping: 4.9,
    temperature: Number((2 - Number(row.temperature)).toFixed(1)),
    degrees: Math.round(-1 + 1.5 * normal()),
    interest_rate: -Number((0.2 + Number(row.interest_rate) / 4).toFixed(2)),
  }));
  expect(Object.values(found)).not.toContain('finding');
  for (const column of ['age', 'billed', 'shipping', 'temperature', 'degrees', 'interest_rate'])
    expect([column, found[column]]).toEqual([column, expect.stringMatching(/^(drift|unclear)$/)]);
});

it('still calls the faults that look alike faults', async () => {
  const found = await kinds(4, (row, i) => ({
    ...row,
    age: i % 10 < 6 ? '' : (row.age ?? ''),
    price: i % 20 === 0 ? -999 : (row.price ?? 0),
    shipping: -Number(row.shipping),
    temperature: 7.3,
    degrees: i % 4 === 0 ? -1 : (row.degrees ?? 0),
    height: Number((Number(row.height) / 30.48).toFixed(4)),
  }));
  for (const column of ['age', 'price', 'shipping', 'temperature', 'degrees', 'height'])
    expect([column, found[column]]).toEqual([column, 'finding']);
});

it('does not compare a column that counts up, and says why', async () => {
  expect(await kinds(0, (row) => row)).toEqual({ order: 'undecided' });
  using rig = createRig({ 'was.csv': month(1), 'is.csv': month(2), 'again.csv': month(1) });
  const of = async (current: string): Promise<Document> =>
    (await rig.json(0, 'check-drift', '--reference', 'was.csv', '--current', current)).features.find(
      (one: Document) => one.name === 'order',
    );
  expect(await of('is.csv')).toMatchObject({
    undecided_because: 'too-sparse',
    detail: expect.stringMatching(/an id$/),
  });
  expect(await of('again.csv')).toMatchObject({ verdict: 'stable' });
});

it.each(['NA', 'n/a', '-'])('says that %s makes text of a column of numbers', async (word) => {
  const normal = seededNormal(4);
  const column = (mean: number): string =>
    csv(Array.from({ length: 600 }, (_, i) => ({ x: i % 30 === 0 ? word : mean + normal(), y: normal() })));
  using rig = createRig({ 'was.csv': column(0), 'is.csv': column(2) });
  const { features } = await rig.json(0, 'check-drift', '--reference', 'was.csv', '--current', 'is.csv');
  expect(features.find((one: Document) => one.name === 'x')).toMatchObject({
    verdict: 'undecided',
    detail: expect.stringContaining(`96.7 % of the values are numbers, but "${word}" makes the column text`),
  });
});
