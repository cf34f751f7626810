// Writes one month of the real data to a file in data/flights: node pipelines/flights/land.js 2001-01 [--kilometres]
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { literal, query } from './lib/duck.js';

/** The package does not export its data files, so they are looked for in the folders above. */
function sourceFile() {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules/vega-datasets/data/flights-3m.parquet');
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) throw new Error('vega-datasets is not installed: npm install vega-datasets');
  }
}

/** `isInKilometres` injects a fault for the demo: it writes the distances in the wrong unit. */
export async function landMonth(month, folder, isInKilometres = false) {
  const source = sourceFile();
  const target = `${folder}/${month}.parquet`;
  const distance = isInKilometres ? 'round(distance * 1.609344)::BIGINT' : 'distance';
  mkdirSync(folder, { recursive: true });
  await query(
    `COPY (SELECT date, delay, ${distance} AS distance, origin, destination FROM read_parquet(${literal(source)})
       WHERE date >= DATE ${literal(`${month}-01`)} AND date < DATE ${literal(`${month}-01`)} + INTERVAL 1 MONTH
       ORDER BY date, origin, destination, distance, delay) TO ${literal(`${target}.part`)} (FORMAT parquet)`,
  );
  renameSync(`${target}.part`, target);
  return target;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { kilometres: { type: 'boolean' } }, allowPositionals: true });
  for (const month of positionals) console.log(await landMonth(month, 'data/flights', values.kilometres));
}
