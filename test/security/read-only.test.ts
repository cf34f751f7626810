import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BIN, createRig, type Rig } from '../support/rig.js';

const PIPELINE = `pipeline: p
datasets:
  rows: { path: "data/*.csv", time: at, checks: { schema: schema.yaml } }
steps:
  extract: { run: 'head -n 100000 -q \${{ datasets.rows }} > o.csv', inputs: ["\${{ datasets.rows }}"], outputs: [o.csv] }
model: { name: m, path: o.csv }
monitor:
  reference: o.csv
  current: { dataset: rows, window: 28d }
  predictions: { path: "data/*.csv", time: at, key: id, prediction: p }
  labels: { query: "select id, late from \${{ datasets.rows }}", key: id, label: late }
`;

const ROWS = `at,id,x,p,late\n${Array.from({ length: 300 }, (_, i) => `2026-01-${10 + Math.floor(i / 20)}T${10 + (i % 10)}:00:00,${i},${i % 37},${(i % 10) / 10},${i % 2}`).join('\n')}\n`;

let rig: Rig;

/** Everything below a folder with the bytes of each file. */
const everything = (): string =>
  rig
    .files('.refit')
    .map((path) => `${path} ${statSync(join(rig.root, path)).size} ${statSync(join(rig.root, path)).mtimeMs}`)
    .join('\n');

function lock(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o555);
    else if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o444);
  chmodSync(folder, 0o555);
}

function unlock(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) unlock(join(folder, entry.name));
}

/** Root may write everywhere, so it asks as another user. */
const IDENTITY = process.getuid?.() === 0 ? { uid: 12_346, gid: 12_346 } : {};

function asReader(...args: readonly string[]): { readonly exit: number; readonly text: string } {
  const options = { cwd: rig.root, encoding: 'utf8', env: { ...process.env, HOME: '/', NO_COLOR: '1' } } as const;
  try {
    const text = execFileSync(process.execPath, [BIN, ...args], { ...options, ...IDENTITY, stdio: 'pipe' });
    return { exit: 0, text };
  } catch (error) {
    const ended = error as { readonly status: number; readonly stdout: string; readonly stderr: string };
    return { exit: ended.status, text: ended.stdout + ended.stderr };
  }
}

beforeEach(async () => {
  rig = createRig({ 'pipelines/p.yaml': PIPELINE, 'schema.yaml': 'columns: { x: { max: 30 } }\n', 'data/a.csv': ROWS });
  await rig.json(0, 'run', 'p', '--now', '2026-02-01');
  await rig.json(0, 'promote', 'm@1', '--reason', 'r');
  chmodSync(rig.root, 0o555);
  lock(join(rig.root, '.refit'));
});
afterEach(() => {
  chmodSync(rig.root, 0o755);
  unlock(join(rig.root, '.refit'));
  rig[Symbol.dispose]();
});

const NOW = ['--now', '2026-02-01'];
const COMMANDS: readonly (readonly [string, number])[] = [
  ['check-data p', 4],
  ['check-drift p', 0],
  ['check-performance p', 0],
  ['status p', 0],
  ['plan p', 0],
];

it.each([...COMMANDS, ['why m@1', 0], ['doctor', 0]] as const)(
  'a user who may not write .refit reads: refit %s exits with %i',
  (command, exit) => {
    const before = everything();
    const ended = asReader(...command.split(' '), ...(COMMANDS.some(([one]) => one === command) ? NOW : []));
    expect(ended).toEqual({ exit, text: expect.any(String) });
    expect(everything()).toBe(before);
  },
);

it('hears that nothing is recorded', () => {
  const { exit, text } = asReader('check-data', 'p', '--now', '2026-02-01');
  expect(exit).toBe(4);
  expect(text).toContain('recorded');
  expect(text).toContain('x');
});

it('hears which place cannot be written where a command must write', () => {
  for (const command of [
    ['run', 'p'],
    ['note', 'm', 'a note'],
    ['pause', 'p', '--reason', 'r'],
  ]) {
    const { exit, text } = asReader(...command);
    expect({ command, exit }).toEqual({ command, exit: 1 });
    expect(text).not.toContain('This is a bug');
  }
});
