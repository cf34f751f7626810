import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../../support/rig.js';
import { hasMariadb, type MariadbServer, startMariadb } from '../../../support/servers/mariadb.js';

const isThere = hasMariadb();
let server: MariadbServer;
beforeAll(async () => {
  if (!isThere) return;
  server = await startMariadb({ withTls: true });
  await server.run(
    'create table trips(id bigint primary key, at datetime)',
    "insert into trips select seq, timestamp '2026-01-01 00:00:00' + interval seq hour from seq_0_to_479",
    'create database other',
    'create table other.trips(id int, at datetime)',
  );
}, 300_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const pipeline = (source: string, url = '{ from: RIDES_URL }'): string => `pipeline: rides
datasets:
  rides:
    source: mysql
    url: ${url}
    time: at
${source}
steps:
  train: { run: 'cat \${{ datasets.rides }} > model.txt', inputs: ["\${{ datasets.rides }}"], outputs: [model.txt] }
model: model.txt
`;

const TRIPS = `    query: select id, at from trips where at >= \${{ window.from }} and at < \${{ window.until }} order by id
    from: 2026-01-01
    every: 7d`;

const rigFor = (lines: string, url = server.url): Rig =>
  createRig({ 'pipelines/rides.yaml': pipeline(lines) }, { RIDES_URL: url });

const failing = async (rig: Rig, code: string, ...args: readonly string[]) => {
  const ended = await rig.refit('run', 'rides', '--json', ...args);
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  expect(rig.has('.refit/sources')).toBe(false);
  expect(ended.stdout + ended.stderr).not.toContain('only-reads');
  return ended;
};

/** Queries of the reader that the server still works on. */
const running = () =>
  server.run("select info from information_schema.processlist where user = 'reader' and command <> 'Sleep'");

describe.skipIf(!isThere)('a MySQL that says no', () => {
  it.each([
    ['a wrong password', (url: string) => url.replace('only-reads', 'x'), 'source-login-refused'],
    ['a port where nothing listens', (url: string) => url.replace(/:\d+\//, ':1/'), 'source-unreachable'],
    ['a name that nobody has', (url: string) => url.replace('127.0.0.1', 'no-such-host.invalid'), 'source-unreachable'],
    ['a database that it does not allow', (url: string) => url.replace(/rides$/, 'other'), 'source-permission-denied'],
    ['another kind of URL', () => 'postgres://a:only-reads-b@c/d', 'source-url-invalid'],
    ['a setting of the client', (url: string) => `${url}?flags=LOCAL_FILES`, 'source-url-invalid'],
    ['a certificate that does not exist', (url: string) => `${url}?ssl-ca=/none`, 'source-url-invalid'],
    ['a number as the name of a certificate', (url: string) => `${url}?ssl-mode=VERIFY_IDENTITY`, 'source-url-invalid'],
    ['a certificate that nobody vouches for', (url: string) => `${url}?ssl-mode=VERIFY_CA`, 'source-unreachable'],
    ['no URL', () => '', 'source-url-invalid'],
  ])('%s', async (_, change, code) => {
    using rig = rigFor(TRIPS, change(server.url));
    await failing(rig, code);
  });

  it('a database that does not exist', async () => {
    using rig = rigFor(TRIPS, server.ownerUrl.replace(/rides$/, 'nope'));
    expect((await failing(rig, 'source-unreachable')).stdout).toContain("Unknown database 'nope'");
  });

  it('a table that the user may not read', async () => {
    using rig = rigFor(TRIPS.replace('from trips', 'from other.trips'));
    await failing(rig, 'source-permission-denied');
  });

  it('a table that does not exist', async () => {
    using rig = rigFor(TRIPS.replace('from trips', 'from nowhere'));
    expect((await failing(rig, 'source-query-refused')).stdout).toContain("rides.nowhere' doesn't exist");
  });

  it('a query that takes too long: the server ends it', async () => {
    using rig = rigFor('    query: select sleep(40) as at\n    timeout: 1s');
    const started = performance.now();
    await failing(rig, 'source-timed-out');
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await running()).toEqual([]);
  });

  it('columns that have changed beside earlier windows', async () => {
    await server.run(
      'create table shape(id bigint, at datetime, fare int)',
      "insert into shape values (1, '2026-01-02', 3)",
    );
    using rig = rigFor(TRIPS.replace('id, at from trips', '* from shape'));
    expect(await rig.refit('run', 'rides', '--now', '2026-01-10')).toMatchObject({ exit: 0 });
    await server.run('alter table shape drop fare, add price int, modify id int');
    const ended = await rig.refit('run', 'rides', '--now', '2026-01-20');
    expect(ended).toMatchObject({ exit: 4 });
    expect(ended.stderr).toContain('missing fare, added price, of another type id: BIGINT, now INTEGER');
  });

  it('a connection that breaks in the middle: nothing of that window is kept', async () => {
    await server.run('create view slowly as select id, at, if(id < 168, 0, sleep(0.05)) as wait from trips');
    using rig = rigFor(TRIPS.replace('id, at from trips', '* from slowly'));
    const run = rig.start('run', 'rides', '--now', '2026-01-20', '--json');
    await run.said('reading dataset "rides": 2026-01-08');
    await expect.poll(running, { timeout: 10_000 }).toHaveLength(1);
    const [found] = await server.run("select id from information_schema.processlist where user = 'reader'");
    await server.run(`kill ${found?.id}`);
    const ended = await run.ended;
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-broken-off' } });
    expect(rig.query('SELECT window_from FROM source_snapshot')).toEqual([{ window_from: '2026-01-01T00:00:00.000Z' }]);
    expect(rig.files('.refit/tmp')).toEqual([]);
  });

  it('an interruption ends the wait, and the query on the server', async () => {
    using rig = rigFor('    query: select sleep(300) as at');
    const run = rig.start('run', 'rides');
    await run.said('reading dataset "rides"');
    await expect.poll(running, { timeout: 10_000 }).toHaveLength(1);
    const at = performance.now();
    run.kill('SIGINT');
    await run.ended;
    expect(performance.now() - at).toBeLessThan(10_000);
    expect(await running()).toEqual([]);
  });
});

describe.skipIf(!isThere)('a connection to MySQL', () => {
  it('is encrypted where the server can, and checked where the URL asks for that', async () => {
    await server.run(
      "create user sealed@'127.0.0.1' identified by 'only-reads-tls' require ssl",
      "grant select on rides.* to sealed@'127.0.0.1'",
    );
    const url = server.url.replace(/reader:[^@]+/, 'sealed:only-reads-tls');
    using rig = rigFor(TRIPS, url);
    expect(await rig.refit('run', 'rides', '--now', '2026-01-10')).toMatchObject({ exit: 0 });
    using checked = rigFor(
      TRIPS,
      `${url.replace('127.0.0.1', 'localhost')}?ssl-mode=VERIFY_IDENTITY&ssl-ca=${server.certificate}`,
    );
    expect(await checked.refit('run', 'rides', '--now', '2026-01-10')).toMatchObject({ exit: 0 });
    using open = rigFor(TRIPS, `${url}?ssl-mode=DISABLED`);
    await failing(open, 'source-login-refused', '--now', '2026-01-10');
  });

  it('hides the address: it stands in no file below the workspace', async () => {
    using rig = rigFor(TRIPS);
    expect(await rig.refit('run', 'rides', '--now', '2026-01-10', '--verbose')).toMatchObject({ exit: 0 });
    expect(
      rig.files('.').filter((file) => readFileSync(join(rig.root, file), 'latin1').includes('only-reads')),
    ).toEqual([]);
  });

  it('is refused with --no-commands', async () => {
    using rig = rigFor(TRIPS);
    const ended = await rig.refit('check-data', 'rides', '--no-commands', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: 'source-refused' } });
    const checked = await rig.refit('check-data', 'rides', '--now', '2026-01-10');
    expect(checked.stderr).toContain('connects to mysql, the URL in RIDES_URL, for dataset "rides"');
  });

  it('to a server that a pipeline file names gets no file and no password', async () => {
    const url = `"mysql://reader@127.0.0.1:${server.port}/rides`;
    using rig = createRig({ 'pipelines/rides.yaml': pipeline(TRIPS, `${url}"`) });
    await failing(rig, 'source-login-refused');
    rig.write({ 'pipelines/rides.yaml': pipeline(TRIPS, `${url}?ssl-key=/etc/hostname"`) });
    expect((await failing(rig, 'source-url-invalid')).stdout).toContain('names files of this machine');
    rig.write({ 'pipelines/rides.yaml': pipeline(TRIPS, '"mysql://a:secret@127.0.0.1/rides"') });
    const checked = await rig.refit('validate', 'rides');
    expect(checked.stdout + checked.stderr).toContain('the URL holds a password');
  });
});

it('says what a source of MySQL needs, and which URL is none of it', async () => {
  using rig = createRig({ 'pipelines/rides.yaml': pipeline('', 'postgres://a@b/c') });
  const checked = await rig.refit('validate', 'rides');
  expect(checked.stdout + checked.stderr).toContain('source: mysql needs "query"');
  rig.write({ 'pipelines/rides.yaml': pipeline('    query: select 1', 'postgres://a@b/c') });
  const again = await rig.refit('validate', 'rides');
  expect(again.stdout + again.stderr).toContain('is none of MySQL or MariaDB');
});
