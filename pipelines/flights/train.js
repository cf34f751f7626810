// Fits the model and its baselines, and writes the training metrics beside it.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { fitBaselines, fitModel, predict, readGroups } from './lib/model.js';

const { values } = parseArgs({
  options: { rows: { type: 'string' }, ridge: { type: 'string' }, model: { type: 'string' } },
});
const groups = await readGroups(values.rows);
const model = fitModel(groups, Number(values.ridge));
const scores = predict(model, groups);
const flights = groups.n.reduce((total, n) => total + n, 0);
const loss = scores.reduce((total, p, i) => {
  const late = groups.late[i];
  return total - late * Math.log(p) - (groups.n[i] - late) * Math.log(1 - p);
}, 0);
const metrics = {
  rows: flights,
  coefficients: model.coefficients.length,
  newton_steps: model.steps,
  train_log_loss: loss / flights,
};
writeFileSync(values.model, JSON.stringify({ ...model, baselines: fitBaselines(groups) }));
writeFileSync(join(dirname(values.model), 'train.json'), JSON.stringify(metrics));
console.log(
  `${flights} flights, ${metrics.coefficients} coefficients, training log loss ${metrics.train_log_loss.toFixed(4)}`,
);
