// Whether a slow change is named `incremental` (one world moves) or `gradual` (two worlds, of which the new one wins): 90 quiet
// days of 100 rows, then a change of 30 to 60 days. Fixed seeds. Exits with 1 where a form is named rightly too seldom.
//   node test/bench/forms.mjs [--draws 20]
import process from 'node:process';
import { locateChange } from '../../dist/performance/judge/change/locate-change.js';
import { seededRandom } from '../../dist/statistics/random.js';
import { heading, markdownTable } from './markdown.mjs';

const DAY_MS = 86_400_000;
const [QUIET, PER_DAY] = [90, 100];
const at = process.argv.indexOf('--draws');
const DRAWS = at < 0 ? 20 : Number(process.argv[at + 1]);
/** Of the changes that are named as slow ones. The best that any rule could do for a month of 100 rows a day is 91 %. */
const LEAST = 0.9;
/** Days that the change takes, and days after it. */
const LENGTHS = [
  [30, 5],
  [30, 20],
  [40, 2],
  [60, 5],
  [60, 30],
];

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
/** The label by a score that is right: `oddsAt` gives the log-odds now, `way` goes from 0 to 1. */
const binary = (oddsAt) => (draw, way) => {
  const z = 1.5 * draw.normal() - 0.5;
  return [sigmoid(z), draw.uniform() < sigmoid(oddsAt(z, way, draw)) ? 1 : 0];
};
/** The label leaves a column that the model knows for one that it does not, by an angle. */
const turning = (angleAt) => (draw, way) => {
  const [x, hidden, angle] = [1.5 * draw.normal(), 1.5 * draw.normal(), angleAt(way, draw)];
  const chance = sigmoid(Math.cos(angle) * x + Math.sin(angle) * hidden - 0.5);
  return [sigmoid(x - 0.5), draw.uniform() < chance ? 1 : 0];
};
const numeric = (errorAt) => (draw, way) => {
  const prediction = 200 + 40 * draw.normal();
  return [prediction, prediction + errorAt(way, draw, prediction)];
};
const isNew = (draw, way) => draw.uniform() < way;

const KINDS = [
  ['incremental', 'a relation that turns by 2.2', turning((way) => 2.2 * way)],
  ['incremental', 'a relation that turns by 1.6', turning((way) => 1.6 * way)],
  ['incremental', 'a relation that turns by 3.1', turning((way) => 3.1 * way)],
  ['incremental', 'a score that loses its meaning', binary((z, way) => (1 - 1.3 * way) * z)],
  ['incremental', 'a score that turns round', binary((z, way) => (1 - 1.7 * way) * z)],
  ['incremental', 'more and more positives', binary((z, way) => z + 2 * way)],
  ['incremental', 'a bias that grows', numeric((way, { normal }) => 12 * normal() + 30 * way)],
  ['incremental', 'errors that widen', numeric((way, { normal }) => (12 + 18 * way) * normal())],
  ['incremental', 'a slope that flattens', numeric((way, { normal }, p) => 12 * normal() - 0.5 * way * (p - 200))],
  ['gradual', 'rows of the other relation', turning((way, draw) => (isNew(draw, way) ? 2.2 : 0))],
  ['gradual', 'rows of another column', turning((way, draw) => (isNew(draw, way) ? Math.PI / 2 : 0))],
  ['gradual', 'rows with turned labels', binary((z, way, draw) => (isNew(draw, way) ? -0.7 : 1) * z)],
  ['gradual', 'rows without meaning', binary((z, way, draw) => (isNew(draw, way) ? 0 : 1) * z)],
  ['gradual', 'rows with more positives', binary((z, way, draw) => z + (isNew(draw, way) ? 2 : 0))],
  ['gradual', 'rows with a bias', numeric((way, draw) => 12 * draw.normal() + (isNew(draw, way) ? 40 : 0))],
  ['gradual', 'rows with wide errors', numeric((way, draw) => (isNew(draw, way) ? 36 : 12) * draw.normal())],
];

function formOf(world, [days, after], seed) {
  const uniform = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const rows = Array.from({ length: (QUIET + days + after) * PER_DAY }, (_, i) => {
    const way = Math.max(0, Math.min(1, (i / PER_DAY - QUIET) / days));
    return [(i / PER_DAY) * DAY_MS, ...world({ uniform, normal }, way)];
  });
  const isBits = rows.every(([, , label]) => label === 0 || label === 1);
  const errorOf = ([, prediction, label]) => (isBits ? (label - prediction) ** 2 : Math.abs(label - prediction));
  const column = (of) => Float64Array.from(rows, of);
  const log = {
    time: column((row) => row[0]),
    prediction: column((row) => row[1]),
    label: column((row) => row[2]),
    error: column(errorOf),
  };
  return locateChange(log, 7 * DAY_MS, (QUIET + days / 2) * DAY_MS)?.change.form;
}

const totals = { incremental: [], gradual: [] };
const table = KINDS.map(([form, name, world], k) => {
  const found = LENGTHS.flatMap((length, l) =>
    Array.from({ length: DRAWS }, (_, i) => formOf(world, length, 7919 * i + 101 * k + l)),
  );
  totals[form].push(...found);
  const count = (wanted) => found.filter((one) => one === wanted).length;
  const [incremental, gradual] = [count('incremental'), count('gradual')];
  return [form, name, found.length, incremental, gradual, found.length - incremental - gradual];
});
heading(`Forms of slow changes, ${DRAWS} draws of each of ${LENGTHS.length} lengths`);
markdownTable(['true form', 'change', 'n', 'incremental', 'gradual', 'other'], table);
for (const [form, found] of Object.entries(totals)) {
  const slow = found.filter((one) => one === 'incremental' || one === 'gradual');
  const share = slow.filter((one) => one === form).length / slow.length;
  console.log(
    `${form}: ${(100 * share).toFixed(1)} % of the ${slow.length} that are called slow (${found.length} drawn)`,
  );
  if (share < LEAST) process.exitCode = 1;
}
