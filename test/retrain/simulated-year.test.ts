import { expect, it } from 'vitest';
import { seededNormal } from '../../src/statistics/random.js';
import { createRig, type Document, type Rig } from '../support/rig.js';
import { SHIFTED_CLOCK, setClock } from '../support/shifted-clock.js';

const [DAY_MS, PER_DAY, DAYS] = [86_400_000, 40, 365];
const START = Date.parse('2025-01-01');
/** The first training; three days of broken data, answered on day 70; the world changes; a clock is a week ahead for a day. */
const [FIRST, BUG, ANSWER, CHANGE, AHEAD] = [30, 60, 70, 150, 240];
const isBroken = (day: number): boolean => day >= BUG && day < BUG + 3;
/** In days. A tick starts a moment before or after its midnight, so the file names an hour less. */
const MAX_AGE = 35;

/**
 * Every day in the spans where something happens, else every two weeks. REFIT_EVERY_DAY=1 plays all 365 days, which takes about
 * five minutes.
 */
const isPlayed = (day: number): boolean =>
  process.env.REFIT_EVERY_DAY !== undefined ||
  [
    [59, 72],
    [149, 168],
    [239, 248],
  ].some(([from = 0, until = 0]) => day >= from && day < until) ||
  day % 14 === FIRST % 14;

const PIPELINE = `pipeline: year
datasets:
  rows: { path: "data/*.csv", time: at }
steps:
  extract:
    run: node extract.mjs \${{ now }} \${{ datasets.rows }}
    inputs: [extract.mjs, "\${{ datasets.rows }}"]
    outputs: [rows.csv]
  train: { run: node train.mjs, inputs: [train.mjs, rows.csv], outputs: [model.json] }
model:
  path: model.json
  evaluate: { run: "node evaluate.mjs \${{ model.path }} \${{ evaluation.path }}", inputs: [evaluate.mjs, rows.csv] }
  gate: [{ metric: mae, direction: lower, against: champion, max_regression: 0.1 }]
  first: accept
  publish: { path: serving }
monitor:
  reference: rows.csv
  current: { dataset: rows, window: 5d }
  predictions: { path: "logs/*.csv", time: at, key: id, prediction: p }
  labels: { path: "labels/*.csv", key: id, label: y }
  ignore: [id]
retrain:
  when: { any: [{ max_age: 839h }, { performance: { metric: mae, drop: 0.15, window: 7d } }] }
now: 1d
`;

/** The rows of the last 14 days. */
const EXTRACT = `import { readFileSync, writeFileSync } from 'node:fs';
const [now, ...files] = process.argv.slice(2);
const since = new Date(Date.parse(now) - 14 * 86400000).toISOString();
const rows = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\\n').slice(1));
writeFileSync('rows.csv', ['at,id,x,y', ...rows.filter((row) => row >= since)].join('\\n') + '\\n');`;

const READ = `const rows = readFileSync('rows.csv', 'utf8').trim().split('\\n').slice(1).map((line) => line.split(','))
  .map(([at, , x, y]) => ({ at, x: Number(x), y: Number(y) }));`;

/** A line through the origin by least squares, with the least label that it has read. */
const TRAIN = `import { readFileSync, writeFileSync } from 'node:fs';
${READ}
const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
const slope = sum(({ x, y }) => x * y) / sum(({ x }) => x * x);
writeFileSync('model.json', JSON.stringify({ slope, least: Math.min(...rows.map(({ y }) => y)) }));`;

/** The error on the newest half of the rows. */
const EVALUATE = `import { readFileSync, writeFileSync } from 'node:fs';
${READ}
const { slope } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const test = rows.slice(Math.floor(rows.length / 2));
writeFileSync(process.argv[3], JSON.stringify({ mae: test.reduce((sum, { x, y }) => sum + Math.abs(y - slope * x), 0) / test.length }));`;

interface Row {
  readonly at: string;
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

const slopeOn = (day: number): number => (day < CHANGE ? 2 : -1);

function world(): readonly (readonly Row[])[] {
  const normal = seededNormal(11);
  return Array.from({ length: DAYS }, (_, day) =>
    Array.from({ length: PER_DAY }, (__, i) => {
      const at = new Date(START + day * DAY_MS + i * Math.floor(DAY_MS / PER_DAY)).toISOString();
      const x = normal();
      return { at, id: `${day}-${i}`, x, y: slopeOn(day) * x + 0.5 * normal() };
    }),
  );
}

/** A day's rows as the feed delivers them, the predictions of the champion of that day, and the labels. */
function arrive(rig: Rig, day: number, rows: readonly Row[]): void {
  const name = `${String(day).padStart(3, '0')}.csv`;
  const delivered = rows.map(({ at, id, x, y }, i) => `${at},${id},${x},${isBroken(day) && i % 4 === 0 ? -9999 : y}\n`);
  rig.write({
    [`data/${name}`]: `at,id,x,y\n${delivered.join('')}`,
    [`labels/${name}`]: `id,y\n${rows.map(({ id, y }) => `${id},${y}\n`).join('')}`,
  });
  if (!rig.has('serving/current/model.json')) return;
  const { slope } = JSON.parse(rig.read('serving/current/model.json'));
  rig.write({ [`logs/${name}`]: `at,id,p\n${rows.map(({ at, id, x }) => `${at},${id},${slope * x}\n`).join('')}` });
}

/** How many times the best reachable error the served model makes on the rows of a day. */
function timesBest(rig: Rig, day: number, rows: readonly Row[]): number {
  const { slope } = JSON.parse(rig.read('serving/current/model.json'));
  const mae = (of: number): number => rows.reduce((sum, { x, y }) => sum + Math.abs(y - of * x), 0) / rows.length;
  return mae(slope) / mae(slopeOn(day));
}

interface Tick {
  readonly day: number;
  readonly exit: number;
  readonly decision: string;
  readonly summary: string;
  readonly outcome: string | null;
}

async function tick(rig: Rig, day: number): Promise<Tick> {
  const ahead = day === AHEAD ? 7 : 0;
  setClock(rig, new Date(START + (day + ahead) * DAY_MS).toISOString());
  if (day === ANSWER) {
    const [{ open_findings: open }] = (await rig.json(0, 'status', 'year')).pipelines;
    expect(open.length).toBeGreaterThan(0);
    for (const { id } of open) await rig.json(0, 'resolve', id, '--as', 'bug', '--reason', 'the sensor was unplugged');
  }
  const { exit, stdout, stderr } = await rig.refit('retrain', 'year', '--json');
  if (stdout === '') throw new Error(`day ${day}: ${stderr}`);
  const { decision, summary, outcome } = JSON.parse(stdout) as Document;
  return { day, exit, decision, summary, outcome };
}

it('decides a year of ticks as documented: broken data, a changed world, and a clock that is a week ahead', {
  timeout: 1_800_000,
}, async () => {
  using rig = createRig(
    { 'pipelines/year.yaml': PIPELINE, 'extract.mjs': EXTRACT, 'train.mjs': TRAIN, 'evaluate.mjs': EVALUATE },
    SHIFTED_CLOCK,
  );
  const days = world();
  const ticks: Tick[] = [];
  const bad: number[] = [];
  for (let day = 0; day < DAYS; day++) {
    if (day >= FIRST && isPlayed(day)) ticks.push(await tick(rig, day));
    if (day === AHEAD + 1) await expectNamed(rig);
    arrive(rig, day, days[day] ?? []);
    if (day >= FIRST && timesBest(rig, day, days[day] ?? []) > 1.5) bad.push(day);
  }
  const kinds = ticks.map(({ day, decision, outcome, summary }) => `${day} ${decision} ${outcome ?? ''} ${summary}`);
  process.stderr.write(`${kinds.filter((one) => !one.includes(' wait ')).join('\n')}\n`);
  expectDecisions(ticks);
  // The served model is worse than 1.5 times the best only after the change, and for at most 21 days.
  expect([bad.every((day) => day >= CHANGE), bad.length <= 21]).toEqual([true, true]);
  // No model was trained on rows that were called broken.
  const least = rig
    .list('serving/versions')
    .map((folder) => JSON.parse(rig.read(`serving/versions/${folder}/model.json`)).least);
  expect(Math.min(...least)).toBeGreaterThan(-50);
});

/** What docs/retraining.md says for each tick, from the facts of this world alone. */
function expectDecisions(ticks: readonly Tick[]): void {
  let trained: number | undefined;
  const falls: number[] = [];
  for (const { day, exit, decision, summary, outcome } of ticks) {
    // The window of a clock that is a week ahead is empty.
    const isHeld = (day > BUG && day < ANSWER) || day === AHEAD;
    const isOld = trained !== undefined && day - trained >= MAX_AGE;
    const isFallen = summary.includes('performance');
    const at = `day ${day}: ${decision}, ${summary}`;
    if (isHeld) expect([at, exit, decision]).toEqual([at, 4, 'hold']);
    else if (trained === undefined || isOld) expect([at, exit, decision]).toEqual([at, 0, 'retrain']);
    else expect([at, exit, decision]).toEqual([at, 0, isFallen && decision === 'retrain' ? 'retrain' : 'wait']);
    if (decision !== 'retrain') continue;
    expect([at, outcome]).toEqual([at, 'published']);
    trained = day;
    if (isFallen) falls.push(day);
  }
  // The fall is answered as new rows come, and only it.
  expect(falls.length).toBeGreaterThanOrEqual(2);
  expect([Math.min(...falls) > CHANGE, Math.max(...falls) < CHANGE + 40]).toEqual([true, true]);
}

/** The day after: the decision of the clock that was ahead is named, and has delayed nothing. */
async function expectNamed(rig: Rig): Promise<void> {
  const [state] = (await rig.json(0, 'status', 'year')).pipelines;
  expect(state.future_decisions).toHaveLength(1);
  expect((await rig.json(1, 'doctor')).problems).toMatchObject([{ code: 'decision-in-the-future' }]);
}
