import { execFile } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { ContentHash } from '../../src/domain/ids.js';
import { at, expectNoStrays, failureOf, hashOf, makeRoot, openStore, succeeded, write, writeModel } from './support.js';

/** Some eighty processes are started in turn. */
const PATIENCE_MS = 240_000;
const SCRIPT = resolve(import.meta.dirname, 'faulty-store.mjs');

interface Ended {
  readonly signal: string | undefined;
  readonly calls: readonly (readonly [name: string, path: string, to?: string])[];
  readonly result: { readonly ok: boolean; readonly error?: { readonly code: string; readonly path: string } };
}

/** Runs the script; call number `n` (from 1) fails, none when 0. */
function run(args: readonly string[], n = 0, fault = 'kill'): Promise<Ended> {
  const env = { ...process.env, AT: String(n), FAULT: fault };
  return new Promise((done, fail) => {
    execFile(process.execPath, [SCRIPT, ...args], { env }, (error, stdout) => {
      if (error?.signal === 'SIGKILL') done({ signal: 'SIGKILL', calls: [], result: { ok: false } });
      else if (error !== null) fail(error);
      else done({ signal: undefined, ...JSON.parse(stdout) });
    });
  });
}

/** Two at a time: each is a process that mostly starts. */
async function atEach(count: number, one: (n: number) => Promise<void>): Promise<void> {
  let next = 1;
  const lane = async (): Promise<void> => {
    while (next <= count) await one(next++);
  };
  await Promise.all([lane(), lane()]);
}

let full: Ended;
let hash: ContentHash;

beforeAll(async () => {
  const root = makeRoot();
  writeModel(root, 'model');
  full = await run([root, 'save', 'model']);
  const found = await hashOf(openStore(root), 'model');
  if (found === undefined) throw new Error('the model has no hash');
  hash = found;
});

it('syncs everything to disk before it becomes visible, the manifest last', () => {
  const names = full.calls.map(([name, ...paths]) => ({ name, paths }));
  const renames = names.flatMap((call, i) =>
    call.name === 'renameSync' ? [{ i, from: call.paths[0], to: call.paths[1] ?? '' }] : [],
  );
  expect(renames).toHaveLength(5);
  for (const { i, from, to } of renames) {
    const synced = (path: string | undefined) => (call: (typeof names)[number]) =>
      call.name === 'fsync' && call.paths[0] === path;
    expect(names.slice(0, i).some(synced(from))).toBe(true);
    expect(names.slice(i).some(synced(dirname(to)))).toBe(true);
  }
  const last = renames.at(-1);
  expect(last?.to).toMatch(/\.dir$/);
  for (const { to, i } of renames.slice(0, -1))
    expect(names.slice(i, last?.i).some((call) => call.name === 'fsync' && call.paths[0] === dirname(to))).toBe(true);
});

it(
  'killed at any call of a save, the store holds all or nothing, and the next save completes it',
  async () => {
    expect(full.calls.length).toBeGreaterThan(30);
    await atEach(full.calls.length, async (n) => {
      const root = makeRoot();
      writeModel(root, 'model');
      expect((await run([root, 'save', 'model'], n)).signal).toBe('SIGKILL');
      const store = openStore(root);
      const has = await store.has(hash);
      const restored = await store.restore(hash, at('back'));
      expect(restored.ok).toBe(has);
      expect(await hashOf(store, 'back')).toBe(has ? hash : undefined);
      expect(succeeded(await store.save(at('model'))).hash).toBe(hash);
      expect(succeeded(await store.restore(hash, at('back'))).hash).toBe(hash);
      expect(await hashOf(store, 'back')).toBe(hash);
      expectNoStrays(root);
    });
  },
  PATIENCE_MS,
);

it(
  'with a disk that fails at any call of a save, the answer is a failure, nothing is left and the file is intact',
  async () => {
    await atEach(full.calls.length, async (n) => {
      const code = n % 2 === 0 ? 'ENOSPC' : 'EROFS';
      const root = makeRoot();
      writeModel(root, 'model');
      const { result } = await run([root, 'save', 'model'], n, code);
      expect(result.ok).toBe(false);
      expect(result.error).toMatchObject({ code: 'file-unwritable', path: '.refit/store' });
      const store = openStore(root);
      expectNoStrays(root);
      expect(await store.has(hash)).toBe(n === full.calls.length);
      expect(await hashOf(store, 'model')).toBe(hash);
      expect(succeeded(await store.save(at('model'))).hash).toBe(hash);
    });
  },
  PATIENCE_MS,
);

it(
  'killed at any call of a restore, the path holds the old, the new or nothing',
  async () => {
    const origin = makeRoot();
    writeModel(origin, 'model');
    expect(succeeded(await openStore(origin).save(at('model'))).hash).toBe(hash);
    const prepare = (): string => {
      const root = makeRoot();
      cpSync(join(origin, '.refit/store'), join(root, '.refit/store'), { recursive: true });
      write(root, 'model/old.txt', 'the old one');
      return root;
    };
    const trial = prepare();
    const old = await hashOf(openStore(trial), 'model');
    const { calls } = await run([trial, 'restore', 'model', hash]);
    expect(await hashOf(openStore(trial), 'model')).toBe(hash);
    const seen = new Set<string | undefined>();
    await atEach(calls.length, async (n) => {
      const root = prepare();
      expect((await run([root, 'restore', 'model', hash], n)).signal).toBe('SIGKILL');
      const store = openStore(root);
      const found = await hashOf(store, 'model');
      expect([old, hash, undefined]).toContain(found);
      seen.add(found);
      expect(succeeded(await store.restore(hash, at('model'))).hash).toBe(hash);
      expect(await hashOf(store, 'model')).toBe(hash);
      expect(existsSync(join(root, 'model/old.txt'))).toBe(false);
      expectNoStrays(root);
    });
    expect(seen).toContain(old);
    expect(seen).toContain(hash);
  },
  PATIENCE_MS,
);

it('reports a full disk during a restore and keeps the existing file', async () => {
  const origin = makeRoot();
  writeModel(origin, 'model');
  succeeded(await openStore(origin).save(at('model')));
  write(origin, 'back/old.txt', 'the old one');
  const store = openStore(origin);
  const old = await hashOf(store, 'back');
  for (const n of [1, 4, 8]) {
    const { result } = await run([origin, 'restore', 'back', hash], n, 'ENOSPC');
    expect(result.error).toMatchObject({ code: 'file-unwritable', path: 'back' });
    expect(await hashOf(store, 'back')).toBe(old);
  }
  expectNoStrays(origin);
  expect(failureOf(await store.restore(hash, at('back')))).toBeUndefined();
});
