import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';
import { readParquet } from './read-parquet.js';

const QUERY = 'select id, at, x from rides where at >= ${{ window.from }} and at < ${{ window.until }} order by id';

const pipeline = (query: string, more = ''): string => `pipeline: rides
datasets:
  rides:
    source: sqlite
    path: rides.db
    query: "${query}"
    from: 2026-01-01
    every: 7d
    time: at${more}
steps:
  train: { run: 'cat \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
`;

type Value = string | number | bigint | null;

/** `type`: of the column of times. */
function rigWith(type: string, rows: readonly (readonly [Value, Value?])[], query = QUERY, more = ''): Rig {
  const rig = createRig({ 'pipelines/rides.yaml': pipeline(query, more) });
  const db = new Database(join(rig.root, 'rides.db'));
  db.exec(`create table rides(id integer primary key, at ${type}, x)`);
  const add = db.prepare('insert into rides(at, x) values (?, ?)');
  for (const [at, x = 1] of rows) add.run(at, x);
  db.close();
  return rig;
}

const run = (rig: Rig) => rig.refit('run', 'rides', '--json', '--now', '2026-01-22');
const failureOf = async (rig: Rig) => JSON.parse((await run(rig)).stdout).error;
const countsOf = (rig: Rig) => rig.query('SELECT rows FROM source_snapshot ORDER BY id').map(({ rows }) => rows);

/** At the edges of the first two windows: just before, on them, and a moment after. */
const EDGES = [
  '2025-12-31 23:59:59',
  '2026-01-01 00:00:00',
  '2026-01-07 23:59:59',
  '2026-01-08 00:00:00',
  '2026-01-14 12:00:00',
];

it.each([
  ['%Y-%m-%d %H:%M:%S', (at: string) => at],
  ['%Y-%m-%dT%H:%M:%S', (at: string) => at.replace(' ', 'T')],
  ['%Y-%m-%dT%H:%M:%SZ', (at: string) => `${at.replace(' ', 'T')}Z`],
  ['%Y-%m-%d %H:%M:%f', (at: string) => `${at}.000`],
  ['%Y-%m-%d %H:%M', (at: string) => at.slice(0, 16)],
  ['%Y-%m-%d %H:%M:%S+00:00', (at: string) => `${at}+00:00`],
])('takes each row once with time_format %s', async (format, spell) => {
  using rig = rigWith(
    'text',
    EDGES.map((at) => [spell(at)]),
    QUERY,
    `\n    time_format: "${format}"`,
  );
  expect(await run(rig)).toMatchObject({ exit: 0 });
  expect(countsOf(rig)).toEqual([2, 2, 0]);
});

it('takes each day once with time_format %Y-%m-%d', async () => {
  using rig = rigWith(
    'text',
    [['2025-12-31'], ['2026-01-01'], ['2026-01-07'], ['2026-01-08']],
    QUERY,
    '\n    time_format: "%Y-%m-%d"',
  );
  expect(await run(rig)).toMatchObject({ exit: 0 });
  expect(countsOf(rig)).toEqual([2, 1, 0]);
});

it.each([
  ['seconds', 1000],
  ['milliseconds', 1],
])('takes each row once with numbers: time_format %s', async (format, divisor) => {
  const query = QUERY.replace('select id, at', `select id, datetime(at * ${divisor} / 1000, 'unixepoch') as at`);
  const rows = EDGES.map((at) => [Date.parse(`${at}Z`) / divisor] as const);
  using rig = rigWith('integer', rows, query, `\n    time_format: ${format}`);
  expect(await run(rig)).toMatchObject({ exit: 0 });
  expect(countsOf(rig)).toEqual([2, 2, 0]);
  rig.write({ 'pipelines/rides.yaml': pipeline(query) });
  expect(await failureOf(rig)).toMatchObject({
    code: 'source-time-unfit',
    message: expect.stringContaining('compares numbers'),
    next: expect.stringContaining('time_format: seconds'),
  });
  const other = format === 'seconds' ? 'milliseconds' : 'seconds';
  rig.write({ 'pipelines/rides.yaml': pipeline(query, `\n    time_format: ${other}`) });
  expect(await failureOf(rig)).toMatchObject({
    code: 'source-time-unfit',
    message: expect.stringContaining(`are not ${other} since 1970`),
    next: `write time_format: ${format}`,
  });
});

it.each([
  ['a row that lies in the window before', ['2026-01-08 10:00:00'], '%Y-%m-%d %H:%M:%S'],
  ['a row that the first window would leave out', ['2026-01-01 10:00:00'], '%Y-%m-%d %H:%M:%S'],
  ['a day on the edge', ['2026-01-01'], '%Y-%m-%d'],
  ['one other form among many', ['2026-01-02T10:00:00.000Z', '2026-01-08 10:00'], '%Y-%m-%d %H:%M'],
])('refuses texts that are compared wrongly: %s', async (_, times, format) => {
  using rig = rigWith(
    'text',
    times.map((at) => [at]),
  );
  expect(await failureOf(rig)).toMatchObject({
    code: 'source-time-unfit',
    message: expect.stringContaining(`"${times.at(-1)}" of column "at" is compared as text with the bound`),
    next: expect.stringContaining(`time_format: "${format}"`),
  });
  expect(rig.has('.refit/sources')).toBe(false);
});

it.each([
  ['a form without an order', ['2026-01-02T10:00:00.000Z', '03/01/2026'], 'in no form that SQLite orders'],
  ['another zone', ['2026-01-08T00:30:00.000+02:00'], 'falls into a wrong window'],
])('refuses %s', async (_, times, words) => {
  using rig = rigWith(
    'text',
    times.map((at) => [at]),
  );
  expect(await failureOf(rig)).toMatchObject({ code: 'source-time-unfit', message: expect.stringContaining(words) });
});

it('refuses numbers among texts, and texts where numbers are compared', async () => {
  using rig = rigWith('', [['2026-01-02T10:00:00.000Z'], [1_767_348_000]]);
  expect(await failureOf(rig)).toMatchObject({ message: expect.stringContaining('compares numbers') });
  rig.write({ 'pipelines/rides.yaml': pipeline(QUERY, '\n    time_format: seconds') });
  expect(await failureOf(rig)).toMatchObject({ message: expect.stringContaining('compares texts') });
});

it('takes rows by what the query compares: a function of SQLite, another column', async () => {
  const day = "strftime('%Y-%m-%dT%H:%M:%fZ', at)";
  using rig = rigWith(
    'text',
    EDGES.map((at) => [at]),
    QUERY.replace('at >=', `${day} >=`).replace('at <', `${day} <`),
  );
  expect(await run(rig)).toMatchObject({ exit: 0 });
  expect(countsOf(rig)).toEqual([2, 2, 0]);
  const other = QUERY.replace('at >=', 'x >=').replace('at <', 'x <');
  using second = rigWith('text', [['2025-11-01 10:00:00', '2026-01-02T00:00:00.000Z']], other);
  expect(await run(second)).toMatchObject({ exit: 0 });
  expect(countsOf(second)).toEqual([1, 0, 0]);
});

it.each([
  ['in the first window', [null, 7n, 8n], 'BIGINT'],
  ['in a later window', [1.5, null, 2], 'DOUBLE'],
  ['in the last window', ['a', 'b', null], 'VARCHAR'],
])('a column without values %s goes with the type of the others', async (_, values, type) => {
  const rows = values.map((x, i) => [`2026-01-${String(2 + 7 * i).padStart(2, '0')}T00:00:00.000Z`, x] as const);
  using rig = rigWith('text', rows);
  expect(await run(rig)).toMatchObject({ exit: 0 });
  const files = rig.files('.refit/sources');
  expect(files).toHaveLength(3);
  const types = await Promise.all(files.map(async (file) => (await readParquet(join(rig.root, file))).types[2]));
  const known = types.slice(values.findIndex((one) => one !== null));
  expect(known).toEqual(known.map(() => type));
});

it('a window without values says nothing about a type that another window settles later', async () => {
  using rig = rigWith('text', [['2026-01-02T00:00:00.000Z', null]]);
  expect(await rig.refit('run', 'rides', '--now', '2026-01-09')).toMatchObject({ exit: 0 });
  const db = new Database(join(rig.root, 'rides.db'));
  db.exec("insert into rides(at, x) values ('2026-01-10T00:00:00.000Z', 5), ('2026-01-16T00:00:00.000Z', 'no number')");
  expect(await rig.refit('run', 'rides', '--now', '2026-01-15')).toMatchObject({ exit: 0 });
  expect(await failureOf(rig)).toMatchObject({
    code: 'source-columns-changed',
    message: expect.stringContaining('x: BIGINT, now VARCHAR'),
  });
  db.close();
});
