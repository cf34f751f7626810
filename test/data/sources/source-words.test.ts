import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';

const pipeline = (lines: string, time = 'at'): string => `pipeline: rides
datasets:
  rides:
${lines}
    time: ${time}
steps:
  train: { run: 'cat \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
`;

const SQLITE = `    source: sqlite
    path: rides.db
    query: select id, at from rides where at >= \${{ window.from }} and at < \${{ window.until }}`;

function rigWith(lines: string, time?: string): Rig {
  const rig = createRig({ 'pipelines/rides.yaml': pipeline(lines, time) });
  const db = new Database(join(rig.root, 'rides.db'));
  db.exec(
    "create table rides(id integer primary key, at text); insert into rides values (1, '2026-01-02T10:00:00.000Z')",
  );
  db.close();
  return rig;
}

const failureOf = async (rig: Rig) =>
  JSON.parse((await rig.refit('run', 'rides', '--json', '--now', '2026-01-08')).stdout).error;

it('names a column of times that the query does not give, and those that it gives', async () => {
  using rig = rigWith(SQLITE, 'started');
  expect(await failureOf(rig)).toMatchObject({
    code: 'source-column-missing',
    message: 'dataset "rides": its rows have no column "started", which "time" names; they have id, at',
  });
  rig.write({
    'pipelines/rides.yaml': pipeline('    source: command\n    run: printf "id,day\\\\n1,2026-01-02\\\\n"'),
  });
  expect(await failureOf(rig)).toMatchObject({
    code: 'source-column-missing',
    message: expect.stringContaining('they have id, day'),
  });
});

it('says of a database file that it is not there, and where to look', async () => {
  using rig = rigWith(SQLITE.replace('rides.db', 'none.db'));
  expect(await failureOf(rig)).toMatchObject({
    code: 'source-unreachable',
    message: 'dataset "rides": none.db cannot be opened: there is no such file',
    next: expect.stringContaining('"path"'),
  });
});

it('says that a dataset needs a secret, not a step', async () => {
  using rig = rigWith('    source: command\n    run: echo id\n    secrets: [SHOP_TOKEN]');
  expect(await failureOf(rig)).toMatchObject({
    code: 'env-missing',
    message: 'dataset "rides" needs the secret SHOP_TOKEN, which is not set',
  });
});

it.each([
  ["at >= '${{ window.from }}' and at < ${{ window.until }}", 'stands inside quotes'],
  [
    "at >= ${{ window.from }} and id = 'it''s ${{ params.a }}' and at < ${{ window.until }}",
    '${{ params.a }} stands inside',
  ],
  ['at >= ${{ window.from }} and at < "${{ window.until }}"', '${{ window.until }} stands inside quotes'],
  ['at >= ${{ window.from }} and at < ${{ window.until }} -- ${{ params.a }}', 'stands in a comment'],
  ['at >= ${{ window.from }} and at < ${{ window.until }} /* ${{ params.a }} */', 'stands in a comment'],
  ['at >= ${{ window.from }} and at < ${{ window.until }} and id = $x$ ${{ params.a }} $x$', 'stands inside quotes'],
])('refuses a value that is quoted in a query: %s', async (where, words) => {
  const query = `    query: |-\n      select id, at from rides where ${where}`;
  using rig = rigWith(SQLITE.replace(/ {4}query.*/, () => query));
  rig.write({ 'pipelines/rides.yaml': `params: { a: x }\n${rig.read('pipelines/rides.yaml')}` });
  const { files } = await rig.json(2, 'validate', 'rides');
  expect(files[0].diagnostics).toMatchObject([{ code: 'quoted-value', message: expect.stringContaining(words) }]);
});

it('takes values beside quotes and comments', async () => {
  const query = `    query: |-
      select id, at, 'a''b' as "q" -- it's
      from rides /* " */ where at >= \${{ window.from }} and at < \${{ window.until }}`;
  using rig = rigWith(SQLITE.replace(/ {4}query.*/, () => query));
  expect(await rig.refit('run', 'rides', '--now', '2026-01-08')).toMatchObject({ exit: 0 });
});

it('refuses a value that is quoted in a command', async () => {
  using rig = rigWith(`    source: command\n    run: ./export.sh "\${{ window.from }}" \${{ window.until }}`);
  const { files } = await rig.json(2, 'validate', 'rides');
  expect(files[0].diagnostics).toMatchObject([{ code: 'quoted-value' }]);
});

it('holds one row at a time, also where rows become large, and keeps rows that are larger than a line of DuckDB', async () => {
  using rig = createRig(
    {
      'pipelines/rides.yaml': pipeline(`    source: sqlite
    path: rides.db
    query: select id, at, printf('%.*c', size, 'x') as t from rides order by id`),
    },
    { NODE_OPTIONS: '--max-old-space-size=100' },
  );
  const db = new Database(join(rig.root, 'rides.db'));
  db.exec(`create table rides(id integer primary key, at text, size integer);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
    insert into rides select i, '2026-01-02T10:00:00.000Z', case when i < 2000 then 1 when i = 2999 then 5000000 else 700000 end from n`);
  db.close();
  expect(await rig.refit('run', 'rides', '--now', '2026-01-08')).toMatchObject({ exit: 0 });
});

it('removes what a killed check has left', async () => {
  using rig = rigWith(SQLITE);
  const dead = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
  mkdirSync(join(rig.root, `.refit/tmp/source-${dead}-AbC123`), { recursive: true });
  mkdirSync(join(rig.root, `.refit/tmp/source-${process.pid}-AbC123`), { recursive: true });
  await rig.refit('check-data', 'rides', '--now', '2026-01-08');
  expect(rig.list('.refit/tmp')).toEqual([`source-${process.pid}-AbC123`]);
});
