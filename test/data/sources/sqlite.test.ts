import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';
import { readParquet } from './read-parquet.js';

const pipeline = (lines: string): string => `pipeline: rides
datasets:
  rides:
${lines}
    time: at
steps:
  train:
    run: cat \${{ datasets.rides }} > model.txt
    inputs: ["\${{ datasets.rides }}"]
    outputs: [model.txt]
model: model.txt
`;

const SQLITE = `    source: sqlite
    path: data/rides.db
    query: select * from rides where at >= \${{ window.from }} and at < \${{ window.until }} order by id
    from: 2026-01-01
    every: 7d`;

function rigWith(lines: string): Rig {
  const rig = createRig({ 'pipelines/rides.yaml': pipeline(lines), 'data/.keep': '' });
  using db = open(rig);
  db.db.exec(
    `create table rides(id integer primary key, at text, big integer, price real, code text, note text, bytes blob, any)`,
  );
  const add = db.db.prepare('insert into rides values (?, ?, ?, ?, ?, ?, ?, ?)');
  add.run(1, '2026-01-02T10:00:00Z', 9007199254740993n, 1.5, '007', '', Buffer.from([0, 255]), null);
  add.run(2, '2026-01-03T10:00:00Z', null, 2, 'say "x"\n', null, null, 7n);
  return rig;
}

function open(rig: Rig) {
  const db = new Database(join(rig.root, 'data/rides.db'));
  return { db, [Symbol.dispose]: () => db.close() };
}

it('reads SQLite with the types of its values, and names late rows', async () => {
  using rig = rigWith(SQLITE);
  expect(await rig.refit('run', 'rides', '--now', '2026-01-08')).toMatchObject({ exit: 0 });
  const [file = ''] = rig.files('.refit/sources');
  expect(await readParquet(join(rig.root, file))).toEqual({
    types: ['BIGINT', 'VARCHAR', 'BIGINT', 'DOUBLE', 'VARCHAR', 'VARCHAR', 'BLOB', 'BIGINT'],
    rows: [
      ['1', '2026-01-02T10:00:00Z', '9007199254740993', '1.5', '007', '', '\\x00\\xFF', null],
      ['2', '2026-01-03T10:00:00Z', null, '2.0', 'say "x"\n', null, null, '7'],
    ],
  });
  {
    using db = open(rig);
    db.db.exec("insert into rides(id, at) values (3, '2026-01-04')");
  }
  const why = await rig.json(0, 'why', 'rides@1');
  expect(why.snapshots).toMatchObject([
    {
      dataset: 'rides',
      kind: 'sqlite',
      rows: 2,
      question: expect.stringContaining('select * from rides where at >= '),
    },
  ]);
  const shown = (await rig.refit('why', 'rides@1')).stdout;
  expect(shown).toMatch(/source +rides: sqlite \S*data\/rides.db, 1 snapshot of 2 rows, read \d{4}-/);
  expect(shown).toMatch(/asked +select \* from rides where at >= /);
  const again = await rig.refit('run', 'rides', '--now', '2026-01-08');
  expect(again.stderr).toContain('window 2026-01-01 to 2026-01-08: 1 row came late (2 → 3)');
  using db = open(rig);
  db.db.exec('delete from rides');
  expect(await rig.json(0, 'reproduce', 'rides@1')).toMatchObject({ verdict: 'same' });
});

it.each([
  ['an unknown table', SQLITE.replace('from rides', 'from ride'), 'source-query-refused'],
  ['a statement that writes', SQLITE.replace('select * from rides', 'delete from rides'), 'source-query-refused'],
  ['no such file', SQLITE.replace('data/rides.db', 'data/none.db'), 'source-unreachable'],
  ['a file that is no database', SQLITE.replace('data/rides.db', 'pipelines/rides.yaml'), 'source-unreachable'],
])('says what is wrong with SQLite: %s', async (_, lines, code) => {
  using rig = rigWith(lines);
  const ended = await rig.refit('run', 'rides', '--json', '--now', '2026-01-08');
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
});

it('says that a pipe is no database, and does not wait for it', async () => {
  using rig = rigWith(SQLITE.replace('rides.db', 'pipe'));
  execFileSync('mkfifo', [join(rig.root, 'data/pipe')]);
  const ended = await rig.refit('run', 'rides', '--json', '--now', '2026-01-08');
  expect(JSON.parse(ended.stdout)).toMatchObject({
    error: { code: 'source-unreachable', message: expect.stringContaining('not a regular file') },
  });
});

const NEVER_A_ROW = `    source: sqlite
    path: data/rides.db
    timeout: 1s
    query: with recursive r(i) as (select 1 union all select i + 1 from r) select i as at from r where i < 0`;

it.each(['', '\n    updated: at'])(
  'ends a query that takes too long, also one that never gives a row%s',
  async (more) => {
    using rig = rigWith(NEVER_A_ROW + more);
    const started = performance.now();
    const ended = await rig.refit('run', 'rides', '--json', '--now', '2026-01-08');
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-timed-out' } });
    expect(performance.now() - started).toBeLessThan(40_000);
    expect(rig.files('.refit/tmp')).toEqual([]);
  },
);

it('ends such a query at a signal', async () => {
  using rig = rigWith(NEVER_A_ROW.replace('1s', '1h'));
  const run = rig.start('run', 'rides', '--now', '2026-01-08');
  await run.said('reading dataset');
  const sent = performance.now();
  run.kill('SIGINT');
  await run.ended;
  expect(performance.now() - sent).toBeLessThan(30_000);
});

const command = (run: string, more = ''): string => `    source: command
    run: ${JSON.stringify(run)}${more}`;

it.each([
  ['csv', 'printf "id,at\\n1,2026-01-01\\n"'],
  ['jsonl', 'echo "{\\"id\\": 1, \\"at\\": \\"2026-01-01\\"}"'],
  ['jsonl', 'echo noise; echo "{\\"id\\": 1, \\"at\\": \\"2026-01-01\\"}" > ${{ snapshot.path }}'],
])('takes rows from a command: %s', async (format, run) => {
  using rig = createRig({ 'pipelines/rides.yaml': pipeline(command(run, `\n    format: ${format}`)) });
  expect(await rig.refit('run', 'rides', '--now', '2026-01-08')).toMatchObject({ exit: 0 });
  const [file = ''] = rig.files('.refit/sources');
  expect((await readParquet(join(rig.root, file))).rows).toEqual([['1', expect.stringContaining('2026-01-01')]]);
  expect(rig.files('.refit/tmp')).toEqual([]);
});

it('starts a command once for each final window, with its bounds as quoted words', async () => {
  const run = 'echo ${{ window.from }} ${{ params.name }} >> calls; printf "id,at\\n1,%s\\n" ${{ window.from }}';
  const windows = '${{ window.until }}';
  using rig = createRig({
    'pipelines/rides.yaml': `${pipeline(command(`${run}; : ${windows}`, '\n    from: 2026-01-01\n    every: 3d'))}params: { name: "a; touch x" }\n`,
  });
  for (let i = 0; i < 2; i++) expect(await rig.refit('run', 'rides', '--now', '2026-01-07')).toMatchObject({ exit: 0 });
  expect(rig.read('calls').trim().split('\n')).toEqual([
    '2026-01-01T00:00:00.000Z a; touch x',
    '2026-01-04T00:00:00.000Z a; touch x',
  ]);
  expect(rig.has('x')).toBe(false);
});

it('keeps nothing of a command that fails, hides its secrets, and refuses it with --no-commands', async () => {
  const lines = command('echo id; echo "the key is $KEY" >&2; exit 3', '\n    secrets: [KEY]');
  using rig = createRig({ 'pipelines/rides.yaml': pipeline(lines) }, { KEY: 'hidden-71c' });
  const ended = await rig.refit('run', 'rides');
  expect(ended.exit).toBe(1);
  expect(ended.stderr).toContain('it ended with exit code 3');
  expect(ended.stderr).toContain('the key is ***');
  expect(rig.has('.refit/sources')).toBe(false);
  const refused = await rig.refit('check-data', 'rides', '--no-commands', '--json');
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'source-refused' } });
});

it('hides no snapshot by its age on the disk where a dataset has no time', async () => {
  using rig = rigWith(SQLITE);
  rig.write({ 'pipelines/rides.yaml': rig.read('pipelines/rides.yaml').replace('    time: at\n', '') });
  expect(await rig.refit('run', 'rides', '--now', '2026-01-08')).toMatchObject({ exit: 0 });
  expect(rig.files('.refit/sources')).toHaveLength(1);
});
