/**
 * Real windows that nobody touched, each compared with the one before it by the whole command: how many are called broken.
 * The world moves between them, so drift is no error; a data bug is. Exits with 1 where too many are called broken.
 *   node test/bench/windows.mjs      REFIT_TEST_DATA names the folder that holds bike/hour.csv
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { createDatasets } from '../../dist/tables/datasets.js';
import { heading, markdownTable } from './markdown.mjs';
import { REFIT, workspace } from './measure.mjs';

const PROJECT = resolve(import.meta.dirname, '../..');
const VEGA = join(PROJECT, 'node_modules/vega-datasets/data');
const BIKE = join(process.env.REFIT_TEST_DATA ?? resolve(PROJECT, '../shared/data'), 'bike/hour.csv');
const FLIGHTS = join(VEGA, 'flights-3m.parquet');
const LIMIT = 0.01;
/** Fewer rows are no window. */
const LEAST_ROWS = 20;

const bike = `SELECT * EXCLUDE (instant) REPLACE (dteday + to_hours(hr) AS dteday) FROM read_csv('${BIKE}')`;
const flights = (part) =>
  `SELECT * FROM read_parquet('${FLIGHTS}') WHERE hash(date, delay, distance, origin, destination) % ${part} = 0`;
const seattle = `SELECT * FROM read_csv('${join(VEGA, 'seattle-weather.csv')}')`;
const strikes = `SELECT * FROM read_csv('${join(VEGA, 'birdstrikes.csv')}')`;

/** Tables in time order, cut into windows of one calendar unit; of many windows every so many-th pair is compared. */
const SERIES = [
  { name: 'bike hire, months', file: BIKE, sql: bike, time: 'dteday', unit: 'month' },
  { name: 'bike hire, weeks', file: BIKE, sql: bike, time: 'dteday', unit: 'week', every: 3 },
  { name: 'flights, weeks', file: FLIGHTS, sql: flights(40), time: 'date', unit: 'week' },
  { name: 'flights, days', file: FLIGHTS, sql: flights(8), time: 'date', unit: 'day', every: 6 },
  { name: 'weather of a city, quarters', file: VEGA, sql: seattle, time: 'date', unit: 'quarter' },
  { name: 'weather of a city, months', file: VEGA, sql: seattle, time: 'date', unit: 'month', every: 3 },
  { name: 'bird strikes, years', file: VEGA, sql: strikes, time: 'Flight Date', unit: 'year' },
];

const folder = workspace();
const datasets = createDatasets('.', { roots: () => [BIKE, FLIGHTS, VEGA, folder], scratch: () => folder });
const orThrow = (result) => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

async function cut(series, i) {
  const since = `(SELECT date_trunc('${series.unit}', min("${series.time}")) FROM (${series.sql}))`;
  const bound = (k) => `${since} + INTERVAL ${k} ${series.unit === 'quarter' ? 'quarter' : series.unit}`;
  const path = join(folder, `window-${i}.parquet`);
  const rows = `SELECT * FROM (${series.sql}) WHERE "${series.time}" >= ${bound(i)} AND "${series.time}" < ${bound(i + 1)}`;
  const count = orThrow(await datasets.countRows({ from: { kind: 'query', sql: rows } }));
  if (count >= LEAST_ROWS) orThrow(await datasets.copyCut({ from: { kind: 'query', sql: rows } }, path));
  return { path, count };
}

function ask(series, before, now) {
  const files = ['--reference', before.path, '--current', now.path, '--time', series.time];
  const ran = spawnSync(process.execPath, [REFIT, 'check-drift', ...files, '--json'], { encoding: 'utf8' });
  const report = JSON.parse(ran.stdout);
  const named = (list) => list.map((one) => `${one.kind} ${one.column ?? ''} (${one.detail ?? ''})`).join('; ');
  if (report.data_bugs.length > 0) console.log(`  bug in ${series.name} ${now.path}: ${named(report.data_bugs)}`);
  return report.data_bugs.length > 0 ? 'bug' : report.unclear.length > 0 ? 'unclear' : report.verdict;
}

async function windowsOf(series) {
  const span = `SELECT date_diff('${series.unit}', min("${series.time}"), max("${series.time}")) + 1 AS n FROM (${series.sql})`;
  const rows = orThrow(
    await datasets.countRows({ from: { kind: 'query', sql: `SELECT unnest(range(n)) FROM (${span})` } }),
  );
  const answers = [];
  for (let i = 1; i < rows; i += series.every ?? 1) {
    const [before, now] = [await cut(series, i - 1), await cut(series, i)];
    if (before.count >= LEAST_ROWS && now.count >= LEAST_ROWS) answers.push(ask(series, before, now));
  }
  return answers;
}

heading(`Real windows that nobody touched, against the one before (called broken: at most ${100 * LIMIT} %)`);
const all = [];
const body = [];
for (const series of SERIES) {
  if (!existsSync(series.file)) {
    console.log(`skip ${series.name}: no ${series.file}`);
    continue;
  }
  const answers = await windowsOf(series);
  all.push(...answers);
  body.push([series.name, answers]);
}
await datasets[Symbol.asyncDispose]();
const count = (answers, wanted) => answers.filter((one) => one === wanted).length;
markdownTable(
  ['table', 'pairs', 'stable', 'drift', 'undecided', 'unclear', 'bug'],
  [...body, ['all', all]].map(([name, answers]) => [
    name,
    answers.length,
    ...['stable', 'drift', 'undecided', 'unclear', 'bug'].map((verdict) => count(answers, verdict)),
  ]),
);
if (count(all, 'bug') > LIMIT * all.length) process.exitCode = 1;
