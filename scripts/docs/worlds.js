// Workspaces in which the sessions of the pages begin.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ownProjectFiles } from './own-project.js';
import { PROJECT } from './pages.js';
import {
  CHANNEL,
  CUSTOMERS,
  DVC,
  datedSales,
  EVALUATE,
  EVALUATE_KEYS,
  FLATS,
  inCents,
  ORDERS,
  PRICES,
  predictionLog,
  shopOrders,
  TRACKED_TRAIN,
} from './session-data.js';
import { warmFiles } from './warm.js';

/**
 * By name: how a workspace is made out of another one. `empty` is an empty folder; the others build on the starter pipeline
 * that `refit init` writes.
 */
const WORLDS = {
  empty: {},
  starter: { from: 'empty', commands: [['init']] },
  tracked: { from: 'empty', files: () => ({ 'train.py': TRACKED_TRAIN, 'flats.csv': FLATS }) },
  trained: { from: 'starter', commands: [['run', 'hello']] },
  champion: { from: 'trained', commands: [['promote', 'hello@1', '--reason', 'first version']] },
  evaluated: {
    from: 'champion',
    files: (read) => ({
      'hello/evaluate.py': EVALUATE,
      'pipelines/hello.yaml': read('pipelines/hello.yaml').replace('  gate:', `${EVALUATE_KEYS}  gate:`),
    }),
  },
  drifted: { from: 'champion', copies: { 'hello/february.csv': 'hello/sales/february.csv' } },
  cents: {
    from: 'champion',
    files: (read) => ({ 'hello/sales/february.csv': inCents(read('hello/february.csv')) }),
  },
  own: { from: 'empty', files: () => ownProjectFiles() },
  script: {
    from: 'empty',
    files: () => ({
      'train.py': ownProjectFiles()['quick/train.py'],
      'customers.csv': CUSTOMERS,
      'requirements.txt': 'scikit-learn\n',
    }),
  },
  shop: { from: 'empty', files: () => shopOrders() },
  orders: { from: 'empty', files: () => ORDERS },
  exported: { from: 'empty', files: () => EXPORTED },
  channel: { from: 'retrained', files: () => ({ 'refit.yaml': CHANNEL, 'notices.txt': '' }) },
  dvc: { from: 'empty', files: () => ({ 'dvc.yaml': DVC }) },
  log: { from: 'empty', files: () => ({ 'log.csv': predictionLog() }) },
  prices: { from: 'empty', files: () => ({ ...PRICES, 'sales.csv': datedSales() }) },
  warm: { from: 'empty', files: () => warmFiles() },
  warmed: {
    from: 'warm',
    commands: [1, 2].map((month) => ['retrain', 'clicks', '--now', `2026-0${month + 1}-01`]),
  },
  retrained: { from: 'drifted', commands: [['retrain', 'hello']] },
};

/** A dataset that a command exports, a week at a time. */
const EXPORTED = {
  'pipelines/rides.yaml': `pipeline: rides
datasets:
  rides:
    source: command
    run: ./export.sh \${{ window.from }} \${{ window.until }}
    from: 2026-01-01
    every: 7d
    time: at
steps:
  train:
    run: cat \${{ datasets.rides }} | wc -c > model.txt
    inputs: ["\${{ datasets.rides }}"]
    outputs: [model.txt]
`,
  'export.sh': `#!/bin/sh
echo id,at,fare
for n in 1 2 3; do echo "$n,$1,$n.50"; done
`,
};

/** Makes folders in which sessions begin; each world is made once and copied. */
export function createWorlds() {
  const root = mkdtempSync(join(tmpdir(), 'refit-docs-'));
  const made = new Map();
  let copies = 0;

  function original(name) {
    const known = made.get(name);
    if (known !== undefined) return known;
    const world = WORLDS[name];
    if (world === undefined) throw new Error(`no world is called "${name}": add it to scripts/docs/worlds.js`);
    const folder = join(root, `world-${name}`);
    if (world.from === undefined) cpSync(mkdtempSync(join(root, 'empty-')), folder, { recursive: true });
    else cpSync(original(world.from), folder, { recursive: true, verbatimSymlinks: true });
    const read = (path) => readFileSync(join(folder, path), 'utf8');
    for (const [path, text] of Object.entries(world.files?.(read) ?? {})) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    for (const [from, to] of Object.entries(world.copies ?? {})) cpSync(join(folder, from), join(folder, to));
    for (const command of world.commands ?? []) refit(folder, command);
    made.set(name, folder);
    return folder;
  }

  return {
    /** A new copy, as `<place>/project`: a session may make other folders beside it. */
    copyOf(name) {
      const place = join(root, `place-${++copies}`);
      cpSync(original(name), join(place, 'project'), { recursive: true, verbatimSymlinks: true });
      return place;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function refit(folder, args) {
  const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, 'bin/refit.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, REFIT_ACTOR: 'ana', TZ: 'UTC', GIT_CEILING_DIRECTORIES: tmpdir() },
  });
  if (status !== 0) throw new Error(`refit ${args.join(' ')} exited with ${status}:\n${stderr}`);
}
