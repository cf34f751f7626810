import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const mount = (folder: string, options: string): void =>
  void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'refit-mount-'));
  try {
    mount(folder, 'size=64k');
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface SmallDisk extends Disposable {
  readonly rig: Rig;
  readonly grow: () => void;
  /** Fills the remaining space. */
  readonly fill: () => void;
}

/** A workspace on a disk of the given size. */
function onSmallDisk(megabytes: number, files: Readonly<Record<string, string>>): SmallDisk {
  const rig = createRig();
  mount(rig.root, `size=${megabytes}m`);
  rig.write(files);
  return {
    rig,
    grow: () => mount(rig.root, 'remount,size=256m'),
    fill: () => {
      for (let size = 1 << 20; size >= 4096; size /= 2)
        for (let i = 0; ; i++)
          try {
            writeFileSync(join(rig.root, `filler-${size}-${i}`), Buffer.alloc(size));
          } catch {
            rmSync(join(rig.root, `filler-${size}-${i}`));
            break;
          }
    },
    [Symbol.dispose]: () => {
      execFileSync('umount', ['--lazy', rig.root]);
      rig[Symbol.dispose]();
    },
  };
}

const STEP = (command: string): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': 'pipeline: p\nsteps:\n  a: { run: sh a.sh, inputs: [a.sh], outputs: [a.bin] }\n',
  'a.sh': command,
});

/** Expects that a run on a full disk ended with exit 1 and a plain message, not with what looks like a bug in refit. */
function expectPlainWords(ended: { readonly exit: number; readonly stderr: string }): void {
  expect(ended.stderr).not.toMatch(/This is a bug|Unhandled|^ +at /m);
  expect(ended.stderr).toMatch(/no space left|disk (is )?full|check the disk/i);
  expect(ended.exit).toBe(1);
}

const partial = (rig: Rig): readonly string[] =>
  rig.has('.refit/store') ? rig.files('.refit/store').filter((path) => path.includes('/.')) : [];

const may = mayMount();
const test = may ? it : it.skip;
const why = may ? '' : ' (skipped: a small disk cannot be mounted here)';

test(`reports a disk that fills up while an output is saved, keeps the result, leaves no partial entry and recovers${why}`, async () => {
  using disk = onSmallDisk(9, STEP('head -c 5000000 /dev/zero > a.bin'));
  const { rig } = disk;
  expectPlainWords(await rig.refit('run', 'p'));
  expect(partial(rig)).toEqual([]);
  expect(statSync(join(rig.root, 'a.bin')).size).toBe(5_000_000);
  expect((await rig.json(0, 'runs')).runs).toMatchObject([{ status: 'failed' }]);
  disk.grow();
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('succeeded');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('skip');
});

test(`records the failure and keeps the last good output when the disk fills up while a step writes and logs${why}`, async () => {
  using disk = onSmallDisk(9, STEP('echo good > a.bin'));
  const { rig } = disk;
  await rig.json(0, 'run', 'p');
  rig.write({ 'a.sh': 'cat /dev/zero > a.bin; yes "the log grows" | head -n 50000; exit 3' });
  expectPlainWords(await rig.refit('run', 'p'));
  expect(rig.read('a.bin').slice(0, 9)).toBe('good\n');
  disk.grow();
  rig.write({ 'a.sh': 'echo new > a.bin' });
  await rig.json(0, 'run', 'p');
  expect(rig.read('a.bin')).toBe('new\n');
  expect((await rig.json(0, 'runs')).runs.filter((run: { status: string }) => run.status === 'running')).toEqual([]);
});

test(`reports a disk that is full before a run starts; nothing runs and nothing is lost${why}`, async () => {
  using disk = onSmallDisk(9, STEP('echo good > a.bin'));
  const { rig } = disk;
  await rig.json(0, 'run', 'p');
  rig.write({ 'a.sh': 'echo new > a.bin; echo ran > /dev/null' });
  disk.fill();
  expectPlainWords(await rig.refit('run', 'p'));
  expect(rig.read('a.bin')).toBe('good\n');
  disk.grow();
  expect((await rig.json(0, 'run', 'p')).run.steps[0].status).toBe('succeeded');
  expect(rig.read('a.bin')).toBe('new\n');
});

test(`keeps existing files when the disk fills up while outputs are restored, and the next run succeeds${why}`, async () => {
  using disk = onSmallDisk(9, STEP('head -c 3000000 /dev/zero > a.bin'));
  const { rig } = disk;
  await rig.json(0, 'run', 'p');
  rig.write({ 'a.bin': 'by hand' });
  disk.fill();
  expectPlainWords(await rig.refit('run', 'p'));
  expect(rig.read('a.bin')).toBe('by hand');
  disk.grow();
  await rig.json(0, 'run', 'p');
  expect(statSync(join(rig.root, 'a.bin')).size).toBe(3_000_000);
});

test(`publishes with the next tick what waited while the disk was full, without training again${why}`, async () => {
  const fills = 'i=0; while head -c 1048576 /dev/zero > fill-$i 2>/dev/null; do i=$((i+1)); done; true';
  using disk = onSmallDisk(24, {
    'pipelines/p.yaml': `pipeline: p
steps:
  train: { run: 'head -c 4000000 /dev/zero > m.bin; cat data.txt >> m.bin; echo x >> trained.txt; echo "{\\"auc\\":0.8}" > s.json', inputs: [data.txt], outputs: [m.bin], metrics: s.json }
model:
  name: m
  path: m.bin
  gate: [auc >= 0.5, { smoke: 'sh smoke.sh' }]
  publish: { path: served, keep: 2 }
retrain: { when: { schedule: "0 3 * * *" } }
`,
    'data.txt': 'x\n1\n',
    'smoke.sh': 'true',
  });
  const { rig } = disk;
  await rig.json(0, 'retrain', 'p', '--now', '2026-03-01T03:00:00Z');
  expect(rig.read('served/current/m.bin').endsWith('x\n1\n')).toBe(true);
  rig.write({ 'data.txt': 'x\n1\n2\n', 'smoke.sh': fills });
  expectPlainWords(await rig.refit('retrain', 'p', '--now', '2026-03-02T03:00:00Z'));
  // What serves still serves, whole.
  expect(statSync(join(rig.root, 'served/current/m.bin')).size).toBe(4_000_004);
  for (const command of [['status'], ['why', 'm'], ['gc']]) {
    const { exit, stderr } = await rig.refit(...command);
    expect({ command, exit, stderr }).toMatchObject({ exit: 0 });
  }
  disk.grow();
  expect((await rig.refit('retrain', 'p', '--now', '2026-03-02T04:00:00Z')).exit).toBe(0);
  expect(rig.read('served/current/m.bin').endsWith('x\n1\n2\n')).toBe(true);
  expect(rig.read('trained.txt')).toBe('x\nx\n');
  expect((await rig.json(0, 'verify')).damaged).toEqual([]);
});

test(`answers what only reads on a disk without one free byte${why}`, async () => {
  using disk = onSmallDisk(9, {
    ...STEP('echo good > a.bin'),
    'pipelines/d.yaml': 'pipeline: d\nsteps: { a: { run: "true" } }\ndatasets: { rows: { path: d.csv } }\n',
    'd.csv': 'id,x\n1,2\n2,3\n',
  });
  const { rig } = disk;
  await rig.json(0, 'run', 'p');
  disk.fill();
  const run = (await rig.json(0, 'runs')).runs[0].id;
  for (const command of ['status', `why ${run}`, 'plan p', 'models', 'gc', 'verify', 'doctor', 'export prometheus']) {
    const { exit, stderr } = await rig.refit(...command.split(' '));
    expect({ command, exit, stderr }).toMatchObject({ exit: 0 });
  }
  // These record what they find where they can.
  for (const command of ['check-data d', 'report d --md']) {
    const { exit, stderr } = await rig.refit(...command.split(' '));
    expect({ command, exit, stderr }).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining('the disk is full: what is found is shown and not recorded'),
    });
  }
  expect((await rig.refit('note', 'p', 'text')).stderr).toMatch(/disk is full/);
  disk.grow();
  expect((await rig.json(0, 'runs')).runs).toMatchObject([{ id: run, status: 'succeeded' }]);
});
