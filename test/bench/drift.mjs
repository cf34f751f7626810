// What drift costs, like compared with like. Exits 1 when a limit is missed.
//
//   1. the whole command on CSV       against pandas + scipy on the same CSV files
//   2. judging alone                  against pandas + scipy once they have read
//   3. a Parquet window               against DuckDB reading the same file and nothing else
//
// Beside them: what reading every value of a CSV file costs over a read that takes the types from a sample, and memory.
// `npm run bench:drift` makes about 8 GB of data and takes 20 minutes, most of them pandas'; `-- --small` takes two.
// REFIT_BENCH_TMP: where the data lies. REFIT_BENCH_PYTHON: a Python that has pandas and scipy.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { compareTables } from '../../dist/drift/judge/judge-table.js';
import { createDatasets } from '../../dist/tables/datasets.js';
import { csvOf, long, openDuckDb, runPandas, wide } from './drift-tables.mjs';
import { createTable, median, peakMemory, REFIT, seconds, timeOnce, workspace } from './measure.mjs';

const isSmall = process.argv.includes('--small');
const [REFERENCE, CURRENT, LONG] = isSmall ? [2e6, 1e6, 1e7] : [1e7, 1e6, 1e8];
/** The window begins where the reference ends. */
const DAYS = REFERENCE / 1e5;
const ROUNDS = 3;
const MIB = (value) => `${value.toFixed(0)} MiB`;
const count = (rows) => rows.toLocaleString('en');

const root = workspace();
const duckdb = await openDuckDb(root);

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

const filesOf = (name) => ({ from: { kind: 'files', paths: [join(root, name)] }, timeColumn: 'at' });

const unwrap = (result) => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

/** Medians of several contestants, taken in turns. */
async function contest(contestants) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, run] of Object.entries(contestants)) times[name].push(await timed(run));
  const of = (name, what) => median(times[name].map((one) => one[what]));
  return Object.fromEntries(
    Object.keys(contestants).map((name) => [name, { wall: of(name, 'wall'), cpu: of(name, 'cpu') }]),
  );
}

/** Figure 3, and what of figure 2 is ours: a window is profiled in the reference's cells and judged, in this process. */
async function benchWindow(table) {
  const datasets = createDatasets('.', {
    roots: () => [tmpdir()],
    scratch: () => mkdtempSync(join(tmpdir(), 'refit-data-')),
  });
  const reference = unwrap(await datasets.profile(filesOf('reference.parquet')));
  const judge = async (source) => {
    const current = unwrap(await datasets.profile(source, reference));
    const { verdict } = compareTables(reference, current, { ignore: [], dataBugs: [] });
    if (verdict !== 'stable') throw new Error(`the same law, and yet ${verdict}`);
  };
  const sampled = {
    from: { kind: 'query', sql: `SELECT * FROM read_csv('${join(root, 'current.csv')}')` },
    timeColumn: 'at',
  };
  const took = await contest({
    parquet: () => judge(filesOf('current.parquet')),
    read: () => duckdb.read('current.parquet'),
    sum: () => duckdb.sum('current.parquet'),
    approximate: () => duckdb.approximate('current.parquet'),
    csv: () => judge(filesOf('current.csv')),
    sampled: () => judge(sampled),
  });
  await datasets[Symbol.asyncDispose]();
  const of = `${count(CURRENT)} × 20 rows`;
  table.add({
    what: `3. Parquet, ${of}, over the bare read, processor`,
    measured: seconds(took.parquet.cpu),
    against: `DuckDB reads alone ${seconds(took.read.cpu)}`,
    value: took.parquet.cpu / took.read.cpu,
    limit: 2.5,
  });
  console.log(
    `        DuckDB adds its values up in ${seconds(took.sum.cpu)}; approximate quantiles and top values take it ${seconds(took.approximate.cpu)}`,
  );
  table.add({
    what: `CSV, ${of}, every value over a sampled read`,
    measured: seconds(took.csv.wall),
    against: `types from a sample ${seconds(took.sampled.wall)}`,
    value: took.csv.wall / took.sampled.wall,
    limit: 1.5,
  });
  return took;
}

/** A pipeline whose run has stored the reference's profile: what a cron line then pays. */
function makePipeline() {
  mkdirSync(join(root, 'pipelines'));
  writeFileSync(
    join(root, 'pipelines/bench.yaml'),
    `pipeline: bench
datasets: { now: { path: current.csv, time: at } }
steps:
  extract: { run: cp reference.csv rows.csv, inputs: [reference.csv], outputs: [rows.csv] }
monitor: { reference: rows.csv, current: { dataset: now } }
`,
  );
  timeOnce(root, [process.execPath, REFIT, 'run', 'bench']);
  return [REFIT, 'check-drift', 'bench', '--json'];
}

/** Figures 1 and 2. */
async function benchCommand(table, took) {
  const command = makePipeline();
  const runs = [];
  for (let round = 0; round < ROUNDS; round++) {
    // rows that no earlier round has seen: neither their hash nor their profile is known
    await duckdb.make('current.parquet', wide(CURRENT, 10 + round, DAYS));
    csvOf(root, 'current');
    // what we have just written is not the command's to wait for
    spawnSync('sync');
    runs.push(runOnce(command));
  }
  const [wall, cpu, memory] = ['wall', 'cpu', 'memory'].map((what) => median(runs.map((one) => one[what])));
  const again = runOnce(command);
  console.log(
    `        a new window takes ${seconds(wall)} (processor ${seconds(cpu)}), a second check of it ${seconds(again.wall)} (${seconds(again.cpu)})`,
  );
  const sides = ['--reference', 'reference.csv', '--current', 'current.csv', '--time', 'at'];
  const files = runOnce([REFIT, 'check-drift', ...sides, '--json']);
  console.log(`        two bare files, no profile of the reference stored: ${seconds(files.wall)}`);
  stage('pandas + scipy');
  const theirs = runPandas(root, 'reference.csv', 'current.csv');
  if (theirs.why !== undefined) {
    table.skip('1. and 2. against pandas + scipy', theirs.why);
    return;
  }
  console.log(
    `        pandas + scipy: ${seconds(theirs.reading)} reading, ${seconds(theirs.judging)} judging; by processor time ${(theirs.cpu / cpu).toFixed(1)} times ours; two bare files ${(theirs.wall / files.wall).toFixed(1)} times`,
  );
  table.add({
    what: `1. check-drift on CSV, times faster`,
    measured: seconds(wall),
    against: `pandas + scipy ${seconds(theirs.wall)}`,
    value: theirs.wall / wall,
    least: isSmall ? 2 : 20,
  });
  table.add({
    what: `2. judging alone, times faster`,
    measured: seconds(took.parquet.wall),
    against: `their tests ${seconds(theirs.judging)}`,
    value: theirs.judging / took.parquet.wall,
    least: isSmall ? 2 : 20,
  });
  table.add({
    what: `memory of the command, share of pandas'`,
    measured: MIB(memory),
    against: `pandas + scipy ${MIB(theirs.memory)}`,
    value: memory / theirs.memory,
    limit: isSmall ? 1 : 0.1,
  });
}

/** Wall and processor seconds and peak memory in MiB of a refit command as a user starts it. */
function runOnce(command) {
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

function benchLong(table) {
  const argv = [REFIT, 'check-drift', '--time', 'at', '--reference', 'long.parquet', '--current', 'long.parquet'];
  const from = process.hrtime.bigint();
  const memory = peakMemory(root, argv);
  console.log(
    `        reading it as reference and as window: ${seconds(Number(process.hrtime.bigint() - from) / 1e9)}`,
  );
  table.add({
    what: `memory of ${count(LONG)} × 5 rows on both sides`,
    measured: MIB(memory),
    value: memory,
    limit: 2048,
  });
}

const table = createTable(
  isSmall
    ? `drift, small: ${count(REFERENCE)} rows against ${count(CURRENT)}; limits against pandas are lower`
    : `drift: ${count(REFERENCE)} rows against ${count(CURRENT)}; about 20 minutes, most of them pandas' (\`--small\` takes two)`,
);
stage('making the tables');
await duckdb.make('reference.parquet', wide(REFERENCE, 1));
await duckdb.make('current.parquet', wide(CURRENT, 2, DAYS));
for (const name of ['reference', 'current']) csvOf(root, name);
stage('judging a window');
const took = await benchWindow(table);
stage('the whole command');
await benchCommand(table, took);
stage('making the long table');
await duckdb.make('long.parquet', long(LONG, 3));
stage('the long table on both sides');
benchLong(table);
table.end();
process.exit();
