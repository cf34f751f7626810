/**
 * How often drift is called where there is none: tables of many unchanged columns, random halves of real tables, and next
 * weeks of hourly columns whose hours follow each other, also beside a reference of the same length (`season`), of the last
 * windows, and of few rows. Fixed seeds. Exits with 1 where a rate misses its limit.
 *   node test/bench/false-alarms.mjs [columns|splits|hours|references|small]      REFIT_TEST_DATA names the folder that holds bike/hour.csv
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { compareColumn } from '../../dist/drift/judge/compare-column.js';
import { warnNewcomers } from '../../dist/drift/judge/effects/warn-newcomers.js';
import { alphaFor, compareTables } from '../../dist/drift/judge/judge-table.js';
import { profileOfValues } from '../../dist/drift/judge/values-profile.js';
import { coarseEdges, countInCells } from '../../dist/statistics/distribution.js';
import { seededNormal, seededRandom } from '../../dist/statistics/random.js';
import { createDatasets } from '../../dist/tables/datasets.js';
import { heading, markdownTable } from './markdown.mjs';

const PROJECT = resolve(import.meta.dirname, '../..');
const VEGA = join(PROJECT, 'node_modules/vega-datasets/data');
const BIKE = join(process.env.REFIT_TEST_DATA ?? resolve(PROJECT, '../shared/data'), 'bike/hour.csv');
const asked = process.argv[2];
const misses = [];
const percent = (part, all) => `${((100 * part) / Math.max(1, all)).toFixed(1)} %`;

/** Unchanged columns of five kinds; every row of both windows is drawn. */
function manyColumns() {
  const [draws, rows] = [300, 200];
  heading(`Tables of unchanged columns: ${draws} draws of ${rows} rows a side (limit 1 %)`);
  const body = [100, 300, 1000].map((columns) => {
    const [u, z] = [seededRandom(columns), seededNormal(columns)];
    const kinds = [
      z,
      () => Math.exp(z()),
      () => Math.floor(6 * u() ** 2),
      () => (u() < 0.04 ? 1 : 0),
      () => Math.floor(8 * u()),
    ];
    let alarms = 0;
    for (let draw = 0; draw < draws; draw++) {
      const column = (i) => {
        const kind = i % kinds.length;
        return profileOfValues(`x${i}`, Float64Array.from({ length: rows }, kinds[kind]), kind === 4);
      };
      const side = () => ({ format: 2, rows, columns: Array.from({ length: columns }, (_, i) => column(i)) });
      if (compareTables(side(), side(), { ignore: [], dataBugs: [] }).verdict === 'drift') alarms++;
    }
    if (alarms > 0.01 * draws) misses.push(`${columns} columns: ${alarms} of ${draws}`);
    return [columns, alarms, percent(alarms, draws)];
  });
  markdownTable(['columns', 'tables that alarm', 'share'], body);
}

/** SQL by name, with the file that it reads; of the longest table one row of a hundred. */
const read = (file, kind = 'csv') => ({ file, sql: `SELECT * FROM read_${kind}('${file}')` });
const FLIGHTS = join(VEGA, 'flights-3m.parquet');
const TABLES = {
  flights: { file: FLIGHTS, sql: `SELECT * FROM read_parquet('${FLIGHTS}') WHERE hash(date, origin, delay) % 100 = 0` },
  zipcodes: read(join(VEGA, 'zipcodes.csv')),
  movies: read(join(VEGA, 'movies.json'), 'json'),
  birdstrikes: read(join(VEGA, 'birdstrikes.csv')),
  species: read(join(VEGA, 'species.csv')),
  'seattle weather, hours': read(join(VEGA, 'seattle-weather-hourly-normals.csv')),
  airports: read(join(VEGA, 'airports.csv')),
  weather: read(join(VEGA, 'weather.csv')),
  cars: read(join(VEGA, 'cars.json'), 'json'),
  gapminder: read(join(VEGA, 'gapminder.json'), 'json'),
  penguins: read(join(VEGA, 'penguins.json'), 'json'),
  'bike hire': read(BIKE),
};
const SPLITS = 60;

async function realSplits() {
  heading(`Random halves of real tables: ${SPLITS} splits each (limit 1 %)`);
  const datasets = createDatasets('.', {
    roots: () => [tmpdir(), PROJECT, dirname(BIKE)],
    scratch: () => mkdtempSync(join(tmpdir(), 'refit-data-')),
  });
  const profile = async (sql, reference) => {
    const found = await datasets.profile({ from: { kind: 'query', sql } }, reference);
    if (!found.ok) throw new Error(JSON.stringify(found.error));
    return found.value;
  };
  const all = { alarms: 0, told: 0, splits: 0 };
  const body = [];
  for (const [name, { file, sql }] of Object.entries(TABLES)) {
    if (!existsSync(file)) {
      console.log(`skip ${name}: no ${file}`);
      continue;
    }
    const found = { alarms: 0, undecided: 0, told: 0, rows: 0 };
    for (let split = 0; split < SPLITS; split++) {
      const half = (which) =>
        `SELECT * EXCLUDE (rn) FROM (SELECT *, row_number() OVER () AS rn FROM (${sql})) WHERE hash(rn * 7919 + ${split}) % 2 = ${which}`;
      const reference = await profile(half(0));
      const current = await profile(half(1), reference);
      found.rows = reference.rows + current.rows;
      const { verdict, features } = compareTables(reference, current, { ignore: [], dataBugs: [] });
      if (verdict === 'drift') found.alarms++;
      if (verdict === 'undecided') found.undecided++;
      if (warnNewcomers(reference, current, { ignore: [], features, warned: [] }).length > 0) found.told++;
    }
    all.alarms += found.alarms;
    all.told += found.told;
    all.splits += SPLITS;
    body.push([name, found.rows, found.alarms, found.undecided, found.told]);
  }
  await datasets[Symbol.asyncDispose]();
  markdownTable(['table', 'rows', `alarms of ${SPLITS}`, 'undecided', 'warnings'], body);
  console.log(
    `\nAll together ${all.alarms} of ${all.splits} splits alarm (${percent(all.alarms, all.splits)}), ${all.told} warn of new values.`,
  );
  if (all.alarms > 0.01 * all.splits) misses.push(`random splits: ${all.alarms} of ${all.splits}`);
}

/** Each hour keeps this part of the hour before. */
function walk(z, keep) {
  let x = z();
  return () => {
    x = keep * x + Math.sqrt(1 - keep * keep) * z();
    return x;
  };
}
const HOURS = {
  'independent hours': ({ z }) => z,
  'keeps 0.5 of the hour before': ({ z }) => walk(z, 0.5),
  'keeps 0.9': ({ z }) => walk(z, 0.9),
  'keeps 0.97': ({ z }) => walk(z, 0.97),
  'daily cycle, keeps 0.9': ({ z }) => {
    const x = walk(z, 0.9);
    let t = 0;
    return () => Math.sin((2 * Math.PI * t++) / 24) + 0.7 * x();
  },
  'every day has its own level': ({ z }) => {
    let [t, level] = [0, 0];
    return () => {
      if (t++ % 24 === 0) level = 0.5 * z();
      return level + z();
    };
  },
  'on and off, stays 20 hours': ({ u }) => {
    let on = u() < 0.3;
    return () => {
      if (u() < (on ? 1 / 20 : 3 / 140)) on = !on;
      return on ? 1 : 0;
    };
  },
};
const WEEK = 168;
const SPANS = 40;

/** A reference whose rows are in order, as a scan sees it. */
function ordered(values, spans = SPANS) {
  const column = profileOfValues('x', values, false);
  const edges = coarseEdges(column.numeric.quantiles);
  const at = (span) => Math.floor((span * values.length) / spans);
  const history = Array.from({ length: spans }, (_, i) => countInCells(edges, values.subarray(at(i), at(i + 1))));
  return { ...column, history };
}

const isDrift = (reference, values) =>
  compareColumn(reference, profileOfValues('x', values, false), { alpha: alphaFor(1), role: 'feature' }).verdict ===
  'drift';

function hourlyColumns() {
  const draws = 300;
  heading(`Next weeks of hourly columns: ${draws} draws (limit 5 %)`);
  const body = [];
  for (const [name, make] of Object.entries(HOURS))
    for (const [weeks, next] of [
      [8, 1],
      [26, 1],
      [26, 4],
    ]) {
      const found = { ordered: 0, bare: 0, moved: 0 };
      for (let draw = 0; draw < draws; draw++) {
        const hour = make({ u: seededRandom(draw * 31 + weeks), z: seededNormal(draw * 17 + weeks) });
        const before = Float64Array.from({ length: weeks * WEEK }, hour);
        const after = Float64Array.from({ length: next * WEEK }, hour);
        const reference = ordered(before);
        const { history: _, ...bare } = reference;
        if (isDrift(reference, after)) found.ordered++;
        if (isDrift(bare, after)) found.bare++;
        const moved = after.map((x) => (name.startsWith('on') ? 1 - x : x + 2));
        if (isDrift(reference, moved)) found.moved++;
      }
      if (found.ordered > 0.05 * draws) misses.push(`${name}, ${weeks} + ${next} weeks: ${found.ordered} of ${draws}`);
      const shares = [found.ordered, found.bare, found.moved].map((count) => percent(count, draws));
      body.push([name, `${weeks} + ${next}`, ...shares]);
    }
  markdownTable(['column', 'weeks', 'alarms', 'alarms without order', 'found: 2 sd, or turned over'], body);
}

/** As a scan does it: short references have fewer spans, and very short ones none. */
function scanned(values) {
  if (values.length < 150) return profileOfValues('x', values, false);
  return ordered(values, Math.min(SPANS, Math.floor(values.length / 12)));
}

/** What `monitor.reference` can be, in weeks: of the reference, of the window, and between them. No limit is set for these. */
const REFERENCES = [
  ['season, 1 week', 1, 1, 51],
  ['season, 4 weeks', 4, 4, 48],
  ['last: 1 window of 1 week', 1, 1, 0],
  ['last: 4 windows of 1 week', 4, 1, 0],
  ['last: 8 windows of 1 week', 8, 1, 0],
];

function chosenReferences() {
  const draws = 300;
  heading(`Weeks of hourly columns beside a chosen reference: ${draws} draws`);
  const body = Object.entries(HOURS).map(([name, make]) => [
    name,
    ...REFERENCES.map(([, weeks, next, gap]) => {
      let alarms = 0;
      for (let draw = 0; draw < draws; draw++) {
        const hour = make({ u: seededRandom(draw * 31 + weeks), z: seededNormal(draw * 17 + weeks) });
        const before = Float64Array.from({ length: weeks * WEEK }, hour);
        for (let skipped = 0; skipped < gap * WEEK; skipped++) hour();
        if (isDrift(scanned(before), Float64Array.from({ length: next * WEEK }, hour))) alarms++;
      }
      return percent(alarms, draws);
    }),
  ]);
  markdownTable(['column', ...REFERENCES.map(([reference]) => reference)], body);
}

/** Tables of five independent columns, with few rows of reference and as many or ten times as many in the window. */
function smallReferences() {
  const draws = 1000;
  heading(`Small references: tables of 5 columns, ${draws} draws (limit 1 %)`);
  const body = [50, 100, 200, 500].map((rows) => [
    rows,
    ...[1, 10].map((times) => {
      const [u, z] = [seededRandom(rows * times), seededNormal(rows * times)];
      const kinds = [
        z,
        () => Math.exp(z()),
        () => Math.floor(6 * u() ** 2),
        () => (u() < 0.04 ? 1 : 0),
        () => Math.floor(8 * u()),
      ];
      const side = (length) => ({
        format: 2,
        rows: length,
        columns: kinds.map((kind, i) => profileOfValues(`x${i}`, Float64Array.from({ length }, kind), i === 4)),
      });
      let alarms = 0;
      for (let draw = 0; draw < draws; draw++)
        if (compareTables(side(rows), side(rows * times), { ignore: [], dataBugs: [] }).verdict === 'drift') alarms++;
      if (alarms > 0.01 * draws)
        misses.push(`reference of ${rows} rows, window of ${rows * times}: ${alarms} of ${draws}`);
      return percent(alarms, draws);
    }),
  ]);
  markdownTable(['rows of the reference', 'as many in the window', 'ten times as many'], body);
}

if (asked === undefined || asked === 'hours') hourlyColumns();
if (asked === undefined || asked === 'references') chosenReferences();
if (asked === undefined || asked === 'small') smallReferences();
if (asked === undefined || asked === 'columns') manyColumns();
if (asked === undefined || asked === 'splits') await realSplits();
console.log(`\n${misses.length} misses`);
for (const miss of misses) console.log(`- ${miss}`);
process.exitCode = misses.length > 0 ? 1 : 0;
