// What running costs, as ratios against floors and peers of the same run: npm run bench:runner
import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bytesRead,
  createTable,
  execaLoop,
  inTurns,
  median,
  peakMemory,
  REFIT,
  seconds,
  timeOnce,
  workspace,
} from './measure.mjs';

const NODE = process.execPath;
const STEPS = 1000;
const refit = (root, ...args) => timeOnce(root, [NODE, REFIT, ...args, '--quiet', '--json']);
const nothing = () => timeOnce('/', [NODE, '-e', '0']);
const script = (i) => `echo ${i} > out/${i}.txt`;

const pipeline = (name, steps) =>
  `pipeline: ${name}\nsteps:\n${Array.from({ length: steps }, (_, i) => `  s${i}: { run: "${script(i)}", inputs: [in.txt], outputs: [out/${i}.txt] }\n`).join('')}`;

const past = new Date(Date.now() - 3_600_000);

/** Inputs that were not written a moment ago: their stat can be trusted. */
const age = (path) => utimesSync(path, past, past);

function startUp(table) {
  const root = workspace({ 'pipelines/p.yaml': pipeline('p', 1), 'in.txt': 'x' });
  refit(root, 'run', 'p');
  const took = inTurns(21, {
    floor: nothing,
    version: () => timeOnce('/', [NODE, REFIT, '--version']),
    noop: () => refit(root, 'run', 'p'),
  });
  const floor = median(took.floor);
  for (const [what, name, limit] of [
    ['refit --version', 'version', 1.5],
    ['no-op of 1 step', 'noop', 3.5],
  ]) {
    const value = median(took[name]);
    table.add({ what, measured: seconds(value), against: `node -e 0 ${seconds(floor)}`, value: value / floor, limit });
  }
}

function wireit() {
  const names = Array.from({ length: STEPS }, (_, i) => i);
  const root = workspace({
    'in.txt': 'x',
    'package.json': JSON.stringify({
      scripts: { all: 'wireit', ...Object.fromEntries(names.map((i) => [`s${i}`, 'wireit'])) },
      wireit: {
        all: { dependencies: names.map((i) => `s${i}`) },
        ...Object.fromEntries(
          names.map((i) => [`s${i}`, { command: script(i), files: ['in.txt'], output: [`out/${i}.txt`] }]),
        ),
      },
    }),
  });
  mkdirSync(join(root, 'out'));
  const installed = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', 'wireit@0.14'], { cwd: root });
  if (installed.status !== 0) return undefined;
  const run = () => timeOnce(root, ['npm', 'run', '--silent', 'all'], { WIREIT_PARALLEL: '2', WIREIT_LOGGER: 'quiet' });
  return { cold: run(), noop: run };
}

function snakemake() {
  if (spawnSync('snakemake', ['--version']).status !== 0) return undefined;
  const root = workspace({
    'in.txt': 'x',
    Snakefile: `rule all:\n    input: expand("out/{i}.txt", i=range(${STEPS}))\nrule one:\n    input: "in.txt"\n    output: "out/{i}.txt"\n    shell: "echo {wildcards.i} > {output}"\n`,
  });
  mkdirSync(join(root, 'out'));
  age(join(root, 'in.txt'));
  for (let i = 0; i < STEPS; i++) writeFileSync(join(root, `out/${i}.txt`), `${i}\n`);
  return () => timeOnce(root, ['snakemake', '--cores', '2', '--quiet']);
}

const ROUNDS = 3;

async function coldRuns() {
  let root = '';
  const cold = [];
  const bare = [];
  for (let round = 0; round < ROUNDS; round++) {
    const folder = workspace();
    mkdirSync(join(folder, 'out'));
    bare.push(await execaLoop(folder, STEPS, 2, (i) => ['sh', '-eu', '-c', script(i)]));
    // nothing is removed in between: ext4 without a journal looks through all files deleted in the last five minutes for each it makes
    root = workspace({ 'pipelines/p.yaml': pipeline('p', STEPS), 'in.txt': 'x' });
    age(join(root, 'in.txt'));
    cold.push(refit(root, 'run', 'p', '--jobs', '2'));
  }
  return { root, cold: median(cold), bare: median(bare) };
}

async function manySteps(table) {
  const { root, cold, bare } = await coldRuns();
  table.add({
    what: `cold run of ${STEPS} steps, all durability on`,
    measured: seconds(cold),
    against: `bare execa ${seconds(bare)}`,
    value: cold / bare,
    limit: 1.6,
  });
  const peer = wireit();
  const faster = (what, ours, theirs, name, least) =>
    table.add({ what, measured: seconds(ours), against: `${name} ${seconds(theirs)}`, value: theirs / ours, least });
  if (peer === undefined) table.skip('wireit', 'it could not be installed');
  else faster(`cold run of ${STEPS} steps, times faster than wireit`, cold, peer.cold, 'wireit', 1);
  const contestants = { refit: () => refit(root, 'run', 'p'), wireit: peer?.noop, snakemake: snakemake() };
  const took = inTurns(5, Object.fromEntries(Object.entries(contestants).filter(([, run]) => run !== undefined)));
  const best = Math.min(...took.refit);
  table.add({ what: `no-op of ${STEPS} steps, seconds of wall`, measured: seconds(best), value: best, limit: 1 });
  for (const [name, least] of [
    ['wireit', 5],
    ['snakemake', 6],
  ]) {
    const what = `no-op of ${STEPS} steps, times faster than ${name}`;
    if (took[name] === undefined) table.skip(what, `${name} is not installed`);
    else faster(what, median(took.refit), median(took[name]), name, least);
  }
}

function largeInputs(table) {
  const root = workspace({
    'pipelines/big.yaml':
      'pipeline: big\nsteps: { s: { run: "echo x > big.out", inputs: [big.bin], outputs: [big.out] } }\n',
    'pipelines/small.yaml':
      'pipeline: small\nsteps: { s: { run: "echo x > small.out", inputs: [many], outputs: [small.out] } }\n',
    'big.bin': '',
    'many/0.txt': '0',
  });
  truncateSync(join(root, 'big.bin'), 4 * 2 ** 30);
  age(join(root, 'big.bin'));
  for (let i = 0; i < 50_000; i++) {
    const path = join(root, 'many', `${i}.txt`);
    writeFileSync(path, `${i}\n`);
    age(path);
  }
  // a change time as young as this is not trusted yet
  spawnSync('sleep', ['3']);
  refit(root, 'run', 'small');
  refit(root, 'run', 'big');
  const read = bytesRead(root, [NODE, REFIT, 'run', 'big', '--quiet']) / 2 ** 20;
  table.add({
    what: 'unchanged input of 4 GiB, MiB read in all',
    measured: `${read.toFixed(1)} MiB`,
    value: read,
    limit: 64,
  });
  const best = Math.min(...inTurns(5, { refit: () => refit(root, 'run', 'small') }).refit);
  table.add({
    what: 'no-op with 50,000 unchanged inputs, seconds of wall',
    measured: seconds(best),
    value: best,
    limit: 1,
  });
}

function hugePipeline(table) {
  const root = workspace({ 'pipelines/p.yaml': pipeline('p', 10_000), 'in.txt': 'x' });
  refit(root, 'validate', 'p');
  mkdirSync(join(root, '.refit'));
  const plan = () => refit(root, 'plan', 'p');
  plan();
  const best = Math.min(...inTurns(3, { plan }).plan);
  table.add({ what: 'repeated plan of 10,000 steps, seconds of wall', measured: seconds(best), value: best, limit: 2 });
  const peak = peakMemory(root, [REFIT, 'plan', 'p', '--quiet', '--json']);
  table.add({ what: 'its peak memory, MiB', measured: `${peak.toFixed(0)} MiB`, value: peak, limit: 400 });
}

const table = createTable(
  'what                                                         measured     against                            value  limit',
);
startUp(table);
await manySteps(table);
largeInputs(table);
hugePipeline(table);
table.end();
