import { chmodSync, mkdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRig, type Document } from '../support/rig.js';

const one = (step: string, rest = ''): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\n${rest}steps:\n  a: ${step}\n`,
});

const status = (document: Document): string => document.run.steps[0].status;

it('restores a deleted output without running the command', async () => {
  using rig = createRig(one('{ run: echo a >> ran.txt; echo made > out/a.txt, inputs: [], outputs: [out/a.txt] }'));
  await rig.json(0, 'run', 'p');
  rig.remove('out');
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
  expect(rig.read('out/a.txt')).toBe('made\n');
  expect(rig.read('ran.txt')).toBe('a\n');
});

it('restores outputs without running the command when the stat cache and the lock files are deleted too', async () => {
  using rig = createRig(
    one('{ run: echo a >> ran.txt; echo 1 > a.txt; echo 2 > b.txt, inputs: [], outputs: [a.txt, b.txt] }'),
  );
  await rig.json(0, 'run', 'p');
  for (const path of ['a.txt', 'b.txt', '.refit/locks', '.refit/cache.db', '.refit/cache.db-wal', '.refit/tmp'])
    rig.remove(path);
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
  expect([rig.read('a.txt'), rig.read('b.txt'), rig.read('ran.txt')]).toEqual(['1\n', '2\n', 'a\n']);
});

it('runs the command when one object of the stored result is missing, instead of restoring a part', async () => {
  using rig = createRig(
    one('{ run: echo a >> ran.txt; echo 1 > a.txt; echo 2 > b.txt, inputs: [], outputs: [a.txt, b.txt] }'),
  );
  await rig.json(0, 'run', 'p');
  const stored = (content: string): string =>
    rig.files('.refit/store').find((path) => /store\/[0-9a-f]{2}\//.test(path) && rig.read(path) === content) ?? '';
  for (const content of ['1\n', '2\n']) {
    const before = rig.read('ran.txt');
    const lost = stored(content);
    expect(lost).not.toBe('');
    for (const path of [lost, 'a.txt', 'b.txt']) rig.remove(path);
    expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
    expect(status(await rig.json(0, 'run', 'p'))).toBe('succeeded');
    expect([rig.read('a.txt'), rig.read('b.txt'), rig.read('ran.txt')]).toEqual(['1\n', '2\n', `${before}a\n`]);
  }
  // whole again: from now on it is restored
  for (const path of ['a.txt', 'b.txt']) rig.remove(path);
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
});

it('restores the result of a param that goes back to an earlier value', async () => {
  using rig = createRig(
    one(
      '{ run: "echo a >> ran.txt; echo ${{ params.x }} > a.txt", inputs: [], outputs: [a.txt] }',
      'params: { x: A }\n',
    ),
  );
  const first = await rig.json(0, 'run', 'p');
  expect(status(await rig.json(0, 'run', 'p', '--param', 'x=B'))).toBe('succeeded');
  expect(rig.read('a.txt')).toBe('B\n');
  expect((await rig.json(0, 'plan', 'p')).steps[0]).toMatchObject({
    action: 'restore',
    restore_from: first.run.id,
    reasons: [{ code: 'param-changed', before: '"B"', after: '"A"' }],
  });
  expect((await rig.refit('plan', 'p')).stdout).toContain(first.run.id);
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
  expect([rig.read('a.txt'), rig.read('ran.txt')]).toEqual(['A\n', 'a\na\n']);
});

it('restores an output that was edited by hand', async () => {
  using rig = createRig(one('{ run: "mkdir out; echo made > out/a.txt", inputs: [], outputs: [out] }'));
  await rig.json(0, 'run', 'p');
  rig.write({ 'out/a.txt': 'MADE\n' });
  expect((await rig.json(0, 'plan', 'p')).steps[0].reasons).toMatchObject([{ code: 'output-changed', detail: 'out' }]);
  expect(status(await rig.json(0, 'run', 'p'))).not.toBe('skipped');
  expect(rig.read('out/a.txt')).toBe('made\n');
});

it('removes a foreign file from an output folder when it restores the folder', async () => {
  using rig = createRig(one('{ run: "mkdir out; echo made > out/a.txt", inputs: [], outputs: [out] }'));
  await rig.json(0, 'run', 'p');
  rig.write({ 'out/stale.txt': 'stale', 'out/deep/stale.txt': 'stale' });
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
  expect(rig.list('out')).toEqual(['a.txt']);
});

it('restores empty files, empty folders, links and modes', async () => {
  using rig = createRig(
    one(`
    run: |
      mkdir -p tree/empty tree/deep hollow
      : > tree/nothing; echo x > tree/deep/x; ln -s deep/x tree/link; ln -s nowhere tree/dangling
      echo '#!/bin/sh' > tree/tool; chmod 755 tree/tool
    inputs: []
    outputs: [tree, hollow]`),
  );
  await rig.json(0, 'run', 'p');
  rig.remove('tree');
  rig.remove('hollow');
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
  const at = (path: string): string => join(rig.root, path);
  expect(statSync(at('hollow')).isDirectory()).toBe(true);
  expect(rig.list('hollow')).toEqual([]);
  expect(statSync(at('tree/empty')).isDirectory()).toBe(true);
  expect(statSync(at('tree/nothing')).size).toBe(0);
  expect([readlinkSync(at('tree/link')), readlinkSync(at('tree/dangling'))]).toEqual(['deep/x', 'nowhere']);
  expect(statSync(at('tree/tool')).mode & 0o111).toBe(0o111);
  expect(status(await rig.json(0, 'run', 'p'))).toBe('skipped');
});

it('distinguishes an empty file from an empty folder', async () => {
  using rig = createRig(one('{ run: "mkdir hollow; : > nothing", inputs: [], outputs: [nothing, hollow] }'));
  await rig.json(0, 'run', 'p');
  rig.remove('nothing');
  rig.remove('hollow');
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
  expect(statSync(join(rig.root, 'nothing')).isFile()).toBe(true);
  expect(statSync(join(rig.root, 'hollow')).isDirectory()).toBe(true);
});

it('treats an empty folder in place of an empty file as a changed output', async () => {
  using rig = createRig(one('{ run: ": > nothing", inputs: [], outputs: [nothing] }'));
  await rig.json(0, 'run', 'p');
  rig.remove('nothing');
  mkdirSync(join(rig.root, 'nothing'));
  expect((await rig.json(0, 'plan', 'p')).steps[0].reasons).toMatchObject([{ code: 'output-changed' }]);
});

it('keeps the executable bit of a single output', async () => {
  using rig = createRig(one(`{ run: "echo '#!/bin/sh' > tool; chmod 755 tool", inputs: [], outputs: [tool] }`));
  await rig.json(0, 'run', 'p');
  rig.remove('tool');
  expect(status(await rig.json(0, 'run', 'p'))).toBe('restored');
  expect(statSync(join(rig.root, 'tool')).mode & 0o111).toBe(0o111);
});

it('does not run a finished step without outputs again', async () => {
  using rig = createRig(one('{ run: echo a >> ran.txt, inputs: [], outputs: [] }'));
  await rig.json(0, 'run', 'p');
  expect(status(await rig.json(0, 'run', 'p'))).toBe('skipped');
  expect(rig.read('ran.txt')).toBe('a\n');
});

it('runs a failed step again though nothing has changed', async () => {
  using rig = createRig(one('{ run: echo a >> ran.txt; exit 3, inputs: [], outputs: [a.txt] }'));
  expect(status(await rig.json(1, 'run', 'p'))).toBe('failed');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).toBe('run');
  expect(status(await rig.json(1, 'run', 'p'))).toBe('failed');
  expect(rig.read('ran.txt')).toBe('a\na\n');
});

it('restores the first result after a failed run with another param', async () => {
  using rig = createRig(
    one(
      '{ run: "echo ${{ params.x }} > a.txt; test ${{ params.x }} = 1", inputs: [], outputs: [a.txt] }',
      'params: { x: 1 }\n',
    ),
  );
  await rig.json(0, 'run', 'p');
  await rig.json(1, 'run', 'p', '--param', 'x=2');
  expect((await rig.json(0, 'plan', 'p')).steps[0].action).not.toBe('skip');
  expect(['restored', 'succeeded']).toContain(status(await rig.json(0, 'run', 'p')));
  expect(rig.read('a.txt')).toBe('1\n');
});

it('notices an output of which only the mode was changed', async () => {
  using rig = createRig(one(`{ run: "mkdir out; echo x > out/tool; chmod 755 out/tool", inputs: [], outputs: [out] }`));
  await rig.json(0, 'run', 'p');
  chmodSync(join(rig.root, 'out/tool'), 0o644);
  await rig.json(0, 'run', 'p');
  expect(statSync(join(rig.root, 'out/tool')).mode & 0o111).toBe(0o111);
});
