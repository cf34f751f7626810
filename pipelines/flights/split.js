// Splits by time: trains on the earlier days and tests on the last ones, because a model serves after its training data.
import { parseArgs } from 'node:util';
import { files, literal, query } from './lib/duck.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    train: { type: 'string' },
    test: { type: 'string' },
    'test-days': { type: 'string' },
  },
});
const rows = files([values.rows]);
const cut = `(SELECT max(date)::DATE + 1 - ${Number(values['test-days'])} FROM ${rows})`;
await query(
  `COPY (SELECT * FROM ${rows} WHERE date < ${cut} ORDER BY id) TO ${literal(values.train)} (FORMAT parquet)`,
  `COPY (SELECT * FROM ${rows} WHERE date >= ${cut} ORDER BY id) TO ${literal(values.test)} (FORMAT parquet)`,
);
const counts = await query(
  `SELECT count(*)::DOUBLE AS n FROM ${files([values.train])} UNION ALL SELECT count(*)::DOUBLE FROM ${files([values.test])}`,
);
console.log(`${counts[0].n} flights to train on, ${counts[1].n} to test on`);
