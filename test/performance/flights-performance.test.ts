import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const PROJECT = resolve(import.meta.dirname, '../..');

/** What a server with January's model would have logged for every fourth flight since, with what came true. */
const SERVE = `import { readFileSync, writeFileSync } from 'node:fs';
import { columns } from './pipelines/flights/lib/duck.js';
import { predict } from './pipelines/flights/lib/model.js';
const model = JSON.parse(readFileSync('serving/flights-delay/current/model.json', 'utf8'));
const flights = await columns(\`SELECT hour(date)::INTEGER AS hour, isodow(date)::INTEGER AS weekday, origin, destination,
  ln(greatest(distance, 1))::DOUBLE AS log_distance, (delay >= 15)::INTEGER AS late, strftime(date, '%Y-%m-%d %H:%M:%S') AS at
  FROM read_parquet('data/flights/*.parquet') WHERE date >= DATE '2001-02-01'
    AND hash(date, origin, destination, distance, delay) % 4 = 0 ORDER BY date\`);
const p = predict(model, flights);
const lines = Array.from(p, (one, i) => [flights.at[i], one.toFixed(5), flights.late[i]].join(','));
writeFileSync('logs/flights.csv', 'at,p_late,late\\n' + lines.join('\\n') + '\\n');`;

it('does not alarm on the weekly AUC of a January model of flights, which varies without a trend', async () => {
  using rig = createRig({ 'serve.mjs': SERVE, 'logs/.keep': '' });
  rig.copy('pipelines/flights', 'pipelines/flights');
  rig.copy('pipelines/flights.yaml', 'pipelines/flights.yaml');
  rig.link('node_modules', resolve(PROJECT, 'node_modules'));
  const node = (...args: readonly string[]) => execFileSync(process.execPath, args, { cwd: rig.root });
  node('pipelines/flights/land.js', ...[1, 2, 3, 4, 5, 6].map((month) => `2001-0${month}`));
  await rig.json(0, 'retrain', 'flights', '--now', '2001-02-01');
  node('serve.mjs');
  const text = rig.read('pipelines/flights.yaml');
  const log = 'predictions: { path: "logs/*.csv", time: at, prediction: p_late }\n  labels: { label: late, delay: 1d }';
  rig.write({ 'pipelines/flights.yaml': text.replace('  ignore: [id]', `  ignore: [id]\n  ${log}`) });
  const values: number[] = [];
  for (const day of ['03-06', '03-27', '04-17', '05-08', '05-29', '06-12', '06-26']) {
    const ask = ['check-performance', 'flights', '--window', '7d', '--drop', '0.02', '--now', `2001-${day}`];
    const document = await rig.json(0, ...ask);
    expect(document, day).toMatchObject({ verdict: 'stable', metric: 'auc' });
    values.push(document.current.value);
    values.push(...document.windows.map((one: { value: number }) => one.value));
  }
  // far beyond what sampling explains: each interval is about 0.016 wide
  expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.05);
}, 300_000);
