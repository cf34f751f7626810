import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, expect, it, vi } from 'vitest';
import { at, expectNoStrays, hashOf, makeRoot, openStore, write } from './support.js';

const HOUR_MS = 3_600_000;
/** Long enough for a file to be trusted. */
const settle = (): Promise<void> => sleep(250);

afterEach(() => {
  vi.restoreAllMocks();
});

const rowsOf = (root: string): number => {
  const db = new Database(join(root, '.refit/cache.db'));
  const row = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM file_stat').get();
  db.close();
  return row?.n ?? -1;
};

/** Puts another hash into the cache: an answer with it proves that the file was not read. */
function poison(root: string): void {
  const db = new Database(join(root, '.refit/cache.db'));
  db.prepare('UPDATE file_stat SET hash = ?').run('f'.repeat(64));
  db.close();
}

it('does not read a file whose stat is unchanged', async () => {
  const root = makeRoot();
  write(root, 'rows.csv', 'a,b\n1,2\n');
  await settle();
  const store = openStore(root);
  await hashOf(store, 'rows.csv');
  poison(root);
  expect(await hashOf(store, 'rows.csv')).toBe('f'.repeat(64));
});

it('keeps the hash of a file that was touched', async () => {
  const root = makeRoot();
  write(root, 'rows.csv', 'aaaa');
  await settle();
  const store = openStore(root);
  const first = await hashOf(store, 'rows.csv');
  utimesSync(join(root, 'rows.csv'), new Date(), new Date(Date.now() + 5000));
  expect(await hashOf(store, 'rows.csv')).toBe(first);
});

/** A fraction that a double holds exactly, so that it can be set again. */
const OLD_S = 1_700_000_000.5;

it.each([
  ['content, its size and mtime put back', (path: string) => writeFileSync(path, 'bbbb')],
  ['content of another size', (path: string) => writeFileSync(path, 'bbbbb')],
  [
    'file under the same name',
    (path: string) => {
      writeFileSync(`${path}.new`, 'bbbb');
      renameSync(`${path}.new`, path);
    },
  ],
])('reads a known file again for another %s', async (_, change) => {
  const root = makeRoot();
  const path = join(root, 'rows.csv');
  write(root, 'rows.csv', 'aaaa');
  utimesSync(path, OLD_S, OLD_S);
  await settle();
  const store = openStore(root);
  await hashOf(store, 'rows.csv');
  poison(root);
  // known by now: what follows is asked of the cache first
  expect(await hashOf(store, 'rows.csv')).toBe('f'.repeat(64));
  change(path);
  utimesSync(path, OLD_S, OLD_S);
  const found = await hashOf(store, 'rows.csv');
  expect(found).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
});

it('detects every rewrite within the resolution of the clock', async () => {
  const root = makeRoot();
  const store = openStore(root);
  const seen = new Set<string | undefined>();
  for (let i = 0; i < 200; i++) {
    write(root, 'rows.csv', String(1000 + i));
    seen.add(await hashOf(store, 'rows.csv'));
  }
  expect(seen.size).toBe(200);
});

it('never trusts a modification time in the future', async () => {
  const root = makeRoot();
  write(root, 'rows.csv', 'aaaa');
  utimesSync(join(root, 'rows.csv'), new Date(), new Date(Date.now() + HOUR_MS));
  await settle();
  await hashOf(openStore(root), 'rows.csv');
  expect(rowsOf(root)).toBe(0);
});

it('waits 2.5 seconds if times are whole seconds', async () => {
  const root = makeRoot();
  const path = join(root, 'rows.csv');
  write(root, 'rows.csv', 'aaaa');
  utimesSync(path, new Date(), 1_700_000_000);
  await settle();
  const store = openStore(root);
  await hashOf(store, 'rows.csv');
  expect(rowsOf(root)).toBe(0);
  const isKept = async (): Promise<void> => {
    await hashOf(store, 'rows.csv');
    expect(rowsOf(root)).toBe(1);
  };
  await vi.waitFor(isKept, { timeout: 20_000, interval: 50 });
  expect(Date.now() - statSync(path).ctimeMs).toBeGreaterThan(2500);
}, 30_000);

it('reads files again after the clock was set back', async () => {
  const root = makeRoot();
  write(root, 'rows.csv', 'aaaa');
  await settle();
  const store = openStore(root);
  const first = await hashOf(store, 'rows.csv');
  poison(root);
  const now = Date.now();
  vi.spyOn(Date, 'now').mockReturnValue(now - HOUR_MS);
  expect(await hashOf(store, 'rows.csv')).toBe(first);
});

it('creates a damaged cache again', async () => {
  const root = makeRoot();
  write(root, '.refit/cache.db', 'this is no database, and long enough to be looked at as one'.repeat(20));
  write(root, 'rows.csv', 'aaaa');
  await settle();
  expect(await hashOf(openStore(root), 'rows.csv')).toMatch(/^[0-9a-f]{64}$/);
  expect(rowsOf(root)).toBe(1);
});

it('hashes the target of a linked input', async () => {
  const root = makeRoot();
  write(root, 'real/a.csv', 'aaaa');
  symlinkSync('real/a.csv', join(root, 'link.csv'));
  symlinkSync('real', join(root, 'folder'));
  await settle();
  const store = openStore(root);
  const before = await store.hash([at('link.csv'), at('folder'), at('real/a.csv')]);
  expect(before.get(at('link.csv'))?.hash).toBe(before.get(at('real/a.csv'))?.hash);
  write(root, 'real/a.csv', 'bbbb');
  const after = await store.hash([at('link.csv'), at('folder')]);
  for (const path of ['link.csv', 'folder'].map(at)) expect(after.get(path)?.hash).not.toBe(before.get(path)?.hash);
});

it('hashes the target of a link in a folder when it lies outside the folder', async () => {
  const root = makeRoot();
  write(root, 'elsewhere/day-1/rows.csv', 'aaaa');
  write(root, 'data/own.csv', 'own');
  symlinkSync('../elsewhere/day-1', join(root, 'data/day-1'));
  symlinkSync('../elsewhere/day-1/rows.csv', join(root, 'data/rows.csv'));
  symlinkSync('..', join(root, 'elsewhere/day-1/round'));
  symlinkSync('.', join(root, 'data/self'));
  const store = openStore(root);
  const before = await hashOf(store, 'data');
  write(root, 'elsewhere/day-1/rows.csv', 'bbbb');
  expect(await hashOf(store, 'data')).not.toBe(before);
});

it('changes the hash of a folder with a name, a mode or an empty folder, but not with leftovers of a crash', async () => {
  const root = makeRoot();
  write(root, 'data/a.csv', 'aaaa');
  write(root, 'data/b/c.csv', 'cccc');
  const store = openStore(root);
  const seen = [await hashOf(store, 'data')];
  const expectNew = async (): Promise<void> => {
    const found = await hashOf(store, 'data');
    expect(seen).not.toContain(found);
    seen.push(found);
  };
  renameSync(join(root, 'data/a.csv'), join(root, 'data/d.csv'));
  await expectNew();
  write(root, 'data/d.csv', 'aaaa', 0o755);
  await expectNew();
  rmSync(join(root, 'data/b/c.csv'));
  await expectNew();
  write(root, 'data/.refit-write-0c8f5c0e-1111-4222-8333-444455556666', 'half of a f');
  write(root, 'data/.refit/registry.db', 'another workspace');
  expect(await hashOf(store, 'data')).toBe(seen.at(-1));
});

it('gives no entry for a missing path, a pipe or a path below a file, and does not block', async () => {
  const root = makeRoot();
  write(root, 'file', 'x');
  execFileSync('mkfifo', [join(root, 'pipe')]);
  symlinkSync('loop', join(root, 'loop'));
  const found = await openStore(root).hash(['gone', 'pipe', 'file/below', 'loop', 'file'].map(at));
  expect([...found.keys()]).toEqual(['file']);
});

it('gives the same hashes in workers as in one thread', async () => {
  const root = makeRoot();
  const { openStatCache } = await import('../../dist/artifacts/hashing/stat-cache.js' as string);
  const { createArtifactStore } = await import('../../dist/artifacts/store.js' as string);
  const paths = Array.from({ length: 40 }, (_, i) => at(`data/${i}`));
  for (const [i, path] of paths.entries()) write(root, path, Buffer.alloc((i % 5) << 21, String(i)));
  const cache = openStatCache(':memory:');
  const built = createArtifactStore(root, () => cache);
  const alone = new Map<string, string | undefined>();
  for (const path of paths) alone.set(path, await hashOf(openStore(root), path));
  const calls = await Promise.all([built.hash(paths), built.hash([...paths].reverse()), built.hash([at('data')])]);
  for (const path of paths) for (const found of calls.slice(0, 2)) expect(found.get(path)?.hash).toBe(alone.get(path));
  expect(calls[2]?.get(at('data'))?.hash).toBe(await hashOf(openStore(root), 'data'));
  expectNoStrays(root);
});
