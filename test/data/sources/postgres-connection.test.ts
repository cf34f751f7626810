import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../../support/rig.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../../support/servers/postgres.js';
import { readParquet } from './read-parquet.js';

const isThere = hasPostgres();
let server: PostgresServer;
let certificates: Rig;
beforeAll(async () => {
  if (!isThere) return;
  server = await startPostgres();
  certificates = createRig({});
}, 300_000);
afterAll(async () => {
  certificates?.[Symbol.dispose]();
  await server?.[Symbol.asyncDispose]();
});

const QUERY = `select ssl, usename::text, current_setting('search_path') as path,
      current_setting('client_connection_check_interval') as look
      from pg_stat_ssl join pg_stat_activity using (pid) where pid = pg_backend_pid()`;

const pipeline = (url: string, query = QUERY): string => `pipeline: p
datasets:
  d:
    source: postgres
    url: ${url}
    query: >-
      ${query}
steps: { s: { run: 'cat \${{ datasets.d }} > o', inputs: ["\${{ datasets.d }}"], outputs: [o] } }
`;
const FROM_VARIABLE = pipeline('{ from: DB_URL }');

/** The row that was read, or the failure. */
async function readRow(rig: Rig): Promise<readonly unknown[] | { readonly code: string; readonly message: string }> {
  const ended = await rig.refit('run', 'p', '--json');
  expect(ended.stderr).not.toMatch(/Warning|node --trace/);
  if (ended.exit !== 0) return JSON.parse(ended.stdout).error;
  const [file = ''] = rig.files('.refit/sources');
  return (await readParquet(join(rig.root, file))).rows[0] ?? [];
}

const withParameters = (url: string, parameters: string): string => `${url}?${parameters}`;

async function outcomeOf(url: string): Promise<string> {
  using rig = createRig({ 'pipelines/p.yaml': FROM_VARIABLE }, { DB_URL: url });
  const found = await readRow(rig);
  if ('code' in found) return `${found.code}: ${found.message}`;
  return found[0] === 'true' ? 'with TLS' : 'without TLS';
}

/** An authority, and a certificate of the server for the name localhost alone. */
const speakTls = (): Promise<Authorities> => {
  speaking ??= startTls();
  return speaking;
};

let speaking: Promise<Authorities> | undefined;

interface Authorities {
  readonly root: string;
  readonly other: string;
}

async function startTls(): Promise<Authorities> {
  const folder = certificates.root;
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const days = ['-days', '2', '-nodes'];
  for (const name of ['root', 'other'])
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      ...days,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  );
  writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost');
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'root.pem',
    '-CAkey',
    'root.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'server.crt',
  );
  const { uid, gid } = statSync(server.data);
  for (const name of ['server.crt', 'server.key']) {
    const path = join(server.data, name);
    cpSync(join(folder, name), path);
    chmodSync(path, 0o600);
    chownSync(path, uid, gid);
  }
  await server.run('alter system set ssl = on');
  await reload(async () => (await server.run('show ssl'))[0]?.ssl === 'on');
  return { root: join(folder, 'root.pem'), other: join(folder, 'other.pem') };
}

async function reload(isDone: () => Promise<boolean>): Promise<void> {
  await server.run('select pg_reload_conf()');
  await until(isDone);
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  for (let left = 50; !(await isDone()); left--) {
    if (left === 0) throw new Error('it did not come to be within 5 s');
    await new Promise((done) => setTimeout(done, 100));
  }
}

const at = (parameters: string, host = '127.0.0.1'): Promise<string> =>
  outcomeOf(withParameters(server.url.replace('127.0.0.1', host), parameters));

describe.skipIf(!isThere)('sslmode means what it means to libpq, for a server without TLS', () => {
  it.each(['', 'sslmode=disable', 'sslmode=allow', 'sslmode=prefer'])('%s', async (mode) => {
    expect(await at(mode)).toBe('without TLS');
  });

  it('sslmode=require', async () => {
    expect(await at('sslmode=require')).toMatch(
      /source-unreachable: .*it offers no TLS, which sslmode=require asks for/,
    );
    expect(await at('sslmode=maybe')).toMatch(/source-url-invalid: .*an sslmode that does not exist/);
  });
});

describe.skipIf(!isThere)('sslmode means what it means to libpq, for a server with TLS', () => {
  let root: string;
  let other: string;
  beforeAll(async () => {
    ({ root, other } = await speakTls());
  }, 30_000);

  it.each(['sslmode=disable', 'sslmode=allow'])('%s', async (mode) => {
    expect(await at(mode)).toBe('without TLS');
  });

  it.each(['', 'sslmode=prefer', 'sslmode=require', 'ssl=true'])('%s', async (mode) => {
    expect(await at(mode)).toBe('with TLS');
  });

  it('certificates of authorities', async () => {
    expect(await at(`sslmode=verify-ca&sslrootcert=${root}`)).toBe('with TLS');
    const full = `sslmode=verify-full&sslrootcert=${root}`;
    expect(await at(full, 'localhost')).toBe('with TLS');
    expect(await at(full)).toMatch(/source-unreachable: .*TLS was not agreed on, with sslmode=verify-full/);
    expect(await at(`sslmode=require&sslrootcert=${other}`)).toMatch(/source-unreachable: .*TLS was not agreed on/);
    expect(await at('sslmode=verify-full', 'localhost')).toMatch(/source-unreachable: .*TLS was not agreed on/);
    expect(await at('sslmode=verify-ca')).toMatch(/source-url-invalid: .*without sslrootcert/);
  });

  it('a login that the server takes only with TLS', async () => {
    const hba = join(server.data, 'pg_hba.conf');
    const before = readFileSync(hba, 'utf8');
    const rules = async () => (await server.run('select 1 from pg_hba_file_rules')).length;
    writeFileSync(hba, 'host all owner all scram-sha-256\nhostssl all all all scram-sha-256\n');
    await reload(async () => (await rules()) === 2);
    expect(await at('sslmode=allow')).toBe('with TLS');
    expect(await at('sslmode=disable')).toMatch(/source-login-refused: /);
    writeFileSync(hba, before);
    await reload(async () => (await rules()) !== 2);
  });
});

describe.skipIf(!isThere)('variables of libpq', () => {
  it('say who logs in where the URL does not, and nothing about what is read', async () => {
    const url = `postgres://127.0.0.1:${server.port}/rides`;
    const password = /:([^:@]+)@/.exec(server.url)?.[1] ?? '';
    const env: Record<string, string> = {
      DB_URL: url,
      PGUSER: 'reader',
      PGPASSFILE: '',
      PGHOST: 'nowhere.invalid',
      PGPORT: '1',
      PGDATABASE: 'nothing',
      PGOPTIONS: '-c search_path=elsewhere',
      PGSSLNEGOTIATION: 'direct',
      PGREPLICATION: 'database',
      PGAPPNAME: 'x',
    };
    using rig = createRig(
      {
        'pipelines/p.yaml': FROM_VARIABLE,
        pgpass: `# logins\n127.0.0.1:${server.port}:other:reader:x\n127.0.0.1:*:rides:read\\er:${password}\n`,
      },
      env,
    );
    env.PGPASSFILE = join(rig.root, 'pgpass');
    chmodSync(env.PGPASSFILE, 0o644);
    expect(await readRow(rig)).toMatchObject({
      code: 'source-login-refused',
      message: expect.stringContaining('others may read'),
    });
    chmodSync(env.PGPASSFILE, 0o600);
    expect(await readRow(rig)).toEqual([expect.anything(), 'reader', '"$user", public', '10s']);
    expect(rig.query('SELECT DISTINCT place FROM source_snapshot')).toEqual([
      { place: `127.0.0.1:${server.port}/rides` },
    ]);
    // The user of a URL belongs to its password: no variable takes its place.
    env.DB_URL = server.url;
    env.PGUSER = 'nobody-here';
    expect(await readRow(rig)).toEqual([expect.anything(), 'reader', '"$user", public', '10s']);
    rig.write({ 'pipelines/p.yaml': pipeline(url) });
    expect(await readRow(rig)).toMatchObject({
      code: 'source-url-invalid',
      message: expect.stringContaining('names no user'),
    });
  });

  it('options of the URL are the users own words', async () => {
    using rig = createRig(
      { 'pipelines/p.yaml': FROM_VARIABLE },
      { DB_URL: withParameters(server.url, 'options=-c%20search_path%3Dmine') },
    );
    expect(await readRow(rig)).toEqual([expect.anything(), 'reader', 'mine', '10s']);
  });
});

describe.skipIf(!isThere)('a query that nobody waits for any more', () => {
  const working = async (): Promise<boolean> =>
    (await server.run(`select 1 from pg_stat_activity where usename = 'reader' and state = 'active'`)).length > 0;

  beforeAll(speakTls, 30_000);

  it.each(['sslmode=require', 'sslmode=disable'])('is stopped on the server at a signal: %s', async (mode) => {
    using rig = createRig(
      { 'pipelines/p.yaml': pipeline('{ from: DB_URL }', 'select pg_sleep(300)') },
      { DB_URL: withParameters(server.url, mode) },
    );
    const run = rig.start('run', 'p');
    await run.said('reading dataset "d"');
    await until(working);
    run.kill('SIGINT');
    await run.ended;
    await until(async () => !(await working()));
  });

  it('is told by its own name what it may not: a user is no secret', async () => {
    using rig = createRig(
      { 'pipelines/p.yaml': FROM_VARIABLE },
      { DB_URL: server.url.replace(/:[^:@/]+@/, '@'), PGPASSWORD: 'wrong' },
    );
    expect(await readRow(rig)).toMatchObject({ message: expect.stringContaining('user "reader"') });
  });
});
