import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { at, expectNoStrays, failureOf, hashOf, makeRoot, openStore, succeeded, write } from './support.js';

const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync('umount', ['-l', folder]);
});

/** A file system of its own; only root can mount one. */
function mount(folder: string, options: string): boolean {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    mounted.push(folder);
    return true;
  } catch {
    return false;
  }
}

describe('a real disk', () => {
  it('that is full: fails without a partial entry and keeps the file; succeeds when there is room again', async ({
    skip,
  }) => {
    const root = makeRoot();
    if (!mount(join(root, '.refit'), 'size=2m')) skip('tmpfs cannot be mounted here');
    write(root, 'large', Buffer.alloc(3 << 20, 'l'));
    for (let i = 0; i < 40; i++) write(root, `folder/${i}`, Buffer.alloc(100_000, i));
    const store = openStore(root);
    for (const path of ['large', 'folder']) {
      const failure = failureOf(await store.save(at(path)));
      expect(failure).toEqual({ code: 'file-unwritable', path: '.refit/store', reason: 'no space left on the disk' });
      expectNoStrays(root);
      const hash = await hashOf(store, path);
      expect(hash !== undefined && (await store.has(hash))).toBe(false);
    }
    expect(readFileSync(join(root, 'large')).equals(Buffer.alloc(3 << 20, 'l'))).toBe(true);
    execFileSync('mount', ['-o', 'remount,size=20m', join(root, '.refit')]);
    for (const path of ['large', 'folder']) {
      const { hash } = succeeded(await store.save(at(path)));
      succeeded(await store.restore(hash, at('back')));
      expect(await hashOf(store, 'back')).toBe(hash);
    }
  });

  it('that is read-only: fails with the reason; reading still works', async ({ skip }) => {
    const root = makeRoot();
    if (!mount(join(root, '.refit'), 'size=4m')) skip('tmpfs cannot be mounted here');
    write(root, 'model', 'model');
    const { hash } = succeeded(await openStore(root).saveText('a text'));
    execFileSync('mount', ['-o', 'remount,ro', join(root, '.refit')]);
    const store = openStore(root);
    expect(failureOf(await store.save(at('model')))).toMatchObject({
      code: 'file-unwritable',
      path: '.refit/store',
      reason: 'the file system is read-only',
    });
    expect(await store.readText(hash)).toEqual({ ok: true, value: 'a text' });
    expect(await hashOf(store, 'model')).toMatch(/^[0-9a-f]{64}$/);
  });

  it("other than the output's: stages beside the output, and restores it completely", async ({ skip }) => {
    const root = makeRoot();
    if (!mount(join(root, 'other'), 'size=20m')) skip('tmpfs cannot be mounted here');
    write(root, 'other/out/a', 'a');
    const store = openStore(root);
    const { hash } = succeeded(await store.save(at('other/out')));
    write(root, 'other/out/extra', 'extra');
    succeeded(await store.restore(hash, at('other/out')));
    expect(await hashOf(store, 'other/out')).toBe(hash);
    symlinkSync('other/out', join(root, 'link'));
    expect(await hashOf(store, 'link')).toBe(hash);
    expectNoStrays(root);
  });
});
