// Data bug or changed world: 16 kinds of broken data put into real windows, and windows that nobody touched. Prints what
// share of each kind is called a bug, or told at all, at all rows and at 30 % of them, and how many clean windows are called broken.
//   node test/bench/triage.mjs      REFIT_TEST_DATA names the folder that holds bike/hour.csv
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { findDataBugs } from '../../dist/drift/find-data-bugs.js';
import { seededRandom } from '../../dist/statistics/random.js';
import { createDatasets } from '../../dist/tables/datasets.js';
import { createTable, workspace } from './measure.mjs';

const PROJECT = resolve(import.meta.dirname, '../..');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PAST = 8;
const SHARES = [1, 0.3];
const isVerbose = process.argv.includes('--verbose');

const FLIGHTS = join(PROJECT, 'node_modules/vega-datasets/data/flights-3m.parquet');
const BIKE = join(process.env.REFIT_TEST_DATA ?? resolve(PROJECT, '../shared/data'), 'bike/hour.csv');
const folder = workspace();
const datasets = createDatasets('.', {
  roots: () => [tmpdir(), PROJECT, dirname(BIKE)],
  scratch: () => mkdtempSync(join(tmpdir(), 'refit-data-')),
});

const orThrow = (result) => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};

/** Each source: a Parquet copy in time order, the length of a window, and columns that may be broken. */
const sources = [
  {
    name: 'flights, days',
    // an eighth of the rows: a day has about 2,000
    sql: `SELECT * FROM read_parquet('${FLIGHTS}') WHERE hash(date, delay, distance, origin, destination) % 8 = 0 ORDER BY date`,
    time: 'date',
    from: Date.UTC(2001, 0, 9),
    windowMs: DAY,
    clean: 80,
    broken: [3, 12, 21, 30, 39, 48, 57, 66],
    numbers: ['delay', 'distance'],
    texts: ['origin', 'destination'],
    recase: 'lower',
  },
  {
    name: 'bike, weeks',
    sql: `SELECT * EXCLUDE (instant) REPLACE (dteday + to_hours(hr) AS dteday), ['clear', 'mist', 'rain', 'storm'][weathersit] AS sky,
      ['winter', 'spring', 'summer', 'autumn'][season] AS quarter, CASE WHEN hr BETWEEN 7 AND 19 THEN 'day' ELSE 'night' END AS light
      FROM read_csv('${BIKE}') ORDER BY 2, hr`,
    time: 'dteday',
    from: Date.UTC(2011, 1, 26),
    windowMs: 7 * DAY,
    clean: 95,
    broken: [2, 13, 24, 35, 46, 57, 68, 79],
    numbers: ['temp', 'atemp', 'hum', 'windspeed', 'casual', 'registered', 'cnt'],
    texts: ['sky', 'light'],
    recase: 'upper',
    needs: BIKE,
  },
  {
    like: 'bike, weeks',
    name: 'bike, days',
    from: Date.UTC(2011, 0, 9),
    windowMs: DAY,
    clean: 700,
    every: 10,
    broken: [],
  },
];

/** How one column, or the whole window, is broken: SQL of the new value where the row is hit. */
const KINDS = {
  null: ({ x }) => ({ x: 'NULL', also: 'rn % 2 = 0', of: x }),
  'all-null': ({ x }) => ({ x: 'NULL', of: x }),
  'x 1000': ({ x }) => ({ x: `${x} * 1000`, of: x }),
  'x 0.01': ({ x }) => ({ x: `${x} * 0.01::DOUBLE`, of: x }),
  sign: ({ x }) => ({ x: `-${x}`, of: x }),
  sentinel: ({ x, draw }) => ({ x: ['-999', '9999', '-1'][draw % 3], of: x }),
  zero: ({ x }) => ({ x: '0', of: x }),
  constant: ({ x }) => ({ x: `quantile_disc(${x}, 0.5) OVER ()`, of: x }),
  text: ({ x }) => ({ x: `${x}::VARCHAR || ' u'`, of: x }),
  'decimal comma': ({ x }) => ({ x: `replace(${x}::DOUBLE::VARCHAR, '.', ',')`, of: x }),
  swap: ({ x, y }) => ({ x: y, y: x, of: x, and: y }),
  'trailing space': ({ t }) => ({ x: `${t} || ' '`, of: t }),
  case: ({ t, recase }) => ({ x: `${recase}(${t})`, of: t }),
  duplicates: () => ({ whole: 'duplicates' }),
  truncation: () => ({ whole: 'truncation' }),
  'dropped column': ({ x }) => ({ whole: 'dropped', of: x }),
};

/** The window with the fault in it, and a count of the rows that differ. */
function inject(rows, fault, share, seed) {
  const numbered = `(SELECT *, row_number() OVER () AS rn, count(*) OVER () AS all_rows FROM (${rows}))`;
  const hit = `(hash(rn + ${seed}) % 1000 < ${share * 1000}${fault.also === undefined ? '' : ` AND ${fault.also}`})`;
  const bare = '* EXCLUDE (rn, all_rows)';
  if (fault.whole === 'duplicates')
    return { sql: `SELECT ${bare} FROM ${numbered} UNION ALL SELECT ${bare} FROM ${numbered} WHERE ${hit}` };
  if (fault.whole === 'truncation') return { sql: `SELECT ${bare} FROM ${numbered} WHERE rn <= 0.3 * all_rows` };
  if (fault.whole === 'dropped') return { sql: `SELECT * EXCLUDE (${fault.of}) FROM (${rows})` };
  // swapping columns reads the old values of both
  const value = (to, of) =>
    `CASE WHEN ${hit} THEN ${to} ELSE ${/VARCHAR|\|\||\(/.test(to) && !/OVER/.test(to) ? `${of}::VARCHAR` : of} END AS ${of}`;
  const replaced = [value(fault.x, fault.of), ...(fault.and === undefined ? [] : [value(fault.y, fault.and)])];
  return {
    sql: `SELECT * EXCLUDE (rn, all_rows) REPLACE (${replaced.join(', ')}) FROM ${numbered}`,
    changed: `SELECT 1 FROM (SELECT ${fault.of} AS was, ${value(fault.x, fault.of)}_new FROM ${numbered}) WHERE was::VARCHAR IS DISTINCT FROM ${fault.of}_new::VARCHAR`,
  };
}

const started = performance.now();
const found = new Map();
const clean = [];
const kept = new Map();

for (const given of sources) {
  const source = { ...sources.find((one) => one.name === given.like), ...given };
  if (source.needs !== undefined && !existsSync(source.needs)) {
    console.log(`skip  ${source.name}: no ${source.needs}`);
    continue;
  }
  const file = join(folder, `${(given.like ?? source.name).replace(/\W+/g, '-')}.parquet`);
  if (!existsSync(file)) orThrow(await datasets.copyCut({ from: { kind: 'query', sql: source.sql } }, file));
  const table = { from: { kind: 'files', paths: [file] }, timeColumn: source.time };
  const span = (i, length = 1) => ({
    since: source.from + i * source.windowMs,
    until: source.from + (i + length) * source.windowMs,
  });
  const profileOf = async (i) => {
    const key = `${source.name} ${i}`;
    if (!kept.has(key)) kept.set(key, orThrow(await datasets.profile({ ...table, ...span(i) })));
    return kept.get(key);
  };
  const look = async (i) => {
    const reference = orThrow(await datasets.profile({ ...table, ...span(i - PAST, PAST) }));
    const history = [];
    for (let k = 1; k <= PAST; k++) history.push(await profileOf(i - k));
    return { reference, history: history.filter((one) => one.rows > 0) };
  };
  const judge = ({ reference, history }, current) =>
    findDataBugs(reference, current, { reference, history, ignore: [] });

  for (let i = 0; i < source.clean; i += source.every ?? 1) {
    const known = await look(i);
    const current = orThrow(await datasets.profile({ ...table, ...span(i) }, known.reference));
    if (current.rows > 0) {
      const { bugs } = judge(known, current);
      clean.push({ source: source.name, isCalled: bugs.length > 0 });
      if (bugs.length > 0)
        console.log(
          `  called a bug: ${source.name} ${new Date(span(i).since).toISOString().slice(0, 10)}: ${bugs.map((bug) => `${bug.code} ${bug.column ?? ''} (${bug.detail})`).join('; ')}`,
        );
    }
    if (!source.broken.includes(i)) continue;
    const bounds = Object.values(span(i)).map((at) => `TIMESTAMP '${new Date(at).toISOString().slice(0, -1)}'`);
    const rows = `SELECT * FROM read_parquet('${file}') WHERE ${source.time} >= ${bounds[0]} AND ${source.time} < ${bounds[1]}`;
    for (const [kind, make] of Object.entries(KINDS)) {
      const random = seededRandom(1000 * i + Object.keys(KINDS).indexOf(kind));
      const pick = (list) => list[Math.floor(random() * list.length)];
      const x = pick(source.numbers);
      const y = pick(source.numbers.filter((one) => one !== x));
      const fault = make({ x, y, t: pick(source.texts), recase: source.recase, draw: i });
      for (const share of SHARES) {
        const { sql, changed } = inject(rows, fault, share, 7 * i);
        if (changed !== undefined && orThrow(await datasets.countRows({ from: { kind: 'query', sql: changed } })) === 0)
          continue;
        const broken = orThrow(
          await datasets.profile({ from: { kind: 'query', sql }, timeColumn: source.time }, known.reference),
        );
        const { bugs, unclear, warnings } = judge(known, broken);
        const names = (findings) =>
          findings.some((one) => one.column === undefined || one.column === fault.of || one.column === fault.and);
        const isCalled = names(bugs);
        const isFound = isCalled || names(unclear) || names(warnings);
        const cell = `${kind} ${share}`;
        const sofar = found.get(cell) ?? { called: 0, hits: 0, all: 0 };
        found.set(cell, {
          called: sofar.called + (isCalled ? 1 : 0),
          hits: sofar.hits + (isFound ? 1 : 0),
          all: sofar.all + 1,
        });
        if (!isFound && isVerbose)
          console.log(`  missed: ${source.name} ${i} ${kind} at ${share} of ${fault.of ?? 'all'} ${fault.and ?? ''}`);
      }
    }
  }
}
await datasets[Symbol.asyncDispose]();

const NONE = { called: 0, hits: 0, all: 0 };
console.log(
  `\nbugs called so, and told at all, of those put in   ${SHARES.map((share) => `${100 * share} % of rows`.padStart(20)).join('')}`,
);
for (const kind of Object.keys(KINDS)) {
  const cells = SHARES.map((share) => found.get(`${kind} ${share}`) ?? NONE);
  console.log(
    `  ${kind.padEnd(48)}${cells.map(({ called, hits, all }) => `${called}, ${hits} of ${all}`.padStart(20)).join('')}`,
  );
}
const recall = (share) => {
  const cells = Object.keys(KINDS).map((kind) => found.get(`${kind} ${share}`) ?? NONE);
  const sum = (of) => cells.reduce((total, cell) => total + of(cell), 0);
  return { called: sum((cell) => cell.called), hits: sum((cell) => cell.hits), all: sum((cell) => cell.all) };
};
const called = clean.filter((one) => one.isCalled).length;
const summary = createTable('triage: data bug or changed world');
for (const [share, least] of [
  [1, 0.95],
  [0.3, 0.85],
]) {
  const { called, hits, all } = recall(share);
  const what = `bugs at ${100 * share} % of rows`;
  summary.add({ what: `${what}: a bug, unclear or a warning`, measured: `${hits}/${all}`, value: hits / all, least });
  // Judged from profiles alone, without a sample of rows: only with one may more be called a bug (changes.mjs).
  summary.add({ what: `${what}: called a bug`, measured: `${called}/${all}`, value: called / all });
}
summary.add({
  what: 'clean windows called broken',
  measured: `${called}/${clean.length}`,
  value: called / clean.length,
  limit: 0.05,
});
const isWhole = clean.some((one) => one.source !== sources[0].name);
if (isWhole)
  summary.add({ what: 'clean windows looked at', measured: `${clean.length}`, value: clean.length, least: 200 });
else summary.skip('clean windows looked at', `only ${clean.length} without the bike data`);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s`);
summary.end();
