// Scores a model on the test days, and compares it with a constant and with the averages per route.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { auc, brier, calibrationError, logLoss } from './lib/metrics.js';
import { predict, predictByRoute, readFlights } from './lib/model.js';

const { values } = parseArgs({
  options: { model: { type: 'string' }, rows: { type: 'string' }, out: { type: 'string' } },
});
const model = JSON.parse(readFileSync(values.model, 'utf8'));
const flights = await readFlights(values.rows, ', id');
const scores = predict(model, flights);
const routeScores = predictByRoute(model.baselines, flights);
const constant = new Float64Array(flights.late.length).fill(model.baselines.rate);

function slices() {
  const rowsOf = Map.groupBy?.(flights.late.keys(), (i) => flights.origin[i]) ?? groupBy(flights.origin);
  const large = [...rowsOf].filter(([, rows]) => rows.length >= 200);
  return Object.fromEntries(
    large.flatMap(([origin, rows]) => {
      const value = auc(
        rows.map((i) => flights.late[i]),
        rows.map((i) => scores[i]),
      );
      return value === undefined ? [] : [[origin, { auc: value, n: rows.length }]];
    }),
  );
}

function groupBy(keys) {
  const groups = new Map();
  keys.forEach((key, i) => {
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(i);
  });
  return groups;
}

const own = { auc: auc(flights.late, scores), log_loss: logLoss(flights.late, scores) };
const lines = flights.late.map((late, i) => `${flights.id[i]},${late},${scores[i].toFixed(6)},${flights.origin[i]}`);
writeFileSync(join(dirname(values.out), 'predictions.csv'), `id,label,prediction,origin\n${lines.join('\n')}\n`);
const evaluation = {
  ...own,
  brier: brier(flights.late, scores),
  calibration_error: calibrationError(flights.late, scores),
  auc_over_route_average: own.auc - auc(flights.late, routeScores),
  log_loss_under_constant: logLoss(flights.late, constant) - own.log_loss,
  log_loss_under_route_average: logLoss(flights.late, routeScores) - own.log_loss,
  rows: flights.late.length,
  slices: { origin: slices() },
  predictions: 'predictions.csv',
};
writeFileSync(values.out, JSON.stringify(evaluation));
console.log(
  `AUC ${own.auc.toFixed(4)}, ${evaluation.auc_over_route_average.toFixed(4)} above the route averages; log loss ${own.log_loss.toFixed(4)}, ${evaluation.log_loss_under_constant.toFixed(4)} below a constant`,
);
