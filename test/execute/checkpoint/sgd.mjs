// A real iterative trainer: logistic regression by stochastic gradient descent, with its own seeded order of rows. It saves its
// whole state after each epoch. `node sgd.mjs EPOCHS OUT [STOP]`: with STOP it waits after that epoch until it is killed, unless
// it has resumed.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const [epochs, out, stop] = process.argv.slice(2);
const folder = process.env.REFIT_CHECKPOINT;
const isResuming = process.env.REFIT_RESUME === '1';
const saved = `${folder}/state.json`;

const FEATURES = 8;
const ROWS = 400;

/** A generator whose state is one number, so that a checkpoint can hold it (mulberry32). */
function next(state) {
  const seed = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return [seed, ((t ^ (t >>> 14)) >>> 0) / 4294967296];
}

const data = (() => {
  let seed = 7;
  const draw = () => {
    const [moved, value] = next(seed);
    seed = moved;
    return value;
  };
  return Array.from({ length: ROWS }, () => {
    const x = Array.from({ length: FEATURES }, () => draw() * 2 - 1);
    return { x, y: x[0] - 2 * x[3] + 0.3 * draw() > 0 ? 1 : 0 };
  });
})();

let state =
  isResuming && existsSync(saved)
    ? JSON.parse(readFileSync(saved, 'utf8'))
    : { epoch: 0, seed: 1, weights: Array.from({ length: FEATURES }, () => 0), bias: 0 };
process.stdout.write(`${isResuming ? `resuming after epoch ${state.epoch}` : 'starting afresh'}\n`);

while (state.epoch < Number(epochs)) {
  const { weights } = state;
  for (let i = 0; i < ROWS; i++) {
    const [seed, value] = next(state.seed);
    state.seed = seed;
    const { x, y } = data[Math.floor(value * ROWS)];
    const p = 1 / (1 + Math.exp(-(state.bias + weights.reduce((sum, w, j) => sum + w * x[j], 0))));
    for (let j = 0; j < FEATURES; j++) weights[j] -= 0.1 * (p - y) * x[j];
    state.bias -= 0.1 * (p - y);
  }
  state = { ...state, epoch: state.epoch + 1 };
  writeFileSync(`${folder}/new.json`, JSON.stringify(state));
  renameSync(`${folder}/new.json`, saved);
  if (String(state.epoch) === stop && !isResuming) {
    process.stdout.write(`waiting to be killed\n`);
    writeFileSync(`${folder}/../waiting`, String(process.pid));
    await new Promise(() => setInterval(() => undefined, 1000));
  }
}
writeFileSync(out, JSON.stringify({ weights: state.weights, bias: state.bias }));
writeFileSync('epochs.txt', `${state.epoch}\n`);
