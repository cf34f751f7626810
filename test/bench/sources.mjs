// How much memory and time it takes to read a table: npm run bench:sources [-- rows]
//
// A real PostgreSQL of its own, a table of 5,000,000 rows with eight columns, and `refit check-data`. Demanded: at most 300 MB
// of resident memory at any moment while the rows are read. The checks themselves are DuckDB's and are measured beside it.
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pg from 'pg';

const BIN = resolve(import.meta.dirname, '../../bin/refit.js');
const ROWS = Number(process.argv[2] ?? 5_000_000);
const MOST_MB = 300;

const root = '/usr/lib/postgresql';
if (!existsSync(root)) throw new Error('postgresql is not installed');
const bin = join(root, readdirSync(root).sort().reverse()[0], 'bin');
const folder = mkdtempSync(join(tmpdir(), 'refit-bench-sources-'));
chmodSync(folder, 0o755);
const as = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
if (as.length > 0) execFileSync('chown', ['postgres:postgres', folder]);
const run = (program, ...args) => [...as, join(bin, program), ...args];
const data = join(folder, 'data');
const [initdb, ...init] = run('initdb', '-D', data, '-A', 'trust', '-U', 'owner', '-N');
execFileSync(initdb, init, { stdio: 'ignore' });
const port = await new Promise((done) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});
const [postgres, ...args] = run(
  'postgres',
  '-D',
  data,
  '-p',
  String(port),
  '-c',
  'listen_addresses=127.0.0.1',
  '-c',
  'fsync=off',
  '-k',
  folder,
);
const server = spawn(postgres, args, { stdio: 'ignore' });
const url = `postgres://owner@127.0.0.1:${port}/postgres`;

const ask = async (sql) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
};

const workspace = mkdtempSync(join(tmpdir(), 'refit-bench-workspace-'));
try {
  for (let left = 100; ; left--)
    try {
      await ask('select 1');
      break;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  await ask(`create table trips as select i::bigint as id, timestamptz '2026-01-01' + i * interval '1 second' as at,
    (random() * 100)::numeric(8, 2) as fare, random() as score, (random() * 1000)::int as distance,
    'zone-' || (i % 250) as origin, md5(i::text) as code, i % 7 = 0 as late from generate_series(1, ${ROWS}) as i`);
  mkdirSync(join(workspace, 'pipelines'));
  writeFileSync(
    join(workspace, 'pipelines/trips.yaml'),
    `pipeline: trips
datasets:
  trips:
    source: postgres
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
    server.kill('SIGINT');
  });
  rmSync(folder, { recursive: true, force: true });
  rmSync(workspace, { recursive: true, force: true });
}

/** Runs refit and asks the kernel for the high-water mark of its memory until it ends. */
async function measure(...words) {
  const from = performance.now();
  const child = spawn(process.execPath, [BIN, ...words], {
    cwd: workspace,
    env: { ...process.env, TRIPS_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let mb = 0;
  const look = () => {
    try {
      const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      mb = Math.max(mb, Number(kb ?? 0) / 1024);
    } catch {
      // it has ended
    }
  };
  const timer = setInterval(look, 20);
  const code = await new Promise((done) => child.once('exit', done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`refit ended with ${code}`);
  return { mb, seconds: (performance.now() - from) / 1000 };
}
