// Plays half a year of the flights pipeline: npm run demo
//
// Each month of real flights arrives as a file in the dataset folder. Then `refit retrain --now <that day>` decides.
// One fault is injected, and the output says so: March first arrives with its distances in kilometres.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { landMonth } from './land.js';

const here = dirname(fileURLToPath(import.meta.url));
const project = resolve(here, '../..');
const workspace = join(project, 'demo');
const startedAt = Date.now();

/** Makes an empty workspace. Only a folder that an earlier demo made is removed. */
function prepareWorkspace() {
  const marker = join(workspace, '.refit-demo');
  if (existsSync(workspace) && !existsSync(marker))
    throw new Error(`${workspace} exists and was not made by the demo: move it away`);
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(join(workspace, 'pipelines'), { recursive: true });
  writeFileSync(marker, 'made by npm run demo; removed by the next one\n');
  cpSync(here, join(workspace, 'pipelines/flights'), { recursive: true });
  cpSync(join(here, '../flights.yaml'), join(workspace, 'pipelines/flights.yaml'));
  process.chdir(workspace);
}

/** Runs one refit command in the workspace and returns its output, JSON document and exit code. */
function refit(...args) {
  return new Promise((done, fail) => {
    const command = [join(project, 'bin/refit.js'), ...args];
    execFile(process.execPath, command, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const exit = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      if (stdout === '') fail(new Error(`refit ${args.join(' ')} exited with ${exit}:\n${stderr}`));
      else done({ exit, stderr, text: stdout, document: args.includes('--json') ? JSON.parse(stdout) : undefined });
    });
  });
}

const ticks = [];

/** Runs `refit retrain` as cron would at this moment, and prints one line. */
async function tick(now, what) {
  const { document, exit, stderr } = await refit('retrain', 'flights', '--now', now, '--json', '--quiet');
  if (document.outcome === 'failed') throw new Error(`the retrain of ${now} failed:\n${stderr}`);
  ticks.push({ now, what, exit, ...document });
  const { decision, outcome, promotion, model_version: version } = document;
  const result = promotion === null ? (outcome ?? '') : `${version} published`;
  console.log(`${now}  ${what.padEnd(32)}  ${decision.padEnd(7)}  ${result.padEnd(25)}  ${document.id}`);
  return document;
}

async function play() {
  await landMonth('2001-01', 'data/flights');
  await tick('2001-02-01', 'January has landed');
  await tick('2001-02-02', 'nothing new');
  await landMonth('2001-02', 'data/flights');
  await tick('2001-03-01', 'February has landed');
  await landMonth('2001-03', 'data/flights', true);
  await tick('2001-04-01', 'March, in kilometres (injected)');
  await landMonth('2001-03', 'data/flights');
  await tick('2001-04-02', 'March, corrected');
  for (const [month, now, name] of [
    ['2001-04', '2001-05-01', 'April'],
    ['2001-05', '2001-06-01', 'May'],
    ['2001-06', '2001-07-01', 'June'],
  ]) {
    await landMonth(month, 'data/flights');
    await tick(now, `${name} has landed`);
  }
}

/** Scores of the champion, the previous and the first version on the test days of the last training, from "refit status". */
async function compare() {
  const { document } = await refit('status', 'flights', '--json');
  const names = { champion: 'champion', previous: 'previous', first: 'frozen January' };
  return document.pipelines[0].earned.map(({ name, version, metrics }) => ({ name: names[name], version, ...metrics }));
}

function printTables(rows) {
  console.log('\nEvery decision, and why');
  for (const one of ticks) {
    console.log(`  ${one.now.slice(0, 10)}  ${one.decision.padEnd(7)}  ${one.summary}`);
    const failed = (one.gate?.checks ?? []).filter((check) => check.verdict === 'fail');
    for (const check of failed) console.log(`              refused: ${check.name}: ${check.detail}`);
    const [bug] = one.decision === 'hold' ? (one.drift?.data_bugs ?? []) : [];
    if (bug !== undefined) console.log(`              ${bug.detail}`);
  }
  console.log(`\nWhat retraining has earned: the same ${rows[0].rows} flights, the last seven days of June`);
  console.log('  model           version  AUC     log loss  calibration error');
  for (const row of rows)
    console.log(
      `  ${row.name.padEnd(14)}  ${String(row.version).padEnd(7)}  ${row.auc.toFixed(4)}  ${row.log_loss.toFixed(4)}    ${row.calibration_error.toFixed(4)}`,
    );
  console.log('');
}

prepareWorkspace();
await play();
printTables(await compare());
console.log((await refit('why', 'flights-delay')).text);
console.log(
  `The workspace is ${workspace}: look around with "npx refit status", "npx refit models" and "npx refit why <decision>" there.`,
);
console.log(`Played in ${((Date.now() - startedAt) / 1000).toFixed(0)} s.`);
