// Selects the flights of the last --days days before --until, with the features that are known at departure.
import { parseArgs } from 'node:util';
import { files, literal, query } from './lib/duck.js';

const { values, positionals } = parseArgs({
  options: { until: { type: 'string' }, days: { type: 'string' }, out: { type: 'string' } },
  allowPositionals: true,
});
const until = `TIMESTAMP ${literal(values.until.replace('Z', ''))}`;

const [{ n }] = await query(
  `COPY (
     SELECT row_number() OVER (ORDER BY date, origin, destination, distance, delay)::INTEGER AS id, date,
       hour(date)::INTEGER AS hour, isodow(date)::INTEGER AS weekday, origin, destination,
       distance::INTEGER AS distance, (delay >= 15)::INTEGER AS late
     FROM ${files(positionals)}
     WHERE date >= ${until} - INTERVAL ${Number(values.days)} DAY AND date < ${until} AND delay IS NOT NULL
     ORDER BY id
   ) TO ${literal(values.out)} (FORMAT parquet)`,
  `SELECT count(*)::DOUBLE AS n FROM ${files([values.out])}`,
);
if (n === 0) throw new Error(`no flights in the ${values.days} days before ${values.until}`);
console.log(`${n} flights in the ${values.days} days before ${values.until}`);
