// How much memory and time it takes to read a table of MariaDB: npm run bench:sources-mysql [-- rows]
//
// A real MariaDB of its own, a table of 5,000,000 rows with eight columns, and `refit run`. Demanded: at most 300 MB of resident
// memory at any moment. What is asked is the kernel's high-water mark of the process.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import mysql from 'mysql2/promise';

const BIN = resolve(import.meta.dirname, '../../bin/refit.js');
const ROWS = Number(process.argv[2] ?? 5_000_000);
const MOST_MB = 300;
const as = process.getuid() === 0 ? ['--user=mysql'] : [];

const folder = mkdtempSync(join(tmpdir(), 'refit-bench-mysql-'));
chmodSync(folder, 0o755);
if (as.length > 0) execFileSync('chown', ['mysql:mysql', folder]);
const data = join(folder, 'data');
const socket = join(folder, 'socket');
const init = [
  '--no-defaults',
  `--datadir=${data}`,
  '--auth-root-authentication-method=normal',
  '--skip-test-db',
  ...as,
];
execFileSync('/usr/bin/mariadb-install-db', init, { stdio: 'ignore' });
const server = spawn(
  '/usr/sbin/mariadbd',
  [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${socket}`,
    '--skip-networking',
    '--innodb-flush-log-at-trx-commit=0',
    `--log-error=${join(folder, 'log')}`,
    ...as,
  ],
  { stdio: 'ignore' },
);

const ask = async (...statements) => {
  const connection = await mysql.createConnection({ socketPath: socket, user: 'root' });
  for (const sql of statements) await connection.query(sql);
  await connection.end();
};

const workspace = mkdtempSync(join(tmpdir(), 'refit-bench-workspace-'));
try {
  for (let left = 200; ; left--)
    try {
      await ask('select 1');
      break;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  await ask(
    'create database trips',
    `create table trips.trips(id bigint primary key, at timestamp(6), fare decimal(8, 2), score double, distance int,
      origin varchar(20), code char(32), late bool)`,
    `insert into trips.trips select seq, timestamp '2026-01-01 00:00:00' + interval seq second, rand() * 100, rand(),
      rand() * 1000, concat('zone-', seq % 250), md5(seq), seq % 7 = 0 from seq_1_to_${ROWS}`.replace(
      'from seq_1',
      'from trips.seq_1',
    ),
  );
  mkdirSync(join(workspace, 'pipelines'));
  writeFileSync(
    join(workspace, 'pipelines/trips.yaml'),
    `pipeline: trips
datasets:
  trips:
    source: mysql
    url: { from: TRIPS_URL }
    query: select * from trips where at >= \${{ window.from }} and at < \${{ window.until }} order by id
    time: at
steps:
  train: { run: "echo done > model.txt", inputs: ["\${{ datasets.trips }}"], outputs: [model.txt] }
`,
  );
  const read = await measure('run', 'trips', '--now', '2027-01-01');
  const [file] = readdirSync(join(workspace, '.refit/sources/trips'));
  const megabytes = statSync(join(workspace, '.refit/sources/trips', file)).size / 2 ** 20;
  console.log(
    `${ROWS} rows of 8 columns in ${read.seconds.toFixed(1)} s: ${Math.round(ROWS / read.seconds)} rows a second, Parquet of ${megabytes.toFixed(0)} MB`,
  );
  console.log(`largest resident memory: ${read.mb.toFixed(0)} MB (at most ${MOST_MB})`);
  if (read.mb > MOST_MB) process.exitCode = 1;
} finally {
  await new Promise((done) => {
    server.once('exit', done);
    server.kill('SIGTERM');
  });
  rmSync(folder, { recursive: true, force: true });
  rmSync(workspace, { recursive: true, force: true });
}

/** Runs refit and asks the kernel for the high-water mark of its memory until it ends. */
async function measure(...words) {
  const from = performance.now();
  const child = spawn(process.execPath, [BIN, ...words], {
    cwd: workspace,
    env: { ...process.env, TRIPS_URL: `mysql://root@localhost/trips?socket=${encodeURIComponent(socket)}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let mb = 0;
  const timer = setInterval(() => {
    try {
      const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      mb = Math.max(mb, Number(kb ?? 0) / 1024);
    } catch {
      // it has ended
    }
  }, 20);
  const code = await new Promise((done) => child.once('exit', done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`refit ended with ${code}`);
  return { mb, seconds: (performance.now() - from) / 1000 };
}
