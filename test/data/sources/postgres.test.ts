import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/servers/postgres.js';
import { readParquet } from './read-parquet.js';

const isThere = hasPostgres();
let server: PostgresServer;
beforeAll(async () => {
  if (isThere) server = await startPostgres();
}, 300_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const TRAIN = `const { readFileSync, writeFileSync } = require('node:fs');
const files = process.argv.slice(2);
writeFileSync('model.txt', files.map((file) => readFileSync(file).toString('base64')).join('\\n'));
writeFileSync('metrics.json', JSON.stringify({ files: files.length }));
`;

const pipeline = (source: string): string => `pipeline: rides
datasets:
  rides:
    source: postgres
    url: { from: RIDES_URL }
    time: at
${source}
steps:
  train:
    run: node train.cjs \${{ datasets.rides }}
    inputs: [train.cjs, "\${{ datasets.rides }}"]
    outputs: [model.txt]
    metrics: metrics.json
model: model.txt
`;

const QUERY = `    query: >-
      select id, at, fare from TABLE where at >= \${{ window.from }} and at < \${{ window.until }} order by id`;

const rigFor = (source: string, url = server.url): Rig =>
  createRig({ 'pipelines/rides.yaml': pipeline(source), 'train.cjs': TRAIN }, { RIDES_URL: url });

async function createTable(name: string): Promise<void> {
  await server.run(`create table ${name}(id bigint, at timestamptz, fare numeric(8,2), updated timestamptz default now());
    insert into ${name}(id, at, fare) select i, timestamptz '2026-01-01' + i * interval '1 hour', i * 1.25
    from generate_series(0, 24 * 20 - 1) as i`);
}

const WINDOWS = '    from: 2026-01-01\n    every: 7d';
const source = (table: string, more = WINDOWS): string => `${QUERY.replace('TABLE', table)}\n${more}`;

/** What a run read, and what it made of it. */
const model = (rig: Rig): string => rig.read('model.txt');

describe.skipIf(!isThere)('a dataset from PostgreSQL', () => {
  it('is read once for each final window, and each reading is recorded', async () => {
    await createTable('once');
    using rig = rigFor(source('once'));
    const first = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(first).toMatchObject({ exit: 0 });
    expect(first.stderr).toContain('reading dataset "rides": 2026-01-01 to 2026-01-08');
    const rows = rig.query('SELECT * FROM source_snapshot ORDER BY id');
    expect(
      rows.map(({ window_from, window_until, rows: n }) => [window_from.slice(0, 10), window_until.slice(0, 10), n]),
    ).toEqual([
      ['2026-01-01', '2026-01-08', 168],
      ['2026-01-08', '2026-01-15', 168],
      ['2026-01-15', '2026-01-20', 120],
    ]);
    expect(rows[0]).toMatchObject({
      kind: 'postgres',
      place: `127.0.0.1:${server.port}/rides`,
      question: expect.stringContaining('at >= ${{ window.from }}'),
      version: expect.stringMatching(/^snapshot \d+:\d+:.* lsn [0-9A-F]+\/[0-9A-F]+$/),
    });
    const second = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(second).toMatchObject({ exit: 0 });
    expect(second.stderr).not.toContain('reading dataset');
    expect(second.stderr).toContain('skipped   train');
    expect(rig.query('SELECT count(*) AS n FROM source_snapshot')).toEqual([{ n: 3 }]);
  });

  it('names rows that came late, and keeps the snapshot', async () => {
    await createTable('late');
    using rig = rigFor(source('late'));
    await rig.refit('run', 'rides', '--now', '2026-01-20');
    const before = model(rig);
    await server.run(`insert into late(id, at, fare) values (9001, '2026-01-03', 1), (9002, '2026-01-03', 2);
      delete from late where id = 200`);
    const again = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(again.stderr).toContain('window 2026-01-01 to 2026-01-08: 2 rows came late (168 → 170)');
    expect(again.stderr).toContain('window 2026-01-08 to 2026-01-15: 1 row is gone (168 → 167)');
    expect(again.stderr).not.toContain('window 2026-01-15');
    expect(model(rig)).toBe(before);
  });

  it('reads windows with late rows again where it is told to', async () => {
    await createTable('relate');
    using rig = rigFor(
      source('relate', `${WINDOWS}\n    on_late: read\n    updated: updated`).replace('id, at, fare', '*'),
    );
    await rig.refit('run', 'rides', '--now', '2026-01-20');
    const before = model(rig);
    await server.run(`update relate set fare = 0, updated = now() where id = 3`);
    const again = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(again.stderr).toMatch(/window 2026-01-01 to 2026-01-08: rows were changed .*; the window is read again/);
    expect(again.stderr).toContain('reading dataset "rides": 2026-01-01 to 2026-01-08');
    expect(model(rig)).not.toBe(before);
    expect((await rig.refit('run', 'rides', '--now', '2026-01-20')).stderr).not.toContain('late');
  });

  it('is reproduced with the same bytes after the table has changed', async () => {
    await createTable('changed');
    using rig = rigFor(source('changed'));
    await rig.refit('run', 'rides', '--now', '2026-01-20');
    await server.run('update changed set fare = fare + 1; drop table changed');
    rig.remove('.refit/sources');
    expect(await rig.json(0, 'reproduce', 'rides@1')).toMatchObject({ verdict: 'same', lost_inputs: [] });
  });

  it('keeps every type exactly', async () => {
    await server.run(`create table exact(big bigint, price numeric(20, 4), free numeric, day date, local timestamp,
      at timestamptz, code text, note text, ok boolean, bytes bytea, id uuid, doc jsonb, tags text[], r real, d double precision, n integer)`);
    await server.run(`insert into exact values
      (9007199254740993, 1234567890123456.7891, 0.123456789, '2026-02-28', '2026-02-28 12:00:00.123456', '2026-02-28 12:00:00.5+02',
       '007', '', true, '\\x00ff', '11111111-2222-3333-4444-555555555555', '{"a": "x,\\"y\\""}', '{a,b}', 0.1, 0.1, null),
      (null, null, null, null, null, '2026-02-28 12:00+02', 'say "hi", \\N' || chr(10) || 'ö', null, false, '', null, null, null, 'NaN', 'Infinity', 7)`);
    using rig = createRig(
      {
        'pipelines/rides.yaml': pipeline('    query: select * from exact order by big nulls last'),
        'train.cjs': TRAIN,
      },
      { RIDES_URL: server.url },
    );
    expect(await rig.refit('run', 'rides', '--now', '2026-03-01')).toMatchObject({ exit: 0 });
    const [file = ''] = rig.files('.refit/sources');
    const { types, rows } = await readParquet(join(rig.root, file));
    expect(types).toEqual([
      'BIGINT',
      'DECIMAL(20,4)',
      'DECIMAL(38,9)',
      'DATE',
      'TIMESTAMP',
      'TIMESTAMP WITH TIME ZONE',
      'VARCHAR',
      'VARCHAR',
      'BOOLEAN',
      'BLOB',
      'UUID',
      'VARCHAR',
      'VARCHAR',
      'FLOAT',
      'DOUBLE',
      'INTEGER',
    ]);
    expect(rows).toEqual([
      [
        '9007199254740993',
        '1234567890123456.7891',
        '0.123456789',
        '2026-02-28',
        '2026-02-28 12:00:00.123456',
        '2026-02-28 10:00:00.5+00',
        '007',
        '',
        'true',
        '\\x00\\xFF',
        '11111111-2222-3333-4444-555555555555',
        '{"a": "x,\\"y\\""}',
        '{a,b}',
        '0.1',
        '0.1',
        null,
      ],
      [
        null,
        null,
        null,
        null,
        null,
        '2026-02-28 10:00:00+00',
        'say "hi", \\N\nö',
        null,
        'false',
        '',
        null,
        null,
        null,
        'nan',
        'inf',
        '7',
      ],
    ]);
  });

  it('holds few rows at a time where they are large', async () => {
    using rig = createRig(
      {
        'pipelines/rides.yaml': pipeline(
          `    query: select now() as at, repeat('x', 1000000) as t from generate_series(1, 400)`,
        ),
        'train.cjs': TRAIN,
      },
      { RIDES_URL: server.url, NODE_OPTIONS: '--max-old-space-size=150' },
    );
    expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  });

  it('binds params and bounds: a value is never part of the statement', async () => {
    await createTable('bound');
    const text = pipeline(
      `    query: select id, at from bound where at >= \${{ window.from }} and at < \${{ window.until }} and id::text <> \${{ params.not }}`,
    );
    using rig = createRig(
      { 'pipelines/rides.yaml': `${text}params: { not: "x'; drop table bound; --" }\n`, 'train.cjs': TRAIN },
      { RIDES_URL: server.url },
    );
    expect(await rig.refit('run', 'rides', '--now', '2026-01-20')).toMatchObject({ exit: 0 });
    expect(rig.query('SELECT rows, params_json FROM source_snapshot')).toEqual([
      { rows: 456, params_json: `{"not":"x'; drop table bound; --"}` },
    ]);
    expect(await server.run('select count(*)::int as n from bound')).toEqual([{ n: 480 }]);
  });

  it('cannot write: the transaction only reads', async () => {
    await createTable('kept');
    await server.run(
      `create function wipe() returns bigint language plpgsql as 'begin delete from kept; return 1; end'; grant all on kept to reader`,
    );
    using rig = createRig(
      { 'pipelines/rides.yaml': pipeline('    query: select wipe() as id'), 'train.cjs': TRAIN },
      { RIDES_URL: server.url },
    );
    const run = await rig.refit('run', 'rides');
    expect(run).toMatchObject({ exit: 1, stderr: expect.stringContaining('read-only transaction') });
    expect(await server.run('select count(*)::int as n from kept')).toEqual([{ n: 480 }]);
  });
});

describe.skipIf(!isThere)('a query that is more than one', () => {
  it.each([
    ['ends the statement around it', 'select 1 as u) as x; commit; drop table HIT; select * from (select 2 as u'],
    ['ends it without a semicolon', "select now() as u) as x, (select 'a''b' as u"],
    ['hides the end in a comment', 'select 1 as u /* /* */ ( */) as x, (select 2 as u'],
    ['hides the end behind a text', "select e'\\'' as u) as x; drop table HIT; select (E'\\'' "],
    ['has two statements', 'select 1 as u; drop table HIT'],
    ['writes a file of the server', "copy (select 1 as u) to program 'touch /tmp/HIT'"],
    ['ends the transaction', '/* a */ -- b\ncommit'],
    ['has a text without an end', "select 'a"],
  ])('is refused where it %s', async (_, query) => {
    await createTable('hit');
    const lines = pipeline(`    query: ${JSON.stringify(query.replaceAll('HIT', 'hit'))}\n    updated: u`);
    using rig = createRig({ 'pipelines/rides.yaml': lines, 'train.cjs': TRAIN }, { RIDES_URL: server.ownerUrl });
    const ended = await rig.refit('run', 'rides', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-query-refused' } });
    expect(await server.run('select count(*)::int as n from hit')).toEqual([{ n: 480 }]);
    await server.run('drop table hit');
  });

  it.each([
    "select now() as at, '; ) it''s' as t, $$ ; ( $$ as d, $q$ $$ ) $q$ as q, \"; (\".a -- ; (\n from (select 1 as a) as \"; (\" /* ; /* ( */ ' */",
    '-- first\n (select now() as at)',
    "with a as (select now() as at, e'\\' ; (' as t) select * from a;",
  ])('is read where its quotes and comments only look like it: %s', async (query) => {
    using rig = createRig(
      { 'pipelines/rides.yaml': pipeline(`    query: ${JSON.stringify(query)}`), 'train.cjs': TRAIN },
      { RIDES_URL: server.url },
    );
    expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  });
});

describe.skipIf(!isThere)('a PostgreSQL that says no', () => {
  const failing = async (rig: Rig, code: string, ...args: readonly string[]) => {
    const ended = await rig.refit('run', 'rides', '--json', ...args);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
    expect(rig.has('.refit/sources')).toBe(false);
    expect(ended.stdout + ended.stderr).not.toContain('only-reads');
    return ended;
  };

  it.each([
    ['a wrong password', (url: string) => url.replace('only-reads', 'x'), 'source-login-refused'],
    ['a port where nothing listens', (url: string) => url.replace(/:\d+\//, ':1/'), 'source-unreachable'],
    ['a name that nobody has', (url: string) => url.replace('127.0.0.1', 'no-such-host.invalid'), 'source-unreachable'],
    ['a database that does not exist', (url: string) => url.replace(/rides$/, 'nope'), 'source-unreachable'],
    ['another kind of URL', () => 'mysql://a:only-reads-b@c/d', 'source-url-invalid'],
    ['no URL', () => '', 'source-url-invalid'],
  ])('%s', async (_, change, code) => {
    using rig = rigFor(source('once'), change(server.url));
    await failing(rig, code);
  });

  it('a table that the user may not read', async () => {
    await server.run('create table secret(id int, at timestamptz, fare int); revoke all on secret from reader');
    using rig = rigFor(source('secret'));
    expect((await failing(rig, 'source-permission-denied')).stdout).toContain('permission denied for table secret');
  });

  it('a table that does not exist', async () => {
    using rig = rigFor(source('nowhere'));
    await failing(rig, 'source-query-refused');
  });

  it('a query that takes too long', async () => {
    using rig = createRig(
      { 'pipelines/rides.yaml': pipeline('    query: select pg_sleep(30)\n    timeout: 500ms'), 'train.cjs': TRAIN },
      { RIDES_URL: server.url },
    );
    const started = Date.now();
    await failing(rig, 'source-timed-out');
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it('a number without a precision that has too many decimals', async () => {
    using rig = createRig(
      { 'pipelines/rides.yaml': pipeline('    query: select 1::numeric / 3 as third'), 'train.cjs': TRAIN },
      { RIDES_URL: server.url },
    );
    expect((await failing(rig, 'source-value-unfit')).stdout).toContain('third::numeric(30, 12)');
  });

  it.each([
    ['a numeric with more digits', '123456789012345678901234567890123456789::numeric(50, 2)', 'DECIMAL(38, 2)'],
    ['a moment after all others', "'294276-12-31 23:59:59'::timestamptz", 'TIMESTAMPTZ'],
  ])('a value that no type of Parquet holds: %s', async (_, value, type) => {
    using rig = createRig(
      { 'pipelines/rides.yaml': pipeline(`    query: "select now() as at, ${value} as odd"`), 'train.cjs': TRAIN },
      { RIDES_URL: server.url },
    );
    const { error } = JSON.parse((await failing(rig, 'source-value-unfit')).stdout);
    expect(error.message).toContain(`which is no value of the type ${type}`);
    expect(error.next).toContain('cast(odd as text)');
  });

  it('columns that have changed beside earlier windows', async () => {
    await createTable('columns');
    using rig = rigFor(source('columns').replace('id, at, fare', '*'));
    expect(await rig.refit('run', 'rides', '--now', '2026-01-10')).toMatchObject({ exit: 0 });
    await server.run(
      'alter table columns drop fare; alter table columns add price int; alter table columns alter id type int',
    );
    const ended = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(ended).toMatchObject({ exit: 4 });
    expect(ended.stderr).toContain('missing fare, added price, of another type id: BIGINT, now INTEGER');
  });

  it('a connection that breaks in the middle: nothing of that window is kept', async () => {
    await createTable('slow');
    await server.run(
      `create view slowly as select id, at, fare from slow where id < 168 or pg_sleep(0.05) is not null; grant select on slowly to reader`,
    );
    using rig = rigFor(source('slowly'));
    const run = rig.start('run', 'rides', '--now', '2026-01-20', '--json');
    await run.said('reading dataset "rides": 2026-01-08');
    await server.run(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'`);
    const ended = await run.ended;
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-broken-off' } });
    expect(rig.query('SELECT window_from FROM source_snapshot')).toEqual([{ window_from: '2026-01-01T00:00:00.000Z' }]);
    expect(rig.files('.refit/tmp')).toEqual([]);
  });

  it('an interruption ends the wait', async () => {
    using rig = createRig(
      { 'pipelines/rides.yaml': pipeline('    query: select pg_sleep(300)'), 'train.cjs': TRAIN },
      { RIDES_URL: server.url },
    );
    const run = rig.start('run', 'rides');
    await run.said('reading dataset "rides"');
    const at = Date.now();
    run.kill('SIGINT');
    await run.ended;
    expect(Date.now() - at).toBeLessThan(5000);
  });
});
