import { expect, it } from 'vitest';
import { seededRandom } from '../../src/statistics/random.js';
import { createRig, type Document, type Rig } from '../support/rig.js';

const pipeline = (action: string, more = ''): string => `pipeline: p
datasets:
  trips: { path: "data/*.csv", time: at, checks: { columns: { distance: { outliers: { method: mad, action: ${action}${more} } } } } }
steps:
  copy: { run: "cat \${{ datasets.trips }} > rows.csv", inputs: ["\${{ datasets.trips }}"], outputs: [rows.csv] }
`;

/** 400 trips of usual length; some rows get a length of their own. */
function trips(strange: Readonly<Record<number, string>>): string {
  const random = seededRandom(7);
  const rows = Array.from({ length: 400 }, (_, i) => {
    const at = new Date(Date.parse('2026-01-01') + i * 3_600_000).toISOString();
    return `${at},${strange[i] ?? (10 + 5 * random()).toFixed(3)}`;
  });
  return `at,distance\n${rows.join('\n')}\n`;
}

const STRANGE = { 40: '910.50', 41: '-77', 300: '4000' };
const distances = (rig: Rig): readonly string[] =>
  rig
    .read('rows.csv')
    .trim()
    .split('\n')
    .map((row) => row.split(',')[1] ?? '');

it.each([
  ['quarantine', 398],
  ['flag', 401],
  ['cap', 401],
])('gives a step the dataset without the outliers that %s sets aside', async (action, lines) => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline(action), 'data/1.csv': trips(STRANGE) });
  await rig.json(0, 'run', 'p');
  const given = distances(rig);
  expect(given).toHaveLength(lines);
  expect(given.includes('910.50')).toBe(action !== 'quarantine');
  const [report] = (await rig.json(0, 'check-data', 'p')).datasets;
  expect(report.outliers).toMatchObject({ rows: 3, columns: [{ action }] });
});

it('says in plan and why which rows are kept out, and runs nothing while they stay the same', async () => {
  using rig = createRig({ 'pipelines/p.yaml': pipeline('quarantine'), 'data/1.csv': trips(STRANGE) });
  const { run } = await rig.json(0, 'run', 'p');
  const rows = 'outliers of distance: 1 rows below and 2 above the usual values';
  expect((await rig.json(0, 'why', run.id)).kept_out).toEqual([{ dataset: 'trips', rows }]);
  expect((await rig.refit('why', run.id)).stdout).toContain(`kept out  trips: ${rows}`);
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
  // The rows are outliers no longer, though no byte of the data has changed.
  rig.write({ 'pipelines/p.yaml': pipeline('quarantine', ', limit: 4000') });
  const [{ reasons }] = (await rig.json(0, 'plan', 'p')).steps;
  expect(reasons.map((one: Document) => [one.code, one.detail])).toEqual([
    ['exclusion-changed', 'rows kept out of trips'],
  ]);
  await rig.json(0, 'run', 'p');
  expect(distances(rig)).toHaveLength(401);
});

const TRIPS =
  'trips: { path: "data/*.csv", time: at, checks: { columns: { distance: { outliers: { method: mad, action: quarantine } } } } }';
const QUERY = 'path: { query: "select * from ${{ datasets.raw }}" }, time: at';

it.each([
  ['of a query', TRIPS.replace('path: "data/*.csv", time: at', QUERY), 'raw: { path: "data/*.csv", time: at }'],
  ['of a dataset that a query reads', `trips: { ${QUERY} }`, TRIPS.replace('trips:', 'raw:')],
])('keeps back the outliers %s', async (_, declared, raw) => {
  const query = pipeline('quarantine')
    .replace(TRIPS, `${raw}\n  ${declared}`)
    .replace('cat ${{ datasets.trips }} > rows.csv', 'refit check-data ${{ datasets.trips }} --clean rows.csv');
  using rig = createRig({ 'pipelines/p.yaml': query, 'data/1.csv': trips(STRANGE) });
  await rig.json(0, 'run', 'p');
  expect(distances(rig)).toHaveLength(398);
});

it('keeps every row where too many lie outside to be outliers', async () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [i * 6, String(500 + i)]));
  using rig = createRig({ 'pipelines/p.yaml': pipeline('quarantine'), 'data/1.csv': trips(many) });
  await rig.json(0, 'run', 'p');
  expect(distances(rig)).toHaveLength(401);
});

const unlike = (action: string, more = ''): string => `pipeline: p
datasets:
  trips: { path: "data/*.csv", time: at, checks: { outliers: { columns: [distance, fare], threshold: 0.7, action: ${action} } } }
steps:
  copy: { run: "cat \${{ datasets.trips }} > rows.csv", inputs: ["\${{ datasets.trips }}"], outputs: [rows.csv] }
${more}`;

/** Trips whose fare follows from their distance; a strange one has a usual distance and a fare of its own. */
function fares(strange: Readonly<Record<number, string>>): string {
  const random = seededRandom(3);
  const rows = Array.from({ length: 400 }, (_, i) => {
    const at = new Date(Date.parse('2026-01-01') + i * 3_600_000).toISOString();
    const distance = 10 + 5 * random();
    return `${at},${strange[i] ?? `${distance.toFixed(3)},${(2 * distance).toFixed(2)}`}`;
  });
  return `at,distance,fare\n${rows.join('\n')}\n`;
}

it.each([
  ['quarantine', 399],
  ['flag', 401],
])('gives a step the dataset without the rows unlike the others that %s sets aside', async (action, lines) => {
  using rig = createRig({
    'pipelines/p.yaml': unlike(action),
    'data/1.csv': fares({ 77: '80.5,-9.25', 78: '-60.5,900' }),
  });
  await rig.json(0, 'run', 'p');
  const given = rig.read('rows.csv');
  expect(given.trim().split('\n')).toHaveLength(lines);
  expect([given.includes('80.5,-9.25'), given.includes('-60.5,900')]).toEqual(Array(2).fill(action === 'flag'));
  const [report] = (await rig.json(0, 'check-data', 'p')).datasets;
  expect(report.outliers.by_row).toMatchObject({ action, count: 2 });
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
});

it('sets a row aside that lacks a value, and says in plan that other rows are set aside', async () => {
  const rows = { 'data/1.csv': fares({ 77: ',90000', 78: '-60.5,900' }) };
  using rig = createRig({ 'pipelines/p.yaml': unlike('quarantine'), ...rows });
  await rig.json(0, 'run', 'p');
  expect(rig.read('rows.csv')).not.toMatch(/,,90000|-60.5,900/);
  rig.write({ 'pipelines/p.yaml': unlike('quarantine').replace('0.7', '0.99') });
  const [{ reasons }] = (await rig.json(0, 'plan', 'p')).steps;
  expect(reasons.map((one: Document) => [one.code, one.detail])).toEqual([
    ['exclusion-changed', 'rows kept out of trips'],
  ]);
});
