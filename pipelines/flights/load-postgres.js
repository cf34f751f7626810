// Loads one month of the real data into the table `flights` of a PostgreSQL: node pipelines/flights/load-postgres.js 2001-01
// LOADER_URL is the address of a user who may create the table. Needs psql, which comes with PostgreSQL.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { landMonth } from './land.js';
import { files, literal, query } from './lib/duck.js';

const [month = ''] = process.argv.slice(2);
const url = process.env.LOADER_URL;
if (!/^\d{4}-\d{2}$/.test(month) || url === undefined)
  throw new Error('usage: LOADER_URL=postgres://… node pipelines/flights/load-postgres.js 2001-01');
const folder = mkdtempSync(join(tmpdir(), 'flights-'));
try {
  await landMonth(month, folder);
  const csv = join(folder, 'flights.csv');
  await query(
    `COPY (SELECT * FROM ${files([join(folder, `${month}.parquet`)])}) TO ${literal(csv)} (FORMAT csv, HEADER)`,
  );
  const script = `create table if not exists flights(date timestamp, delay int, distance int, origin text, destination text);
    create index if not exists flights_date on flights(date);
\\copy flights(date, delay, distance, origin, destination) from '${csv}' csv header
`;
  execFileSync('psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', url], {
    input: script,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
