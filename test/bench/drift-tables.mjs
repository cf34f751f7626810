// Tables that the drift benchmark compares, and pandas + scipy as what they are compared with.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { DuckDBInstance } from '@duckdb/node-api';
import { timeOnce } from './measure.mjs';

export const NUMBERS = Array.from({ length: 15 }, (_, i) => `n${i}`);
export const CATEGORIES = Array.from({ length: 5 }, (_, i) => `c${i}`);
const WHOLE = [50, 1000, 100_000, 5, 20];
const VALUES = [5, 20, 100, 500, 3000];

/** Uniform in (0, 1), by hash: the same for a row, a column and a seed wherever it is computed. */
const uniform = (column, seed) =>
  `((hash(r::BIGINT * 64 + ${column} + ${seed}::BIGINT * 1000000000000) % 1000003 + 0.5) / 1000003.0)`;

/**
 * Ten continuous columns with and without a long tail, five of whole numbers, five of text with a long tail; and the time,
 * a row each 864 ms from a day of 2026 on.
 */
export const wide = (rows, seed, day = 0) =>
  `SELECT ${[
    `TIMESTAMP '2026-01-01' + to_days(${day}) + to_milliseconds(864 * r) AS at`,
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

export const long = (rows, seed) =>
  `SELECT ${[0, 1, 2].map((i) => `exp(3 * ${uniform(i, seed)}) AS n${i}`).join(', ')},
     'v' || floor(1000 * pow(${uniform(20, seed)}, 2))::INTEGER AS c0,
     TIMESTAMP '2026-01-01' + to_seconds(r // 100) AS at FROM range(${rows}) AS rows(r)`;

/** DuckDB with two threads: writes the tables, and reads them as the floor. */
export async function openDuckDb(root) {
  const duckdb = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const file = (name) => `'${join(root, name)}'`;
  return {
    make: (name, select) => duckdb.run(`COPY (${select}) TO ${file(name)}`),
    /** Every row handed over, and nothing done with it. */
    read: async (name) => {
      const result = await duckdb.stream(`SELECT * FROM ${file(name)}`);
      for (let chunk = await result.fetchChunk(); chunk?.rowCount > 0; chunk = await result.fetchChunk());
    },
    /** Every value decoded and added up inside DuckDB. */
    sum: (name) =>
      duckdb.runAndReadAll(
        `SELECT ${[...NUMBERS.map((one) => `sum(${one})`), ...CATEGORIES.map((one) => `sum(strlen(${one}))`)].join(', ')} FROM ${file(name)}`,
      ),
    /** A hundred quantiles of every number column by t-digest, the top categories of the others. */
    approximate: async (name) => {
      const ranks = Array.from({ length: 101 }, (_, i) => i / 100).join(', ');
      const quantiles = NUMBERS.map((column) => `approx_quantile(${column}, [${ranks}])`).join(', ');
      await duckdb.runAndReadAll(`SELECT ${quantiles} FROM ${file(name)}`);
      for (const column of CATEGORIES)
        await duckdb.runAndReadAll(
          `SELECT ${column}, count(*) AS n FROM ${file(name)} GROUP BY 1 ORDER BY n DESC LIMIT 100`,
        );
    },
  };
}

/** A CSV copy, written by a process of its own, so that its memory is not this one's. */
export const csvOf = (root, name) =>
  timeOnce(root, [
    process.execPath,
    '--input-type=module',
    '-e',
    `import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve('@duckdb/node-api'))};
     const connection = await (await DuckDBInstance.create(':memory:')).connect();
     await connection.run("COPY (FROM '${name}.parquet') TO '${name}.csv'");`,
  ]);

const PANDAS = `
import json, resource, sys, time, pandas as pd
from scipy import stats
started = time.time()
a, b = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
reading = time.time() - started
for name in a.columns.drop('at'):
    if pd.api.types.is_numeric_dtype(a[name]):
        stats.ks_2samp(a[name], b[name], method='asymp')
    else:
        both = pd.concat([a[name].value_counts(), b[name].value_counts()], axis=1).fillna(0)
        stats.chi2_contingency(both)
wall = time.time() - started
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps(dict(memory=used.ru_maxrss / 1024, cpu=used.ru_utime + used.ru_stime, reading=reading, judging=wall - reading)))
`;

const findPython = () =>
  [process.env.REFIT_BENCH_PYTHON, 'python3', '/usr/bin/python3'].find(
    (python) => python !== undefined && spawnSync(python, ['-c', 'import pandas, scipy.stats']).status === 0,
  );

/** Seconds and MiB of pandas + scipy that read both CSV files and test every column; or why there are none. */
export function runPandas(root, before, now) {
  const python = findPython();
  if (python === undefined)
    return { why: 'no Python with pandas and scipy; Debian: apt install python3-pandas python3-scipy' };
  if (![before, now].every((name) => existsSync(join(root, name)))) throw new Error(`no ${before} or no ${now}`);
  const from = process.hrtime.bigint();
  const ended = spawnSync(python, ['-c', PANDAS, before, now], { cwd: root, encoding: 'utf8' });
  if (ended.status !== 0) return { why: ended.stderr.trim().split('\n').at(-1) ?? 'it failed' };
  return { wall: Number(process.hrtime.bigint() - from) / 1e9, ...JSON.parse(ended.stdout) };
}
