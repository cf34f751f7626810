// The commands whose calls to the disk are made to fail. Each has a folder with two workspaces and a remote between them.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const BIN = resolve(import.meta.dirname, '../../../bin/refit.js');

/** A model whose bytes are those of its source, published as a folder, judged by a gate. */
const FILES = {
  'pipelines/m.yaml': `pipeline: m
steps:
  prepare: { run: 'mkdir -p out/deep; cp source.txt out/p.txt; cp source.txt out/deep/d.txt', inputs: [source.txt], outputs: [out] }
  train: { run: 'cat out/p.txt > model.txt; echo "{\\"auc\\": 0.7}" > train.json', inputs: [out], outputs: [model.txt], metrics: train.json }
model: { path: model.txt, gate: [auc >= 0.5], publish: { path: serving/m, keep: 2 } }
retrain: { when: { any: [{ command: "true", fires: level }] } }
`,
  'source.txt': 'first',
};

const FIRST = ['run m', 'promote m@1 --reason a'];
const SECOND = ['source=second', 'run m'];

/**
 * `prepare` makes what the command finds: commands of refit, other sources, and the workspace that they are for. `next` is tried
 * after the fault; without it the command itself.
 */
export const SCENARIOS = {
  'run-first': { prepare: [], command: 'run m' },
  run: { prepare: [...FIRST, 'source=second'], command: 'run m' },
  restore: { prepare: ['run m', ...SECOND, 'source=first'], command: 'run m' },
  retrain: { prepare: [...FIRST, 'source=second'], command: 'retrain m' },
  'promote-first': { prepare: ['run m'], command: 'promote m@1 --reason a' },
  promote: { prepare: [...FIRST, ...SECOND], command: 'promote m@2 --reason b' },
  rollback: {
    prepare: [...FIRST, ...SECOND, 'promote m@2 --reason b', 'drop=serving/m/versions/1-'],
    command: 'rollback m --reason c',
    next: 'run m',
  },
  push: { prepare: FIRST, command: 'push ../share' },
  'pull-first': { prepare: [...FIRST, 'push ../share', 'in=other'], command: 'pull ../share' },
  pull: {
    prepare: [
      ...[...FIRST, ...SECOND, 'push ../share', 'in=other', 'pull ../share'],
      ...['in=this', 'promote m@2 --reason b', 'push ../share', 'in=other'],
    ],
    command: 'pull ../share',
  },
  gc: {
    prepare: ['run m', ...SECOND, 'source=third', 'run m'],
    command: 'gc --apply --versions 1 --days 1 --now 2031-01-01',
  },
  status: { prepare: FIRST, command: 'status' },
  why: { prepare: FIRST, command: 'why model.txt' },
};

/** Runs a program, refit if no other is named. One thread does the slow calls of Node, so that their order is always the same. */
export function refit(cwd, args, program = [process.execPath, BIN]) {
  const env = { ...process.env, NO_COLOR: '1', UV_THREADPOOL_SIZE: '1' };
  return new Promise((done) => {
    const options = { cwd, env, maxBuffer: 1 << 26, timeout: 60_000, killSignal: 'SIGKILL' };
    const child = execFile(program[0], [...program.slice(1), ...args], options, (error, stdout, stderr) =>
      done({ exit: error === null ? 0 : (error.code ?? -1), stdout, stderr }),
    );
    child.stdin?.end();
  });
}

const made = new Map();

/** Makes the folder of a scenario once; each point works in a copy of it. */
export async function prepare(name) {
  const { prepare: deeds, command, next = command } = SCENARIOS[name];
  const folder = deeds.findLast((deed) => deed.startsWith('in='))?.slice(3) ?? 'this';
  return { box: await boxAfter(deeds), folder, args: command.split(' '), next: next.split(' ') };
}

/** Scenarios that begin alike share what they have made so far. */
async function boxAfter(deeds) {
  const key = deeds.join('\n');
  if (!made.has(key)) made.set(key, deeds.length === 0 ? firstBox() : await boxWith(deeds));
  return made.get(key);
}

function firstBox() {
  const box = mkdtempSync(join(tmpdir(), 'refit-faults-'));
  for (const workspace of ['this', 'other'])
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(box, workspace, path)), { recursive: true });
      writeFileSync(join(box, workspace, path), text);
    }
  return box;
}

async function boxWith(deeds) {
  const { box } = copyOf({ box: await boxAfter(deeds.slice(0, -1)), folder: 'this' });
  const folder = deeds.findLast((deed) => deed.startsWith('in='))?.slice(3) ?? 'this';
  const deed = deeds.at(-1);
  const [word, value] = deed.split('=');
  if (word === 'source') writeFileSync(join(box, folder, 'source.txt'), value);
  else if (word === 'drop') removeStarting(join(box, folder, value));
  else if (word !== 'in') {
    const ended = await refit(join(box, folder), deed.split(' '));
    if (ended.exit !== 0) throw new Error(`refit ${deed} ended with ${ended.exit}\n${ended.stderr}`);
  }
  return box;
}

export function removeBoxes() {
  for (const box of made.values()) rmSync(box, { recursive: true, force: true });
}

function removeStarting(path) {
  const folder = dirname(path);
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (join(folder, name).startsWith(path)) rmSync(join(folder, name), { recursive: true });
}

export function copyOf({ box, folder, args, next }) {
  const copy = mkdtempSync(join(tmpdir(), 'refit-fault-'));
  cpSync(box, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return { box: copy, cwd: join(copy, folder), args, next };
}
