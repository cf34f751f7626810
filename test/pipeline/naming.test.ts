import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createRig, type Rig } from '../support/rig.js';

const BIN = resolve(import.meta.dirname, '../../bin/refit.js');

/** The built program as started in a folder below the workspace. */
const inside = async (rig: Rig, folder: string, ...args: readonly string[]) =>
  JSON.parse(
    (await promisify(execFile)(process.execPath, [BIN, ...args, '--json'], { cwd: join(rig.root, folder) })).stdout,
  );

const folderModel = (): Rig =>
  createRig({
    'pipelines/file.yaml': `pipeline: folder
steps:
  a: { run: "echo a >> ran.txt; cp source.txt a.txt", inputs: [source.txt], outputs: [a.txt] }
  b: { run: "mkdir out; cp a.txt out/weights; echo b >> ran.txt", inputs: [a.txt], outputs: [out] }
model: { path: out, publish: { path: serving/m } }
`,
    'source.txt': 'one',
    'sub/x.txt': '',
  });

it('resolves files from the folder it is started in, and records no absolute path', async () => {
  using rig = folderModel();
  await inside(rig, 'sub', 'run', '../pipelines/file.yaml');
  await rig.json(0, 'run', join(rig.root, 'pipelines/file.yaml'));
  expect((await inside(rig, 'pipelines', 'runs', 'file.yaml')).runs).toHaveLength(2);
  expect((await inside(rig, 'sub', 'why', '../a.txt')).file).toBe('../a.txt');
  const { pipelines } = await rig.json(0, 'status', './pipelines/file.yaml');
  expect(pipelines[0]).toMatchObject({ pipeline: 'folder', file: 'pipelines/file.yaml', state: 'fresh' });
  expect((await rig.refit('run', '../elsewhere.yaml')).exit).toBe(2);
});

it('says that a pipeline is unknown instead of showing that it has no runs', async () => {
  using rig = folderModel();
  expect((await rig.json(0, 'runs', 'folder')).runs).toEqual([]);
  for (const command of ['runs', 'metrics'])
    expect(await rig.refit(command, 'folde')).toMatchObject({ exit: 2, stderr: expect.stringContaining('file') });
  expect((await rig.refit('check-data', 'folder', 'a.csv')).exit).toBe(2);
});

it('forces all steps, or those joined to it; the word after it is the pipeline', async () => {
  using rig = folderModel();
  await rig.json(0, 'run', 'folder');
  await rig.json(0, 'run', '--force=b', 'folder');
  expect(rig.read('ran.txt')).toBe('a\nb\nb\n');
  await rig.json(0, 'run', '--force', 'folder');
  expect(rig.read('ran.txt')).toBe('a\nb\nb\na\nb\n');
  await rig.json(0, 'run', 'folder', '--force');
  expect(rig.read('ran.txt')).toBe('a\nb\nb\na\nb\na\nb\n');
});

it('reuses an intact published folder, and recognizes a copy of it by its content', async () => {
  using rig = folderModel();
  await rig.json(0, 'run', 'folder');
  await rig.json(0, 'promote', 'folder@1', '--reason', 'first');
  rig.write({ 'source.txt': 'two' });
  await rig.json(0, 'run', 'folder');
  await rig.json(0, 'promote', 'folder@2', '--reason', 'second');
  await rig.json(0, 'rollback', 'folder', '--reason', 'worse');
  expect(rig.read('serving/m/current/weights')).toBe('one');
  expect(rig.list('serving/m/versions').filter((name) => name.startsWith('.'))).toEqual([]);
  const outside = mkdtempSync(join(tmpdir(), 'refit-copy-'));
  await promisify(execFile)('cp', ['-rL', join(rig.root, 'serving/m/current'), join(outside, 'copy')]);
  expect((await rig.json(0, 'why', join(outside, 'copy'))).version).toMatchObject({ version: 1, champion: true });
  expect((await rig.json(0, 'why', 'serving/m/current')).version.version).toBe(1);
  await promisify(execFile)('sh', ['-c', 'echo more >> "$0"', join(outside, 'copy/weights')]);
  const changed = await rig.refit('why', join(outside, 'copy'));
  expect(changed).toMatchObject({ exit: 7, stderr: expect.stringContaining('whose refit.json names folder@1') });
  rmSync(outside, { recursive: true });
});

it('refuses a model that is only a part of an output: it could not be registered', async () => {
  using rig = folderModel();
  rig.write({ 'pipelines/file.yaml': rig.read('pipelines/file.yaml').replace('path: out,', 'path: out/weights,') });
  const { files } = await rig.json(2, 'validate', 'folder');
  expect(files[0].diagnostics).toEqual([
    expect.objectContaining({ code: 'unknown-output', suggestion: expect.stringContaining('"out"') }),
  ]);
});
