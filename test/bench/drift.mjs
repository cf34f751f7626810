// What drift costs, beside DuckDB's own t-digest scan and pandas + scipy in the same run. Exits 1 when a limit is missed.
// `npm run bench:drift` makes about 6 GB of data and takes 15 minutes, most of them pandas'; `-- --small` makes less.
// REFIT_BENCH_TMP: where the data lies. REFIT_BENCH_PYTHON: a Python that has pandas and scipy.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { DuckDBInstance } from '@duckdb/node-api';
import { compareTables } from '../../dist/drift/judge/judge-table.js';
import { createDatasets } from '../../dist/tables/datasets.js';
import { createTable, median, peakMemory, REFIT, seconds, timeOnce, workspace } from './measure.mjs';

const isSmall = process.argv.includes('--small');
const [REFERENCE, CURRENT, LONG] = isSmall ? [2e6, 1e6, 1e7] : [1e7, 1e6, 1e8];
const ROUNDS = 3;
const MIB = (value) => `${value.toFixed(0)} MiB`;

const NUMBERS = Array.from({ length: 15 }, (_, i) => `n${i}`);
const CATEGORIES = Array.from({ length: 5 }, (_, i) => `c${i}`);
const WHOLE = [50, 1000, 100_000, 5, 20];
const VALUES = [5, 20, 100, 500, 3000];

/** Uniform in (0, 1), by hash: the same for a row, a column and a seed wherever it is computed. */
const uniform = (column, seed) =>
  `((hash(r::BIGINT * 64 + ${column} + ${seed}::BIGINT * 1000000000000) % 1000003 + 0.5) / 1000003.0)`;

/** Ten continuous columns with and without a long tail, five of whole numbers, five of text with a long tail. */
const wide = (rows, seed) =>
  `SELECT ${[
    ...NUMBERS.map((name, i) => {
      const u = uniform(i, seed);
      const kinds = [
        `sqrt(-2 * ln(${u})) * cos(977 * ${u})`,
        `exp(3 * ${u})`,
        `(${WHOLE[(i - 2) / 3]} * ${u})::INTEGER`,
      ];
      return `${kinds[i % 3]} AS ${name}`;
    }),
    ...CATEGORIES.map((name, i) => `'v' || floor(${VALUES[i]} * pow(${uniform(20 + i, seed)}, 2))::INTEGER AS ${name}`),
  ].join(', ')} FROM range(${rows}) AS rows(r)`;

const long = (rows, seed) =>
  `SELECT ${[0, 1, 2].map((i) => `exp(3 * ${uniform(i, seed)}) AS n${i}`).join(', ')},
     'v' || floor(1000 * pow(${uniform(20, seed)}, 2))::INTEGER AS c0,
     TIMESTAMP '2026-01-01' + to_seconds(r // 100) AS at FROM range(${rows}) AS rows(r)`;

const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const duckdb = await instance.connect();
const root = workspace();
const make = (name, select, format = '') => duckdb.run(`COPY (${select}) TO '${join(root, name)}' ${format}`);

/** Wall and processor seconds. */
async function timed(run) {
  const [from, before] = [process.hrtime.bigint(), process.cpuUsage()];
  await run();
  const used = process.cpuUsage(before);
  return { wall: Number(process.hrtime.bigint() - from) / 1e9, cpu: (used.user + used.system) / 1e6 };
}

/** Named as it begins, with the time and what this process holds: a run that ends early says in what. */
const stage = (name) =>
  console.log(
    `        ${new Date().toISOString().slice(11, 19)} ${name} (${MIB(process.memoryUsage().rss / 2 ** 20)})`,
  );

const source = (name) => ({ from: { kind: 'files', paths: [join(root, name)] } });

/** A hundred quantiles of every number column by t-digest, the top categories of the others: what an approximate profile costs. */
async function scan(name) {
  const ranks = Array.from({ length: 101 }, (_, i) => i / 100).join(', ');
  const quantiles = NUMBERS.map((column) => `approx_quantile(${column}, [${ranks}])`).join(', ');
  await duckdb.runAndReadAll(`SELECT ${quantiles} FROM '${join(root, name)}'`);
  for (const column of CATEGORIES)
    await duckdb.runAndReadAll(
      `SELECT ${column}, count(*) AS n FROM '${join(root, name)}' GROUP BY 1 ORDER BY n DESC LIMIT 100`,
    );
}

const unwrap = (result) => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

async function benchWindow(table) {
  const datasets = createDatasets('.', {
    roots: () => [tmpdir()],
    scratch: () => mkdtempSync(join(tmpdir(), 'refit-data-')),
  });
  const reference = unwrap(await datasets.profile(source('reference.parquet')));
  const judge = async () => {
    const current = unwrap(await datasets.profile(source('current.parquet'), reference));
    const { verdict } = compareTables(reference, current, { ignore: [], dataBugs: [] });
    if (verdict !== 'stable') throw new Error(`the same law, and yet ${verdict}`);
  };
  const [ours, floors] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await timed(judge));
    floors.push(await timed(() => scan('current.parquet')));
  }
  const [measured, floor] = [ours, floors].map((times) => median(times.map((time) => time.cpu)));
  table.add({
    what: `judging ${CURRENT.toLocaleString('en')} × 20 rows, processor time`,
    measured: seconds(measured),
    against: `t-digest scan ${seconds(floor)}`,
    value: measured / floor,
    limit: 2.5,
  });
  await datasets[Symbol.asyncDispose]();
}

const PANDAS = `
import json, resource, sys, time, pandas as pd
from scipy import stats
started = time.time()
a, b = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
reading = time.time() - started
for name in a.columns:
    if pd.api.types.is_numeric_dtype(a[name]):
        stats.ks_2samp(a[name], b[name], method='asymp')
    else:
        both = pd.concat([a[name].value_counts(), b[name].value_counts()], axis=1).fillna(0)
        stats.chi2_contingency(both)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps(dict(memory=used.ru_maxrss / 1024, cpu=used.ru_utime + used.ru_stime, reading=reading)))
`;

function findPython() {
  const candidates = [process.env.REFIT_BENCH_PYTHON, 'python3', '/usr/bin/python3'];
  return candidates.find(
    (python) => python !== undefined && spawnSync(python, ['-c', 'import pandas, scipy.stats']).status === 0,
  );
}

/** A pipeline whose run has stored the reference's profile: what a cron line then pays. */
function makePipeline() {
  mkdirSync(join(root, 'pipelines'));
  writeFileSync(
    join(root, 'pipelines/bench.yaml'),
    `pipeline: bench
datasets: { now: { path: current.parquet } }
steps:
  extract: { run: cp reference.parquet rows.parquet, inputs: [reference.parquet], outputs: [rows.parquet] }
monitor: { reference: rows.parquet, current: { dataset: now } }
`,
  );
  timeOnce(root, [process.execPath, REFIT, 'run', 'bench']);
  return [REFIT, 'check-drift', 'bench', '--json'];
}

async function benchCommand(table) {
  const command = makePipeline();
  const looks = [];
  for (let round = 0; round < ROUNDS; round++) {
    // rows that no earlier round has seen: neither their hash nor their profile is known
    await make('current.parquet', wide(CURRENT, 10 + round));
    // what we have just written is not the command's to wait for
    spawnSync('sync');
    looks.push(look(command));
  }
  const [wall, cpu, memory] = ['wall', 'cpu', 'memory'].map((what) => median(looks.map((one) => one[what])));
  const again = look(command);
  console.log(
    `        a new window takes ${seconds(wall)} (processor ${seconds(cpu)}), a second look at it ${seconds(again.wall)} (${seconds(again.cpu)})`,
  );
  const python = findPython();
  if (python === undefined) {
    table.skip(
      'the command against pandas + scipy',
      'no Python with them; Debian: apt install python3-pandas python3-scipy',
    );
    return;
  }
  stage('writing CSV for pandas');
  for (const name of ['reference', 'current']) csvOf(name);
  stage('pandas + scipy');
  const from = process.hrtime.bigint();
  const ended = spawnSync(python, ['-c', PANDAS, ...['reference', 'current'].map((name) => `${name}.csv`)], {
    cwd: root,
    encoding: 'utf8',
  });
  if (ended.status !== 0) {
    table.skip('the command against pandas + scipy', ended.stderr.trim().split('\n').at(-1) ?? 'it failed');
    return;
  }
  const theirs = { wall: Number(process.hrtime.bigint() - from) / 1e9, ...JSON.parse(ended.stdout) };
  console.log(
    `        pandas: ${seconds(theirs.reading)} of it reading CSV, which is all Debian's can; by processor time ${seconds(theirs.cpu)} against ${seconds(cpu)}: ${(theirs.cpu / cpu).toFixed(1)} times`,
  );
  table.add({
    what: `check-drift, times faster than pandas + scipy`,
    measured: seconds(wall),
    against: `pandas + scipy ${seconds(theirs.wall)}`,
    value: theirs.wall / wall,
    least: isSmall ? 2 : 60,
  });
  table.add({
    what: `memory of it, share of pandas'`,
    measured: MIB(memory),
    against: `pandas + scipy ${MIB(theirs.memory)}`,
    value: memory / theirs.memory,
    limit: isSmall ? 1 : 0.1,
  });
}

/** Wall and processor seconds and peak memory in MiB of a refit command as a user starts it. */
function look(command) {
  const hook =
    "process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage(); console.error(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS / 1024 })); })";
  const from = process.hrtime.bigint();
  const ended = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, ...command],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const wall = Number(process.hrtime.bigint() - from) / 1e9;
  if (ended.status !== 0) throw new Error(`${command.join(' ')} exited with ${ended.status}\n${ended.stderr}`);
  return { wall, ...JSON.parse(ended.stderr.trim().split('\n').at(-1)) };
}

/** In a process of its own, so that its memory is not this one's. */
const csvOf = (name) =>
  timeOnce(root, [
    process.execPath,
    '--input-type=module',
    '-e',
    `import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve('@duckdb/node-api'))};
     const connection = await (await DuckDBInstance.create(':memory:')).connect();
     await connection.run("COPY (FROM '${name}.parquet') TO '${name}.csv'");`,
  ]);

function benchLong(table) {
  const argv = [REFIT, 'check-drift', '--time', 'at', '--reference', 'long.parquet', '--current', 'long.parquet'];
  const from = process.hrtime.bigint();
  const memory = peakMemory(root, argv);
  console.log(
    `        reading it as reference and as window: ${seconds(Number(process.hrtime.bigint() - from) / 1e9)}`,
  );
  table.add({
    what: `memory of ${LONG.toLocaleString('en')} × 5 rows on both sides`,
    measured: MIB(memory),
    value: memory,
    limit: 2048,
  });
}

const table = createTable(
  isSmall
    ? 'drift, small: limits against pandas are lower'
    : 'drift, full size; about 15 minutes, most of them pandas (`--small` makes less)',
);
stage('making the tables');
await make('reference.parquet', wide(REFERENCE, 1));
await make('current.parquet', wide(CURRENT, 2));
stage('judging a window');
await benchWindow(table);
stage('the whole command');
await benchCommand(table);
stage('making the long table');
await make('long.parquet', long(LONG, 3));
stage('the long table on both sides');
benchLong(table);
table.end();
process.exit();
