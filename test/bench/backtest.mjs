// The flights policy replayed from January to June, cold and again: npm run bench:backtest
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const every = process.argv[2] ?? '7d';
const workspace = mkdtempSync(join(tmpdir(), 'refit-backtest-'));
const node = (...args) =>
  execFileSync(process.execPath, args, { cwd: workspace, encoding: 'utf8', maxBuffer: 1 << 26 });
try {
  mkdirSync(join(workspace, 'pipelines'));
  cpSync(join(PROJECT, 'pipelines/flights'), join(workspace, 'pipelines/flights'), { recursive: true });
  cpSync(join(PROJECT, 'pipelines/flights.yaml'), join(workspace, 'pipelines/flights.yaml'));
  symlinkSync(join(PROJECT, 'node_modules'), join(workspace, 'node_modules'));
  for (const month of [1, 2, 3, 4, 5, 6]) node('pipelines/flights/land.js', `2001-0${month}`);
  const ask = ['backtest', 'flights', '--from', '2001-02-01', '--to', '2001-07-01', '--every', every, '--quiet'];
  for (const what of ['cold', 'again']) {
    const started = Date.now();
    const shown = node(join(PROJECT, 'bin/refit.js'), ...ask);
    console.log(`${what}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
    if (what === 'cold') console.log(shown);
  }
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
