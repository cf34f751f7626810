import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { isInstalled } from '../required.js';

/** A MariaDB server of its own, on 127.0.0.1, with a database `rides` and a reader who may only read. In Debian: mariadb-server. */
export interface MariadbServer extends AsyncDisposable {
  readonly port: number;
  /** Of the reader. */
  readonly url: string;
  readonly ownerUrl: string;
  /** The file of its certificate, which is its own authority. */
  readonly certificate: string;
  /** Where the server may write files. */
  readonly folder: string;
  /** As the owner, one statement after the other: the rows of the last one. */
  readonly run: (...sql: readonly string[]) => Promise<readonly Record<string, unknown>[]>;
}

const PASSWORD = 'only-reads-7f3a';
const SERVER = '/usr/sbin/mariadbd';
const INIT = '/usr/bin/mariadb-install-db';

export const hasMariadb = (): boolean => isInstalled(existsSync(SERVER) && existsSync(INIT), 'mariadb-server');

/** `withTls`: connections may be encrypted. `more`: further settings of the server. */
export async function startMariadb({ withTls = false, more = [] as readonly string[] } = {}): Promise<MariadbServer> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-maria-'));
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? ['--user=mysql'] : [];
  const data = join(folder, 'data');
  const certificate = join(folder, 'server.crt');
  if (withTls)
    execFileSync(
      'openssl',
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${folder}/server.key -out ${certificate}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
  if (isRoot) execFileSync('chown', ['-R', 'mysql:mysql', folder]);
  execFileSync(
    INIT,
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...as],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const port = await freePort();
  const socket = join(folder, 'socket');
  const server = spawn(
    SERVER,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${socket}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--log-error=${join(folder, 'log')}`,
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-buffer-pool-size=64M',
      '--skip-name-resolve',
      ...(withTls ? [`--ssl-cert=${certificate}`, `--ssl-key=${join(folder, 'server.key')}`] : []),
      ...as,
      ...more,
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    await ended(server);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const ask = async (statements: readonly string[], user: mysql.ConnectionOptions) => {
    const connection = await mysql.createConnection({ ...user, multipleStatements: false, timezone: 'Z' });
    try {
      let rows: unknown = [];
      for (const sql of statements) [rows] = await connection.query(sql);
      return (Array.isArray(rows) ? rows : []) as readonly Record<string, unknown>[];
    } finally {
      await connection.end();
    }
  };
  const owner = { host: '127.0.0.1', port, user: 'owner', password: 'owner', database: 'rides' };
  try {
    await untilUp(() => ask(['select 1'], { socketPath: socket, user: 'root' }), server);
    await ask(
      [
        'create database rides character set utf8mb4',
        "create user owner@'127.0.0.1' identified by 'owner'",
        "grant all on *.* to owner@'127.0.0.1' with grant option",
        `create user reader@'127.0.0.1' identified by '${PASSWORD}'`,
        "grant select on rides.* to reader@'127.0.0.1'",
      ],
      { socketPath: socket, user: 'root' },
    );
  } catch (error) {
    const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '';
    await stop();
    throw new Error(`MariaDB did not start: ${log}`, { cause: error });
  }
  return {
    port,
    url: `mysql://reader:${PASSWORD}@127.0.0.1:${port}/rides`,
    ownerUrl: `mysql://owner:owner@127.0.0.1:${port}/rides`,
    certificate,
    folder,
    run: (...sql) => ask(sql, owner),
    [Symbol.asyncDispose]: stop,
  };
}

/** Tries until it works; fails if the server has ended. */
async function untilUp(work: () => Promise<unknown>, server: ChildProcess): Promise<void> {
  for (let left = 300; ; left--)
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
  server.kill('SIGTERM');
  const late = setTimeout(() => server.kill('SIGKILL'), 20_000);
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
