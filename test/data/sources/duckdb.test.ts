import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';
import { readParquet } from './read-parquet.js';

const pipeline = (lines: string): string => `pipeline: rides
datasets:
  rides:
    source: duckdb
    path: data/rides.duckdb
${lines}
    time: at
steps:
  train: { run: 'cat \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
model: model.txt
`;

const WINDOWED = `    query: select * from rides where "at" >= \${{ window.from }} and "at" < \${{ window.until }} order by id
    from: 2026-01-01
    every: 7d`;

async function write(rig: Rig, ...statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(join(rig.root, 'data/rides.duckdb'));
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

async function rigWith(lines: string): Promise<Rig> {
  const rig = createRig({ 'pipelines/rides.yaml': pipeline(lines), 'data/.keep': '', 'data/other.csv': 'a\n1\n' });
  await write(
    rig,
    "create table rides as select i as id, timestamp '2026-01-01' + i * interval 1 hour as at, i * 1.25::decimal(8, 2) as fare, now()::timestamp as updated from range(480) t(i)",
  );
  return rig;
}

it('reads a DuckDB file in windows, names late rows and reproduces', async () => {
  using rig = await rigWith(`${WINDOWED}\n    updated: updated`);
  const first = await rig.refit('run', 'rides', '--now', '2026-01-20');
  expect(first).toMatchObject({ exit: 0 });
  expect(rig.query('SELECT kind, place, rows FROM source_snapshot ORDER BY id')).toEqual(
    [168, 168, 120].map((rows) => ({ kind: 'duckdb', place: 'data/rides.duckdb', rows })),
  );
  expect((await rig.refit('run', 'rides', '--now', '2026-01-20')).stderr).not.toContain('reading dataset');
  await write(rig, "insert into rides values (9001, '2026-01-03', 1, now()::timestamp)");
  const again = await rig.refit('run', 'rides', '--now', '2026-01-20');
  expect(again.stderr).toContain('window 2026-01-01 to 2026-01-08: 1 row came late (168 → 169)');
  expect(await rig.json(0, 'reproduce', 'rides@1')).toMatchObject({ verdict: 'same', lost_inputs: [] });
});

it('keeps types that Parquet does not have exactly', async () => {
  using rig = await rigWith(
    '    query: select now() as at, 9007199254740993::hugeint as sum, interval 1 microsecond as took, true as ok, 0.1::float as f, [1, 2] as list',
  );
  expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  const [file = ''] = rig.files('.refit/sources');
  const { types, rows } = await readParquet(join(rig.root, file));
  expect(types).toEqual(['TIMESTAMP WITH TIME ZONE', 'DECIMAL(38,0)', 'VARCHAR', 'BOOLEAN', 'FLOAT', 'INTEGER[]']);
  expect(rows[0]?.slice(1)).toEqual(['9007199254740993', '00:00:00.000001', 'true', '0.1', '[1, 2]']);
});

it('keeps large whole numbers within lists and structs', async () => {
  using rig = await rigWith(
    "    query: >-\n      select now() as at, [12345678901234567890123::hugeint] as sums, {'interval': 12345678901234567890123::hugeint} as one",
  );
  expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  const [file = ''] = rig.files('.refit/sources');
  const { types, rows } = await readParquet(join(rig.root, file));
  expect(types.slice(1)).toEqual(['DECIMAL(38,0)[]', 'STRUCT("interval" DECIMAL(38,0))']);
  expect(rows[0]?.slice(1).join(' ')).toMatch(/12345678901234567890123.*12345678901234567890123/);
});

it('refuses a column of times that is a text, which would be compared letter by letter', async () => {
  using rig = await rigWith(
    WINDOWED.replaceAll(/"at"(?= [<>])/g, '"at"::varchar').replace('select *', 'select id, "at"::varchar as "at"'),
  );
  const ended = await rig.refit('run', 'rides', '--now', '2026-01-20');
  expect(ended.exit).toBe(4);
  expect(ended.stderr).toContain('the column "at" holds no times (VARCHAR)');
  expect(ended.stderr).toContain('cast(at as timestamp)');
  expect(rig.has('model.txt')).toBe(false);
});

it('binds params as values', async () => {
  using rig = await rigWith(
    '    query: select rides.at from rides where id < ${{ params.most }} and "at"::varchar <> ${{ params.not }}',
  );
  rig.write({
    'pipelines/rides.yaml': `${rig.read('pipelines/rides.yaml')}params: { most: 9, not: "x'; drop table rides; --" }\n`,
  });
  expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  expect(rig.query('SELECT rows FROM source_snapshot')).toEqual([{ rows: 9 }]);
});

it.each([
  ['an unknown table', 'select now() as at from ride', 'source-query-refused', 'ride does not exist'],
  ['a statement that writes', 'delete from rides', 'source-query-refused', ''],
  ['two statements', 'select 1 as at; drop table rides', 'source-query-refused', ''],
  [
    'a file outside of the workspace',
    "select * from read_text('/etc/hostname')",
    'data-outside-workspace',
    '/etc/hostname',
  ],
  ['two columns of one name', 'select id, id from rides', 'source-query-refused', 'two columns called'],
])('says what is wrong with a query: %s', async (_, query, code, words) => {
  using rig = await rigWith(`    query: ${JSON.stringify(query)}`);
  const ended = await rig.refit('run', 'rides', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  expect(ended.stdout).toContain(words);
  expect(rig.has('.refit/sources')).toBe(false);
});

it.each([
  ['no such file', 'data/none.duckdb', 'source-unreachable'],
  ['a file that is no database', 'data/other.csv', 'source-unreachable'],
  ['a link out of the workspace', 'data/link.duckdb', 'data-outside-workspace'],
])('says what is wrong with the file: %s', async (_, path, code) => {
  using rig = await rigWith(WINDOWED);
  symlinkSync('/etc/hostname', join(rig.root, 'data/link.duckdb'));
  rig.write({ 'pipelines/rides.yaml': rig.read('pipelines/rides.yaml').replace('data/rides.duckdb', path) });
  const ended = await rig.refit('run', 'rides', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
});

it('ends a query that takes too long, and one at a signal', async () => {
  const slow =
    '    query: select now() as at, count(*) as n from range(100000000) a(i), range(100000000) b(j) where i * j % 7 = 3';
  using rig = await rigWith(`${slow}\n    timeout: 1s`);
  const ended = await rig.refit('run', 'rides', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-timed-out' } });
  rig.write({ 'pipelines/rides.yaml': pipeline(slow) });
  const run = rig.start('run', 'rides');
  await run.said('reading dataset');
  const sent = performance.now();
  run.kill('SIGINT');
  await run.ended;
  expect(performance.now() - sent).toBeLessThan(30_000);
});

it('is opened with an announcement, and refused with --no-commands', async () => {
  using rig = await rigWith(WINDOWED);
  const checked = await rig.refit('check-data', 'rides', '--now', '2026-01-20');
  expect(checked.stderr).toContain('opens the DuckDB database data/rides.duckdb for dataset "rides"');
  const refused = await rig.refit('check-data', 'rides', '--no-commands', '--json');
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'source-refused' } });
});
