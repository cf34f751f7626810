// Splits by time, as CSV: trains on the earlier days and tests on the last ones.
import { parseArgs } from 'node:util';
import { files, literal, query } from '../flights/lib/duck.js';

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
const columns = 'id, hour, weekday, origin, destination, distance, late';
for (const [out, side] of [
  [values.train, '<'],
  [values.test, '>='],
])
  await query(
    `COPY (SELECT ${columns} FROM ${rows} WHERE date ${side} ${cut} ORDER BY id) TO ${literal(out)} (FORMAT csv, HEADER)`,
  );
