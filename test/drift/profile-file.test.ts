import { expect, it } from 'vitest';
import { seededNormal } from '../../src/statistics/random.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const PIPELINE = `pipeline: p
datasets: { rows: { path: "data/*.csv", time: at } }
steps: { copy: { run: cp data/a.csv rows.csv, inputs: ["\${{ datasets.rows }}"], outputs: [rows.csv] } }
monitor: { reference: rows.csv, current: { dataset: rows, window: 30d } }
`;

function rows(seed: number, month: string, shift = 0): string {
  const normal = seededNormal(seed);
  const lines = ['at,x,y,shop'];
  for (let hour = 0; hour < 24 * 28; hour++) {
    const at = new Date(Date.parse(`${month}-01`) + hour * 3_600_000).toISOString();
    lines.push(`${at},${(normal() + shift).toFixed(4)},${normal().toFixed(4)},${'abc'[hour % 3]}`);
  }
  return `${lines.join('\n')}\n`;
}

async function exported(): Promise<Rig> {
  const rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'data/a.csv': rows(1, '2026-01') });
  await rig.json(0, 'run', 'p');
  const { reference, columns, path } = await rig.json(0, 'profile', 'export', 'p', '-o', 'p.json');
  expect([reference.of, reference.rows, columns, path]).toEqual(['champion', 672, ['at', 'x', 'y', 'shop'], 'p.json']);
  return rig;
}

const judged = ({ features }: Document): Document =>
  features.map(({ name, verdict, method, score, threshold, p_value }: Document) => [
    name,
    verdict,
    method,
    score,
    threshold,
    p_value,
  ]);

it('judges as with the rows, elsewhere and without them', async () => {
  using rig = await exported();
  using other = createRig({
    'p.json': rig.read('p.json'),
    'same.csv': rows(2, '2026-02'),
    'moved.csv': rows(3, '2026-02', 1),
    'a.csv': rig.read('data/a.csv'),
  });
  for (const [exit, current] of [
    [0, 'same.csv'],
    [3, 'moved.csv'],
  ] as const) {
    const without = await other.json(exit, 'check-drift', '--reference', 'p.json', '--current', current);
    const withRows = await other.json(
      exit,
      'check-drift',
      '--reference',
      'a.csv',
      '--current',
      current,
      '--ignore',
      'at',
    );
    expect(judged(without)).toEqual(judged(withRows));
    expect(without.reference.source).toBe(`profile ${other.root}/p.json, without its rows`);
  }
  // No row of the reference is in the file.
  const [, row = ''] = rig.read('data/a.csv').split('\n');
  expect(rig.read('p.json')).not.toContain(row);
});

it('refuses what needs the rows, and files that are no whole profile', async () => {
  using rig = await exported();
  rig.write({ 'b.csv': rows(2, '2026-02') });
  const check = (...more: readonly string[]) =>
    rig.refit('check-drift', '--reference', 'p.json', '--current', 'b.csv', ...more);
  expect(await check('--segment', 'shop')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('needs the rows'),
  });
  expect(await check('--classifier')).toMatchObject({ exit: 2, stderr: expect.stringContaining('needs the rows') });
  const whole = JSON.parse(rig.read('p.json'));
  const faulty = async (change: (copy: Document) => void): Promise<string> => {
    const copy = structuredClone(whole);
    change(copy);
    rig.write({ 'p.json': JSON.stringify(copy) });
    const { exit, stderr } = await check();
    expect(exit).toBe(2);
    return stderr;
  };
  expect(
    await faulty((one) => {
      one.refit_profile = 9;
    }),
  ).toContain('it has form 9');
  expect(
    await faulty((one) => {
      delete one.profile.columns;
    }),
  ).toContain('no rows or columns');
  expect(
    await faulty((one) => {
      one.profile.columns[1].numeric.quantiles.reverse();
    }),
  ).toContain('profile.columns[1]');
  expect(
    await faulty((one) => {
      one.profile.columns[3].categories.top[0].count = 'many';
    }),
  ).toContain('profile.columns[3]');
  expect(
    await faulty((one) => {
      one.profile.time = 'now';
    }),
  ).toContain('profile.time');
});

it('says what is missing where there is no reference', async () => {
  using rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'data/a.csv': rows(1, '2026-01') });
  const { exit, stderr } = await rig.refit('profile', 'export', 'p', '-o', 'p.json');
  expect([exit, rig.has('p.json')]).toEqual([2, false]);
  expect(stderr).toContain('there is no reference of "p"');
});

it('reads a profile of somebody else without a crash, and with bounded work', async () => {
  using rig = await exported();
  const file = JSON.parse(rig.read('p.json'));
  const { profile } = file;
  const [first] = profile.columns;
  const withColumn = (more: object) => ({ ...file, profile: { ...profile, columns: [{ ...first, ...more }] } });
  const cases: readonly (readonly [object, string])[] = [
    [{ ...file, refit_profile: { toString: 1 } }, 'it has form {"toString":1}'],
    [withColumn({ type: { toString: 1 } }), 'columns[0]'],
    [{ ...file, profile: { ...profile, time: { column: 'at', from: 0, to: 1e300 } } }, 'no span of time'],
    [
      { ...file, profile: { ...profile, columns: Array.from({ length: 20_000 }, () => first) } },
      'it has 20000 columns',
    ],
    [withColumn({ history: Array.from({ length: 30_000 }, () => []) }), 'columns[0]'],
    [
      withColumn({
        type: 'text',
        categories: {
          top: Array.from({ length: 300_000 }, (_, i) => ({ value: `${i}`, count: 1 })),
          otherRows: 0,
          singletons: 0,
        },
      }),
      'columns[0]',
    ],
  ];
  for (const [hostile, words] of cases) {
    rig.write({ 'h.json': JSON.stringify(hostile) });
    const { exit, stderr } = await rig.refit('check-drift', '--reference', 'h.json', '--current', 'data/a.csv');
    expect([words, exit, stderr]).toEqual([
      words,
      expect.toSatisfy((code) => code !== 70 && code > 0),
      expect.stringContaining(words),
    ]);
  }
});
