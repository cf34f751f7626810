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
