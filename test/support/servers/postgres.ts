import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { isInstalled } from '../required.js';

/** A PostgreSQL server of its own, on 127.0.0.1, with a database `rides` and a reader who may only read. In Debian: postgresql. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** The folder of the database, for certificates and pg_hba.conf. */
  readonly data: string;
  /** Of the reader. */
  readonly url: string;
  readonly ownerUrl: string;
  /** As the owner of the database. */
  readonly run: (sql: string) => Promise<readonly Record<string, unknown>[]>;
}

const PASSWORD = 'only-reads-7f3a';

function programs(): string | undefined {
  const root = '/usr/lib/postgresql';
  const [version] = existsSync(root) ? readdirSync(root).sort().reverse() : [];
  return version === undefined ? undefined : join(root, version, 'bin');
}

export const hasPostgres = (): boolean => isInstalled(programs() !== undefined, 'postgresql');

/** The server refuses to run as root. */
const AS_USER = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

export async function startPostgres(): Promise<PostgresServer> {
  const bin = programs() ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'refit-pg-'));
  chmodSync(folder, 0o755);
  if (AS_USER.length > 0) execFileSync('chown', ['postgres:postgres', folder]);
  const as = (program: string, ...args: readonly string[]): readonly [string, ...string[]] => [
    ...(AS_USER as [string]),
    join(bin, program),
    ...args,
  ];
  const data = join(folder, 'data');
  const owner = join(folder, 'owner');
  writeFileSync(owner, 'owner\n', { mode: 0o644 });
  const [initdb, ...init] = as('initdb', '-D', data, '-A', 'scram-sha-256', '-U', 'owner', '--pwfile', owner, '-N');
  execFileSync(initdb, init, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  const port = await freePort();
  const settings = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-k', folder];
  const [postgres, ...args] = as('postgres', '-D', data, ...settings);
  const server = spawn(postgres, args, { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await ended(server);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const ask = async (sql: string, database = 'rides') => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'owner', password: 'owner', database });
    await client.connect();
    try {
      const result = (await client.query(sql)) as pg.QueryResult | readonly pg.QueryResult[];
      return ('rows' in result ? result.rows : (result.at(-1)?.rows ?? [])) as readonly Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  try {
    await untilUp(() => ask('select 1', 'postgres'), server);
    await ask('create database rides', 'postgres');
    await ask(
      `create role reader login password '${PASSWORD}'; alter default privileges grant select on tables to reader`,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    data,
    url: `postgres://reader:${PASSWORD}@127.0.0.1:${port}/rides`,
    ownerUrl: `postgres://owner:owner@127.0.0.1:${port}/rides`,
    run: (sql) => ask(sql),
    [Symbol.asyncDispose]: stop,
  };
}

/** Tries until it works; fails if the server has ended. */
async function untilUp(work: () => Promise<unknown>, server: ChildProcess): Promise<void> {
  for (let left = 200; ; left--)
    try {
      await work();
      return;
    } catch (error) {
      if (left === 0 || server.exitCode !== null) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
}

/** Ends a server by its process id. */
async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const end = new Promise((done) => server.once('exit', done));
  // SIGINT: PostgreSQL ends its sessions and stops.
  server.kill('SIGINT');
  const late = setTimeout(() => server.kill('SIGKILL'), 10_000);
  await end;
  clearTimeout(late);
}

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
