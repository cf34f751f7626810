import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { logLoss } from './lib/metrics.js';
import { fitBaselines, fitModel, predict, readFlights } from './lib/model.js';

const { values } = parseArgs({
  options: { rows: { type: 'string' }, ridge: { type: 'string' }, model: { type: 'string' } },
});
const flights = await readFlights(values.rows);
const model = fitModel(flights, Number(values.ridge));
const scores = predict(model, flights);
const metrics = {
  rows: flights.late.length,
  coefficients: model.coefficients.length,
  newton_steps: model.steps,
  train_log_loss: logLoss(flights.late, scores),
};
writeFileSync(values.model, JSON.stringify({ ...model, baselines: fitBaselines(flights) }));
writeFileSync(join(dirname(values.model), 'train.json'), JSON.stringify(metrics));
console.log(
  `${metrics.rows} flights, ${metrics.coefficients} coefficients, training log loss ${metrics.train_log_loss.toFixed(4)}`,
);
