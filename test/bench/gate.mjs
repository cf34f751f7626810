/**
 * How often the gate of pipelines/flights.yaml refuses a candidate that is no worse, and lets one pass that is: real flights,
 * models of the pipeline's own code, the verdict by the same pure functions that retrain uses. Fixed seeds.
 *
 *   same    trained on the same flights with another seed: another bootstrap sample of them
 *   better  against a champion that was trained on one week
 *   worse   the champion's own scores with noise on them, so much that its AUC lies beyond the margin
 *
 * Each repetition draws its test flights anew. `small` has a few thousand of them, and a margin that so few can show.
 * REPETITIONS=n for another number, SIZE=small or full for one of them. Exits with 1 where a rate misses its limit.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { gateVerdict, judgeGate } from '../../dist/gate/judge/judge-gate.js';
import { parsePipeline } from '../../dist/pipeline/parse/parse-pipeline.js';
import { seededNormal, seededRandom } from '../../dist/statistics/random.js';
import { landMonth } from '../../pipelines/flights/land.js';
import { auc, logLoss } from '../../pipelines/flights/lib/metrics.js';
import {
  fitBaselines,
  fitModel,
  predict,
  predictByRoute,
  readFlights,
  readGroups,
} from '../../pipelines/flights/lib/model.js';

const SIZES = [
  { name: 'small', rows: 5000, margin: 0.025, repetitions: 400 },
  { name: 'full', rows: 100_000, margin: 0.005, repetitions: 50 },
];
const CHOSEN = SIZES.filter(({ name }) => (process.env.SIZE ?? name) === name);
const LIMITS = { same: ['refused', 0.02], better: ['refused', 0.05], worse: ['accepted', 0.05] };
/** Models of the same flights with other seeds. */
const SEEDS = 6;
/** The AUC of the worse candidate lies so many margins below the champion's. */
const WORSE_BY = 1.25;

const PIPELINES = resolve('pipelines/flights');

/** Flights to train on and later ones to test on, as the pipeline itself makes them. */
async function prepare(folder) {
  for (const month of ['2001-01', '2001-02']) await landMonth(month, join(folder, 'data'));
  const run = (script, ...args) =>
    execFileSync(process.execPath, [join(PIPELINES, script), ...args], { stdio: 'ignore' });
  const [rows, train, test, week] = ['rows', 'train', 'test', 'week'].map((name) => join(folder, `${name}.parquet`));
  const months = ['2001-01', '2001-02'].map((month) => join(folder, 'data', `${month}.parquet`));
  run('extract.js', '--until', '2001-02-15', '--days', '45', '--out', rows, ...months);
  run('split.js', '--rows', rows, '--test-days', '14', '--train', train, '--test', test);
  run('extract.js', '--until', '2001-01-09', '--days', '7', '--out', week, ...months);
  return { groups: await readGroups(train), week: await readGroups(week), flights: await readFlights(test, ', id') };
}

/** Poisson weights: a bootstrap sample of grouped rows (Hanley and MacGibbon 2006). */
function resample(groups, seed) {
  const random = seededRandom(seed);
  const poisson = (mean) => {
    let [count, product] = [0, random()];
    for (const limit = Math.exp(-mean); product > limit; count++) product *= random();
    return count;
  };
  const late = groups.late.map((count) => (count === 0 ? 0 : poisson(count)));
  const n = groups.n.map((count, i) => late[i] + (count === groups.late[i] ? 0 : poisson(count - groups.late[i])));
  const kept = n.flatMap((count, i) => (count > 0 ? [i] : []));
  const pick = (column) => kept.map((i) => column[i]);
  return Object.fromEntries(Object.entries({ ...groups, n, late }).map(([name, column]) => [name, pick(column)]));
}

/** Adds noise to log-odds until the AUC over all flights has fallen by `drop`. */
function worsen(labels, scores, drop) {
  const normal = seededNormal(7);
  const noise = Array.from(scores, () => normal());
  const odds = Array.from(scores, (p) => Math.log(p / (1 - p)));
  const noisy = (spread) => odds.map((value, i) => 1 / (1 + Math.exp(-value - spread * noise[i])));
  const whole = auc(labels, scores);
  let [low, high] = [0, 4];
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    if (whole - auc(labels, noisy(middle)) > drop) high = middle;
    else low = middle;
  }
  return noisy(high);
}

/** What evaluate.js writes, of some of the flights. */
function evaluate(flights, rows, scores, { routes, rate }) {
  const pick = (values) => rows.map((i) => values[i]);
  const [labels, own] = [pick(flights.late), pick(scores)];
  const groups = new Map();
  rows.forEach((i, k) => {
    const origin = flights.origin[i];
    if (!groups.has(origin)) groups.set(origin, []);
    groups.get(origin).push(k);
  });
  const slices = [...groups].flatMap(([origin, members]) => {
    const value =
      members.length < 200
        ? undefined
        : auc(
            members.map((k) => labels[k]),
            members.map((k) => own[k]),
          );
    return value === undefined ? [] : [[origin, { auc: value, n: members.length }]];
  });
  const loss = logLoss(labels, own);
  const value = auc(labels, own);
  return {
    predictions: own,
    scored: {
      metrics: {
        auc: value,
        log_loss: loss,
        auc_over_route_average: value - auc(labels, pick(routes)),
        log_loss_under_constant:
          logLoss(
            labels,
            labels.map(() => rate),
          ) - loss,
      },
      unusable: {},
      slices: { origin: Object.fromEntries(slices) },
    },
  };
}

function judge(rules, flights, rows, { candidate, champion, baselines }) {
  const mine = evaluate(flights, rows, candidate, baselines);
  const theirs = evaluate(flights, rows, champion, baselines);
  const rival = {
    kind: 'scored',
    label: 'champion',
    scored: theirs.scored,
    pairs: { label: rows.map((i) => flights.late[i]), candidate: mine.predictions, champion: theirs.predictions },
    sliceColumns: { origin: rows.map((i) => flights.origin[i]) },
  };
  const checks = judgeGate({
    rules,
    first: 'gate',
    candidate: mine.scored,
    hasChampion: true,
    rivals: { champion: rival },
    commands: [],
    successes: [],
  });
  return {
    verdict: gateVerdict(checks),
    failed: checks.filter((check) => check.verdict === 'fail').map(({ name }) => name),
  };
}

/** The gate as it is declared, with the margin of this size; a smoke test says nothing of a rate. */
function rulesOf(margin) {
  const { pipeline } = parsePipeline('pipelines/flights.yaml', readFileSync('pipelines/flights.yaml', 'utf8'));
  return pipeline.model.gate
    .filter((rule) => rule.kind === 'metric')
    .map((rule) => (rule.confidence === undefined ? rule : { ...rule, maxRegression: margin }));
}

const folder = mkdtempSync(join(tmpdir(), 'refit-bench-gate-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const { groups, week, flights } = await prepare(folder);
const baselines = fitBaselines(groups);
const shared = { routes: predictByRoute(baselines, flights), rate: baselines.rate };
const models = Array.from({ length: SEEDS + 1 }, (_, seed) => predict(fitModel(resample(groups, seed), 1), flights));
const oneWeek = predict(fitModel(week, 1), flights);
const [champion, ...others] = models;
const whole = (scores) => auc(flights.late, scores);
console.log(`${flights.late.length} flights to draw tests from; AUC of the champion ${whole(champion).toFixed(4)}`);
console.log(
  `  other seeds ${others.map((one) => whole(one).toFixed(4)).join(', ')}; trained on one week ${whole(oneWeek).toFixed(4)}`,
);

let isMissed = false;
for (const size of CHOSEN) {
  const rules = rulesOf(size.margin);
  const noisy = worsen(flights.late, champion, WORSE_BY * size.margin);
  const repetitions = Number(process.env.REPETITIONS ?? size.repetitions);
  console.log(
    `\n${size.name}: ${size.rows} test flights, margin ${size.margin} with 95 % confidence, ${repetitions} repetitions`,
  );
  const cases = {
    same: (i) => ({ champion, candidate: others[i % SEEDS] }),
    better: (i) => ({ champion: oneWeek, candidate: others[i % SEEDS] }),
    worse: () => ({ champion, candidate: noisy }),
  };
  for (const [name, contestants] of Object.entries(cases)) {
    const random = seededRandom(20_010_201);
    const reasons = new Map();
    let refused = 0;
    for (let i = 0; i < repetitions; i++) {
      const rows = Array.from({ length: size.rows }, () => Math.floor(random() * flights.late.length));
      const { verdict, failed } = judge(rules, flights, rows, { ...contestants(i), baselines: shared });
      if (verdict === 'fail') refused++;
      for (const check of failed) reasons.set(check, (reasons.get(check) ?? 0) + 1);
    }
    const [what, limit] = LIMITS[name];
    const rate = (what === 'refused' ? refused : repetitions - refused) / repetitions;
    const isGood = rate <= limit;
    isMissed ||= !isGood;
    const because = [...reasons].map(([check, count]) => `${check} ${count}`).join('; ');
    console.log(
      `  ${isGood ? 'good' : 'MISSED'}  ${name.padEnd(6)}  ${what} ${(rate * 100).toFixed(1)} %, at most ${limit * 100} %${because === '' ? '' : `  (refused by ${because})`}`,
    );
  }
}
process.exitCode = isMissed ? 1 : 0;
