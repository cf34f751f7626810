// Fails unless the extract has enough flights, a plausible share of late ones, and nearly all hours of the day.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { files, query } from './lib/duck.js';

const { values } = parseArgs({ options: { rows: { type: 'string' }, out: { type: 'string' } } });
const [seen] = await query(
  `SELECT count(*)::DOUBLE AS flights, avg(late) AS late_share, count(DISTINCT hour)::DOUBLE AS hours,
     count(DISTINCT origin)::DOUBLE AS origins FROM ${files([values.rows])}`,
);
const problems = [
  seen.flights < 10_000 ? `only ${seen.flights} flights` : '',
  seen.late_share < 0.02 || seen.late_share > 0.6 ? `${(seen.late_share * 100).toFixed(1)} % are late` : '',
  seen.hours < 20 ? `only ${seen.hours} hours of the day` : '',
].filter(Boolean);
writeFileSync(values.out, JSON.stringify(seen));
console.log(`${seen.flights} flights from ${seen.origins} airports, ${(seen.late_share * 100).toFixed(1)} % late`);
if (problems.length > 0) throw new Error(`the extract looks wrong: ${problems.join(', ')}`);
