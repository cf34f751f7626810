// Years of cron in one workspace: ticks of `retrain --now`, a day apart, each tenth of them killed at a random moment. Prints the
// time of a tick and the bytes of `.refit` a tick, and checks at the end that nothing is lost.
//   node test/bench/soak.mjs [--ticks 4000] [--home FOLDER] [--seed N]
// With --home an interrupted soak goes on where it was.
import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const BIN = resolve(import.meta.dirname, '../../bin/refit.js');
const { values } = parseArgs({
  options: {
    ticks: { type: 'string', default: '4000' },
    home: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const TICKS = Number(values.ticks);
const home = values.home ?? mkdtempSync(join(tmpdir(), 'refit-soak-'));
const statePath = join(home, 'soak.json');
const DAY = 86_400_000;
const START = Date.parse('2026-01-01T03:00:00Z');

/** Each week the data moves, and a model is trained, judged and published. */
const FILES = {
  'refit.yaml': 'retention: { versions: 3, days: 30 }\n',
  'pipelines/m.yaml': `pipeline: m
steps:
  train: { run: node train.mjs, inputs: [train.mjs, week.txt], outputs: [model.txt], metrics: metrics.json }
datasets:
  days: { path: data/days.csv, time: at }
model: { path: model.txt, gate: [score >= 0.1], publish: { path: serving/m, keep: 2 } }
retrain: { when: { any: [{ command: sh moved.sh, fires: level }] } }
`,
  'train.mjs': `import { readFileSync, writeFileSync } from 'node:fs';
const week = readFileSync('week.txt', 'utf8');
writeFileSync('model.txt', ('model of week ' + week + '\\n').repeat(500));
writeFileSync('metrics.json', JSON.stringify({ score: 0.5 + Number(week) / 1e6 }));
`,
  'moved.sh': 'cmp -s week.txt trained.txt && exit 1; cp week.txt trained.txt\n',
};

/** Mulberry32, from a number of its own for each tick, so that a resumed soak kills at the same moments. */
function randomAt(tick) {
  let state = (Number(values.seed) * 7919 + tick * 104_729 + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), 1 | state);
  state = (state + Math.imul(state ^ (state >>> 7), 61 | state)) ^ state;
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}

const refit = (...args) =>
  new Promise((done) => {
    const options = { cwd: home, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 1 << 26 };
    execFile(process.execPath, [BIN, ...args], options, (error, stdout, stderr) =>
      done({ exit: error === null ? 0 : (error.code ?? -1), stdout, stderr }),
    );
  });

async function killed(afterMs, ...args) {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: home,
    stdio: 'ignore',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const ended = new Promise((done) => child.once('exit', (_, signal) => done(signal === 'SIGKILL')));
  const late = delay(afterMs).then(() => child.kill('SIGKILL'));
  const wasKilled = await ended;
  await late;
  return wasKilled;
}

function bytesBelow(folder) {
  let sum = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  return sum;
}

/** Processor time of every child that has ended, in ms: what a tick costs on a machine that does other work too. Linux only. */
function cpuMsOfChildren() {
  if (!existsSync('/proc/self/stat')) return Number.NaN;
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function begin() {
  if (existsSync(statePath)) return JSON.parse(readFileSync(statePath, 'utf8'));
  for (const folder of ['pipelines', 'data']) mkdirSync(join(home, folder), { recursive: true });
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(home, path), text);
  return { tick: 0, kills: 0, failed: [], times: [], marks: [] };
}

const state = begin();
const nowOf = (tick) => new Date(START + tick * DAY).toISOString();

/** The file holds the last sixty days, as that of a warehouse that is cut. */
function daysUpTo(number) {
  const rows = Array.from({ length: 60 * 8 }, (_, i) => {
    const at = START + (number - 60) * DAY + (i * DAY) / 8;
    return `${new Date(at).toISOString()},${(randomAt(Math.floor(at / 1000)) * 10).toFixed(3)}`;
  });
  return `at,value\n${rows.join('\n')}\n`;
}

async function tick(number) {
  const week = String(Math.floor(number / 7));
  writeFileSync(join(home, 'week.txt'), week);
  writeFileSync(join(home, 'data/days.csv'), daysUpTo(number));
  if (
    number % 10 === 9 &&
    (await killed(30 + randomAt(number) * 700, 'retrain', 'm', '--quiet', '--now', nowOf(number)))
  ) {
    state.kills++;
    return;
  }
  const [begunMs, cpuBefore] = [performance.now(), cpuMsOfChildren()];
  const ended = await refit('retrain', 'm', '--quiet', '--now', nowOf(number));
  // a week in which a model is trained takes longer: those days are not compared
  if (ended.stdout === '') state.times.push([number, performance.now() - begunMs, cpuMsOfChildren() - cpuBefore]);
  if (ended.exit !== 0)
    state.failed.push({ tick: number, exit: ended.exit, said: (ended.stderr || ended.stdout).slice(0, 300) });
  if (number % 30 === 29) await refit('gc', '--apply', '--now', nowOf(number));
}

function mark(number) {
  const recent = state.times.filter(([at]) => at > number - 100);
  const bytes = bytesBelow(join(home, '.refit'));
  const [ms, cpuMs] = [1, 2].map((column) => Math.round(median(recent.map((one) => one[column]))));
  const one = { tick: number, ms, cpuMs, bytes, perTick: Math.round(bytes / number) };
  state.marks.push(one);
  process.stdout.write(`${JSON.stringify(one)}\n`);
}

const MARKS = new Set([100, 250, 500, 1000, 2000, 3000, 4000, TICKS]);
while (state.tick < TICKS) {
  await tick(state.tick);
  state.tick++;
  if (MARKS.has(state.tick)) mark(state.tick);
  writeFileSync(statePath, JSON.stringify(state));
}

const verified = await refit('verify', '--json');
const status = await refit('status', '--json', '--now', nowOf(TICKS));
const ledger = verified.exit === 0 ? JSON.parse(verified.stdout) : {};
process.stdout.write(
  `${JSON.stringify({ ticks: state.tick, kills: state.kills, failed: state.failed.length, verify: verified.exit, status: status.exit, sealed: ledger.sealed })}\n`,
);
for (const one of state.failed.slice(0, 5)) process.stdout.write(`  tick ${one.tick}: exit ${one.exit} ${one.said}\n`);
const [early, late] = [state.marks.find((one) => one.tick >= 500), state.marks.at(-1)];
if (early !== undefined && late !== undefined)
  process.stdout.write(
    `time of a tick × ${(late.ms / early.ms).toFixed(2)}, bytes a tick × ${(late.perTick / early.perTick).toFixed(2)}\n`,
  );
const isFlat = early === undefined || (late.ms <= 1.3 * early.ms && late.perTick <= 1.3 * early.perTick);
process.exitCode = verified.exit === 0 && status.exit === 0 && state.failed.length === 0 && isFlat ? 0 : 1;
if (values.home === undefined) rmSync(home, { recursive: true, force: true });
