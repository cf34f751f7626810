import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../../support/rig.js';
import { hasMariadb, type MariadbServer, startMariadb } from '../../../support/servers/mariadb.js';
import { readParquet } from '../read-parquet.js';

const isThere = hasMariadb();
let server: MariadbServer;
beforeAll(async () => {
  if (isThere) server = await startMariadb({ more: ['--log-bin=log-bin', '--server-id=1'] });
}, 300_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const pipeline = (source: string): string => `pipeline: rides
datasets:
  rides:
    source: mysql
    url: { from: RIDES_URL }
    time: at
${source}
steps:
  train:
    run: cat \${{ datasets.rides }} > model.txt
    inputs: ["\${{ datasets.rides }}"]
    outputs: [model.txt]
model: model.txt
`;

const WINDOWS = '    from: 2026-01-01\n    every: 7d';
const source = (table: string, more = WINDOWS): string => `    query: >-
      select id, at, fare from ${table} where at >= \${{ window.from }} and at < \${{ window.until }} order by id\n${more}`;

const rigFor = (lines: string, url = server.url): Rig =>
  createRig({ 'pipelines/rides.yaml': pipeline(lines) }, { RIDES_URL: url });

/** 20 days with a row an hour; `at` is a moment, as MySQL keeps them with a zone. */
const createTable = (name: string): Promise<unknown> =>
  server.run(
    `create table ${name}(id bigint primary key, at timestamp(6) not null, fare decimal(8, 2), updated timestamp(6) default current_timestamp(6))`,
    "set time_zone = '+00:00'",
    `insert into ${name}(id, at, fare) select seq, timestamp '2026-01-01 00:00:00' + interval seq hour, seq * 1.25 from seq_0_to_479`,
  );

describe.skipIf(!isThere)('a dataset from MySQL or MariaDB', () => {
  it('is read once for each final window, with the position in the log', async () => {
    await createTable('once');
    using rig = rigFor(source('once'));
    const first = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(first).toMatchObject({ exit: 0 });
    const rows = rig.query('SELECT * FROM source_snapshot ORDER BY id');
    expect(rows.map(({ window_from, rows: n }) => [window_from.slice(0, 10), n])).toEqual([
      ['2026-01-01', 168],
      ['2026-01-08', 168],
      ['2026-01-15', 120],
    ]);
    expect(rows[0]).toMatchObject({
      kind: 'mysql',
      place: `127.0.0.1:${server.port}/rides`,
      version: expect.stringMatching(/^binlog log-bin\.\d+:\d+$/),
    });
    const second = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(second.stderr).not.toContain('reading dataset');
    expect(second.stderr).toContain('skipped   train');
  });

  it('names rows that came late, and reproduces what was read before', async () => {
    await createTable('late');
    using rig = rigFor(source('late'));
    await rig.refit('run', 'rides', '--now', '2026-01-20');
    await server.run(
      "insert into late(id, at, fare) values (9001, '2026-01-03', 1), (9002, '2026-01-03', 2)",
      'delete from late where id = 200',
    );
    const again = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(again.stderr).toContain('window 2026-01-01 to 2026-01-08: 2 rows came late (168 → 170)');
    expect(again.stderr).toContain('window 2026-01-08 to 2026-01-15: 1 row is gone (168 → 167)');
    await server.run('drop table late');
    expect(await rig.json(0, 'reproduce', 'rides@1')).toMatchObject({ verdict: 'same', lost_inputs: [] });
  });

  it('sees changes by the newest value of a column', async () => {
    await createTable('changed');
    using rig = rigFor(
      source('changed', `${WINDOWS}\n    on_late: read\n    updated: updated`).replace('id, at, fare', '*'),
    );
    await rig.refit('run', 'rides', '--now', '2026-01-20');
    const before = rig.read('model.txt');
    expect((await rig.refit('run', 'rides', '--now', '2026-01-20')).stderr).not.toContain('reading dataset');
    await server.run('update changed set fare = 0, updated = current_timestamp(6) where id = 3');
    const again = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(again.stderr).toMatch(/window 2026-01-01 to 2026-01-08: rows were changed .*; the window is read again/);
    expect(rig.read('model.txt')).not.toBe(before);
  });

  it('binds params and bounds: a value is never part of the statement', async () => {
    await createTable('bound');
    const text = pipeline(
      `    query: select id, at from bound where at >= \${{ window.from }} and at < \${{ window.until }} and concat(id, '?') <> \${{ params.not }} and id > \${{ params.least }} order by id limit \${{ params.most }}`,
    );
    using rig = createRig(
      { 'pipelines/rides.yaml': `${text}params: { not: "x'; drop table bound; -- \\\\", least: 9, most: 400 }\n` },
      { RIDES_URL: server.url },
    );
    expect(await rig.refit('run', 'rides', '--now', '2026-01-20')).toMatchObject({ exit: 0 });
    expect(rig.query('SELECT rows FROM source_snapshot')).toEqual([{ rows: 400 }]);
  });

  it('cannot write: the transaction only reads', async () => {
    await createTable('kept');
    await server.run(
      'create function wipe() returns bigint deterministic modifies sql data begin delete from kept; return 1; end',
      "grant all on rides.* to reader@'127.0.0.1'",
    );
    try {
      using rig = rigFor('    query: select wipe() as at');
      const ended = await rig.refit('run', 'rides', '--json');
      expect(JSON.parse(ended.stdout)).toMatchObject({
        error: { code: 'source-query-refused', message: expect.stringContaining('READ ONLY') },
      });
      expect(await server.run('select count(*) as n from kept')).toEqual([{ n: 480 }]);
    } finally {
      await server.run(
        "revoke all on rides.* from reader@'127.0.0.1'",
        "grant select on rides.* to reader@'127.0.0.1'",
      );
    }
  });
});

describe.skipIf(!isThere)('values of MySQL', () => {
  const read = async (query: string) => {
    using rig = rigFor(`    query: ${JSON.stringify(query)}`);
    expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
    const [file = ''] = rig.files('.refit/sources');
    return await readParquet(join(rig.root, file));
  };

  it('are kept exactly', async () => {
    await server.run(
      `create table exact(big bigint, huge bigint unsigned, tiny tinyint, flag bool, mid mediumint unsigned, price decimal(20, 4),
        wide decimal(65, 2), day date, at datetime(6), plain datetime, seen timestamp(3) null, took time(2), year year, code varchar(9), note text, latin varchar(9) character set latin1,
        bits bit(12), bit bit(1), bytes varbinary(9), raw blob, doc json, kind enum('a', 'b'), tags set('x', 'y'), r float, d double)`,
      "set time_zone = '+02:00'",
      `insert into exact values (9007199254740993, 18446744073709551615, -128, true, 16777215, 1234567890123456.7891,
        123456789012345678901234567890.12, '2026-02-28', '2026-02-28 12:00:00.000005', '2026-02-28 12:00:00', '2026-02-28 12:00:00.5', '-36:00:00.25', 2026, '007', '', 'ö',
        b'100000000001', b'1', x'00ff', x'01', '{"a": "x,\\\\"y\\\\""}', 'b', 'x,y', 0.1, 0.1)`,
      `insert into exact(at, note, bit, d, code) values ('2026-02-28 00:00:00', 'say "hi", \\\\N\\nö', b'0', 1e300, null)`,
    );
    const { types, rows } = await read('select * from exact order by big desc');
    expect(types).toEqual([
      'BIGINT',
      'UBIGINT',
      'TINYINT',
      'TINYINT',
      'UINTEGER',
      'DECIMAL(20,4)',
      'DECIMAL(38,2)',
      'DATE',
      'TIMESTAMP',
      'TIMESTAMP',
      'TIMESTAMP WITH TIME ZONE',
      'VARCHAR',
      'SMALLINT',
      'VARCHAR',
      'VARCHAR',
      'VARCHAR',
      'UBIGINT',
      'BOOLEAN',
      'BLOB',
      'BLOB',
      'VARCHAR',
      'VARCHAR',
      'VARCHAR',
      'FLOAT',
      'DOUBLE',
    ]);
    expect(rows[0]).toEqual([
      '9007199254740993',
      '18446744073709551615',
      '-128',
      '1',
      '16777215',
      '1234567890123456.7891',
      '123456789012345678901234567890.12',
      '2026-02-28',
      '2026-02-28 12:00:00.000005',
      '2026-02-28 12:00:00',
      '2026-02-28 10:00:00.5+00',
      '-36:00:00.25',
      '2026',
      '007',
      '',
      'ö',
      '2049',
      'true',
      '\\x00\\xFF',
      '\\x01',
      '{"a": "x,\\"y\\""}',
      'b',
      'x,y',
      '0.1',
      '0.1',
    ]);
    const [, second = []] = rows;
    expect(second[8]).toBe('2026-02-28 00:00:00');
    expect(second.slice(13, 15)).toEqual([null, 'say "hi", \\N\nö']);
    expect(second[17]).toBe('false');
    expect(second[24]).toBe('1e+300');
  });

  it('of an expression have its type: sums, averages, NULL and texts', async () => {
    const { types, rows } = await read(
      "select now() as at, sum(a) as total, avg(a) as mean, null as nothing, 'x' as word, 1.5 as d from (select 9007199254740993 as a union all select 2) as t",
    );
    expect(types.slice(1)).toEqual([
      'DECIMAL(38,0)',
      expect.stringMatching(/^DECIMAL\(\d+,4\)$/),
      'VARCHAR',
      'VARCHAR',
      'DECIMAL(2,1)',
    ]);
    expect(rows[0]?.slice(1, 4)).toEqual(['9007199254740995', '4503599627370497.5000', null]);
  });

  it.each([
    ['a day that does not exist', "cast('2026-01-00' as date)", 'it holds 2026-01-00'],
    ['the zero date', 'zero.day', 'it holds 0000-00-00'],
    ['a point on a map', 'point(1, 2)', 'st_astext(v)'],
    ['a number of too many digits', 'cast(1e50 as decimal(65, 2))', 'more than 36 digits before the point'],
  ])('that Parquet cannot hold are refused: %s', async (_, expression, words) => {
    await server.run(
      "set sql_mode = ''",
      'create or replace table zero(day date)',
      "insert into zero values ('0000-00-00')",
    );
    using rig = rigFor(`    query: select now() as at, ${expression} as v from zero`);
    const ended = await rig.refit('run', 'rides', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-value-unfit' } });
    expect(ended.stdout).toContain(words);
    expect(rig.has('.refit/sources')).toBe(false);
  });
});

describe.skipIf(!isThere)('a query of MySQL that is more than one', () => {
  it.each([
    ['ends the statement around it', 'select 1 as u) as x where (1 = 1'],
    ['has two statements', 'select 1 as u; drop table HIT'],
    ['hides the end behind a text', "select 'a\\\\' as u) as x where (1 = '1'"],
    ['writes a file of the server', "select now() as u into outfile 'FILE'"],
    ['writes a file of the server behind a parenthesis', "(select now() as u)into outfile 'FILE'"],
    ['writes a file in a comment that runs', "select now() as u /*!50000 into outfile 'FILE' */"],
    ['writes a file in a comment of MariaDB', "select now() as u /*M!100000 into outfile 'FILE' */"],
    ['ends the transaction', '/* a */ # b\n commit'],
    ['has a text without an end', "select 'a"],
    ['has a placeholder of its own', 'select ? as u'],
  ])('is refused where it %s', async (_, query) => {
    await server.run('create or replace table hit(id int)');
    const file = join(server.folder, 'data', 'written');
    using rig = rigFor(
      `    query: ${JSON.stringify(query.replaceAll('HIT', 'hit').replace('FILE', file))}`,
      server.ownerUrl,
    );
    const ended = await rig.refit('run', 'rides', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-query-refused' } });
    expect(await server.run('select count(*) as n from hit', `select load_file('${file}') as f`)).toEqual([
      { f: null },
    ]);
  });

  it.each([
    "select now() as at, '; ? ) it''s' as t, \"into ( \\\" ;\" as d, `a``; (`.b as q from (select 1 as b) as `a``; (` -- ; (\n # ) '\n /* ; ( ' */",
    "select now() as at, 'a\\' as u) as x, (select ' as v",
    '-- first\n (select now() as at)',
    'with a as (select now() as at) select * from a;',
  ])('is read where its quotes and comments only look like it: %s', async (query) => {
    using rig = rigFor(`    query: ${JSON.stringify(query)}`);
    expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
  });

  it('means the same whatever quotes mean on the server', async () => {
    await server.run("set global sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'");
    try {
      using rig = rigFor(`    query: ${JSON.stringify(`select now() as at, "a\\"b" as t`)}`);
      expect(await rig.refit('run', 'rides')).toMatchObject({ exit: 0 });
    } finally {
      await server.run('set global sql_mode = default');
    }
  });
});
