// What a report page costs: npm run bench:report. Exits 1 when a limit is missed.
//
// A pipeline of 50 columns with 1,000 decisions, as after three years of daily ticks: the size of the page, the time to make
// it, and the time until it can be used in Chromium.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { openRegistry } from '../../dist/registry/database/registry.js';
import { seededNormal } from '../../dist/statistics/random.js';

const BIN = resolve(import.meta.dirname, '../../bin/refit.js');
const CHROMIUM = '/usr/bin/chromium';
const [COLUMNS, DECISIONS, ROWS, ROUNDS] = [50, 1000, 20_000, 5];
const DAY_MS = 86_400_000;
const END = Date.UTC(2026, 0, 1);
const LIMITS = { bytes: 1e6, seconds: 3, interactive: 1 };

const root = mkdtempSync(join(tmpdir(), 'refit-bench-report-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const refit = (...args) =>
  execFileSync(process.execPath, [BIN, ...args], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const iso = (at) => new Date(at).toISOString();
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function writeRows(name, from, days, shift) {
  const normal = seededNormal(from);
  const lines = [`at,${Array.from({ length: COLUMNS }, (_, i) => `c${i}`).join(',')}`];
  for (let i = 0; i < ROWS; i++) {
    const at = iso(from + (i / ROWS) * days * DAY_MS);
    lines.push(
      [at, ...Array.from({ length: COLUMNS }, (_, c) => (normal() + (c < 5 ? shift : 0)).toFixed(4))].join(','),
    );
  }
  writeFileSync(join(root, 'rows', name), `${lines.join('\n')}\n`);
}

mkdirSync(join(root, 'pipelines'));
mkdirSync(join(root, 'rows'));
writeFileSync(
  join(root, 'pipelines/p.yaml'),
  `pipeline: p
datasets: { rows: { path: "rows/*.csv", time: at } }
steps:
  train: { run: "cat \${{ datasets.rows }} > model.csv", inputs: ["\${{ datasets.rows }}"], outputs: [model.csv] }
model: { name: p, path: model.csv, publish: { path: serving } }
monitor: { reference: model.csv, current: { dataset: rows, window: 28d } }
retrain: { when: { data_drift: { share: 0.5 } } }
`,
);
writeRows('1.csv', END - 100 * DAY_MS, 60, 0);
refit('run', 'p', '--now', iso(END - 40 * DAY_MS));
refit('promote', 'p@1', '--reason', 'first', '--now', iso(END - 40 * DAY_MS));
writeRows('2.csv', END - 28 * DAY_MS, 28, 0.5);
refit('retrain', 'p', '--now', iso(END));

const opened = openRegistry(join(root, '.refit/registry.db'), 'write');
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const [real] = opened.value.decisions.list({ pipeline: 'p', limit: 1 });
for (let i = 1; i < DECISIONS; i++) {
  const now = END - i * DAY_MS;
  const decision = ['wait', 'wait', 'wait', 'hold', 'retrain'][i % 5];
  opened.value.decisions.record({ ...real, id: undefined, decision, now, decidedAt: now });
}
opened.value[Symbol.dispose]();

const times = [];
for (let round = 0; round < ROUNDS; round++) {
  const from = process.hrtime.bigint();
  refit('report', 'p', '-o', 'report.html', '--now', iso(END));
  times.push(Number(process.hrtime.bigint() - from) / 1e9);
}
const page = join(root, 'report.html');
const found = [
  ['size of the page, bytes', statSync(page).size, LIMITS.bytes],
  ['seconds to make it', median(times), LIMITS.seconds],
];

if (existsSync(CHROMIUM)) {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-quic', '--disable-sync'],
  });
  const loads = [];
  for (let round = 0; round < ROUNDS; round++) {
    const tab = await browser.newPage();
    await tab.goto(pathToFileURL(page).href);
    loads.push((await tab.evaluate(() => performance.getEntriesByType('navigation')[0].domInteractive)) / 1000);
    await tab.close();
  }
  await browser.close();
  found.push(['seconds until it can be used', median(loads), LIMITS.interactive]);
} else console.log('no chromium here: the time in a browser is not measured');

let isMissed = false;
for (const [what, value, limit] of found) {
  const isMet = value <= limit;
  isMissed ||= !isMet;
  console.log(
    `${isMet ? '  ok  ' : '  MISS'}  ${what.padEnd(32)} ${value.toFixed(value > 1000 ? 0 : 3).padStart(10)}  <= ${limit}`,
  );
}
process.exit(isMissed ? 1 : 0);
