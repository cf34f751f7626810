import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashBytes } from '../../src/artifacts/hashing/hash-file.js';
import { stagingName } from '../../src/artifacts/strays.js';
import type { ContentHash } from '../../src/domain/ids.js';
import {
  at,
  expectNoStrays,
  failureOf,
  flipBit,
  hashOf,
  makeRoot,
  objectOf,
  openStore,
  succeeded,
  write,
  writeModel,
} from './support.js';

const LARGE = Buffer.alloc(3 << 20, 'large');

describe('save and restore', () => {
  it('restore a file with its mode, and keep the object read-only', async () => {
    const root = makeRoot();
    const store = openStore(root);
    for (const [path, content, mode] of [
      ['small', 'small', 0o644],
      ['program', '#!/bin/sh\n', 0o755],
      ['large', LARGE, 0o644],
      ['empty', '', 0o644],
    ] as const) {
      write(root, path, content, mode);
      const saved = succeeded(await store.save(at(path)));
      rmSync(join(root, path));
      expect(succeeded(await store.restore(saved.hash, at(path)))).toEqual(saved);
      expect(readFileSync(join(root, path)).equals(Buffer.from(content))).toBe(true);
      expect(statSync(join(root, path)).mode & 0o777).toBe(mode);
      expect(statSync(objectOf(root, saved.hash)).mode & 0o222).toBe(0);
    }
    expectNoStrays(root);
  });

  it('restore a folder with its links, empty folders and programs, and remove extra files', async () => {
    const root = makeRoot();
    writeModel(root, 'model');
    const store = openStore(root);
    const saved = succeeded(await store.save(at('model')));
    expect(await hashOf(store, 'model')).toBe(saved.hash);
    write(root, 'model/extra.txt', 'of an earlier run');
    succeeded(await store.restore(saved.hash, at('model')));
    expect(await hashOf(store, 'model')).toBe(saved.hash);
    expect(existsSync(join(root, 'model/extra.txt'))).toBe(false);
    expect(readlinkSync(join(root, 'model/dangling'))).toBe('nowhere');
    expect(statSync(join(root, 'model/bin/predict')).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(root, 'model/cache/empty'))).toEqual([]);
  });

  it('keep an empty folder, and replace a file by a folder, a folder by a file, a link by either', async () => {
    const root = makeRoot();
    const store = openStore(root);
    mkdirSync(join(root, 'folder'));
    write(root, 'file', 'content');
    write(root, 'elsewhere/kept', 'kept');
    const folder = succeeded(await store.save(at('folder')));
    const file = succeeded(await store.save(at('file')));
    for (const one of [folder, file, folder, file]) {
      succeeded(await store.restore(one.hash, at('target')));
      expect(lstatSync(join(root, 'target')).isDirectory()).toBe(one === folder);
    }
    for (const one of [folder, file]) {
      rmSync(join(root, 'target'), { recursive: true });
      symlinkSync('elsewhere', join(root, 'target'));
      succeeded(await store.restore(one.hash, at('target')));
      expect(lstatSync(join(root, 'target')).isSymbolicLink()).toBe(false);
    }
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['kept']);
    expectNoStrays(root);
  });

  it('never save leftovers of a crash', async () => {
    const root = makeRoot();
    write(root, 'out/a', 'a');
    const store = openStore(root);
    const clean = succeeded(await store.save(at('out')));
    write(root, 'out/.refit-write-0c8f5c0e-1111-4222-8333-444455556666', 'half');
    expect(succeeded(await store.save(at('out'))).hash).toBe(clean.hash);
  });

  it('share the bytes by hard link only when asked to', async () => {
    const root = makeRoot();
    write(root, 'model', 'bytes');
    const { hash } = succeeded(await openStore(root).save(at('model')));
    succeeded(await openStore(root).restore(hash, at('copy')));
    succeeded(await openStore(root, { hasHardLinks: true }).restore(hash, at('linked')));
    const inode = (path: string): number => statSync(path).ino;
    expect(inode(join(root, 'copy'))).not.toBe(inode(objectOf(root, hash)));
    expect(inode(join(root, 'linked'))).toBe(inode(objectOf(root, hash)));
    succeeded(await openStore(root, { hasHardLinks: true }).restore(hash, at('linked')));
    expectNoStrays(root);
  });

  it('fail for a missing path, a pipe, a parent that is a file, and an unknown hash', async () => {
    const root = makeRoot();
    write(root, 'file', 'x');
    const store = openStore(root);
    const { hash } = succeeded(await store.save(at('file')));
    expect(failureOf(await store.save(at('gone')))).toMatchObject({ code: 'file-unreadable', path: 'gone' });
    expect(failureOf(await store.save(at('file/below')))).toMatchObject({ code: 'file-unreadable' });
    expect(failureOf(await store.restore(hash, at('file/below')))).toMatchObject({
      code: 'file-unwritable',
      path: 'file/below',
    });
    const unknown = hashBytes('never stored');
    expect(failureOf(await store.restore(unknown, at('back')))?.code).toBe('integrity');
    expect(failureOf(await store.readText(unknown))?.code).toBe('integrity');
    expect(existsSync(join(root, 'back'))).toBe(false);
  });
});

describe('damage', () => {
  it.each([
    ['a small file', 'x'],
    ['a large file', LARGE],
  ])('of %s is found, never restored, and healed by the next save', async (_, content) => {
    const root = makeRoot();
    write(root, 'model', content);
    const store = openStore(root);
    const { hash } = succeeded(await store.save(at('model')));
    flipBit(objectOf(root, hash));
    expect(failureOf(await store.restore(hash, at('back')))?.code).toBe('integrity');
    expect(existsSync(join(root, 'back'))).toBe(false);
    expect(await store.has(hash)).toBe(false);
    expect(readdirSync(join(root, '.refit/store/damaged'))).toEqual([hash]);
    expect(succeeded(await store.save(at('model'))).hash).toBe(hash);
    succeeded(await store.restore(hash, at('back')));
    expect(readFileSync(join(root, 'back')).equals(Buffer.from(content))).toBe(true);
    expectNoStrays(root);
  });

  it('of a file in a folder, of a manifest, or a missing object: the same', async () => {
    const root = makeRoot();
    writeModel(root, 'model');
    const store = openStore(root);
    const { hash } = succeeded(await store.save(at('model')));
    const config = await hashOf(store, 'model/config.json');
    const faults = [
      () => flipBit(objectOf(root, config ?? '')),
      () => rmSync(objectOf(root, config ?? '')),
      () => flipBit(`${objectOf(root, hash)}.dir`),
      () => rmSync(`${objectOf(root, hash)}.dir`),
    ];
    write(root, 'back', 'what lay there');
    for (const fault of faults) {
      fault();
      expect(failureOf(await store.restore(hash, at('back')))?.code).toBe('integrity');
      expect(readFileSync(join(root, 'back'), 'utf8')).toBe('what lay there');
      succeeded(await store.save(at('model')));
      succeeded(await store.restore(hash, at('again')));
      expect(await hashOf(store, 'again')).toBe(hash);
    }
    expectNoStrays(root);
  });

  it('by truncation is repaired by the next save', async () => {
    const root = makeRoot();
    write(root, 'model', 'bytes');
    const store = openStore(root);
    const { hash } = succeeded(await store.save(at('model')));
    chmodSync(objectOf(root, hash), 0o644);
    truncateSync(objectOf(root, hash), 2);
    succeeded(await store.save(at('model')));
    expect((await store.restore(hash, at('back'))).ok).toBe(true);
  });

  it('of a text is a failure of readText', async () => {
    const root = makeRoot();
    const store = openStore(root);
    const { hash } = succeeded(await store.saveText('a diff'));
    expect(await store.readText(hash)).toEqual({ ok: true, value: 'a diff' });
    flipBit(objectOf(root, hash));
    expect(failureOf(await store.readText(hash))?.code).toBe('integrity');
    expect(succeeded(await store.saveText('a diff')).hash).toBe(hash);
    expect((await store.readText(hash)).ok).toBe(true);
  });

  it.each([
    '{"path":"../outside","hash":"","size":0}\n',
    '{"path":"/etc/outside","isEmptyFolder":true}\n',
    'no manifest at all',
  ])('never leads out of the folder: %s', async (text) => {
    const root = makeRoot();
    const hash: ContentHash = hashBytes(text);
    write(root, `.refit/store/${hash.slice(0, 2)}/${hash.slice(2)}.dir`, text);
    expect(failureOf(await openStore(root).restore(hash, at('sub/back')))?.code).toBe('integrity');
    expect(readdirSync(join(root, 'sub'))).toEqual([]);
  });
});

describe('strays', () => {
  it('of dead local processes are removed at the first save, those of live processes and other machines after a day', async () => {
    const root = makeRoot();
    const folder = join(root, '.refit/store/tmp');
    mkdirSync(folder, { recursive: true });
    const own = stagingName(folder);
    const dead = own.replace(`-${process.pid}-`, '-4194303-');
    const foreign = dead.replace(/\.refit-[0-9a-f]{8}/, '.refit-00000000');
    for (const path of [own, dead, foreign]) writeFileSync(path, 'half');
    utimesSync(foreign, 0, 0);
    succeeded(await openStore(root).saveText('text'));
    expect([own, dead, foreign].map((path) => existsSync(path))).toEqual([true, false, true]);
  });
});
