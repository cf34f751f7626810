import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { openStatCache, type StatCache } from '../../src/artifacts/hashing/stat-cache.js';
import { createArtifactStore, type StoreOptions } from '../../src/artifacts/store.js';
import type { Failure } from '../../src/domain/failure.js';
import type { ContentHash, WorkspacePath } from '../../src/domain/ids.js';
import type { ArtifactStore } from '../../src/domain/ports/artifacts.js';
import type { Artifact } from '../../src/domain/runs/artifact.js';
import type { Result } from '../../src/domain/support/result.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

export const at = (path: string): WorkspacePath => path as WorkspacePath;

export function makeRoot(parent = tmpdir()): string {
  const root = mkdtempSync(join(parent, 'refit-artifacts-'));
  closing.push(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** A store with a stat cache on disk, as a new process would open it. */
export function openStore(root: string, options: StoreOptions = {}): ArtifactStore {
  let cache: StatCache | undefined;
  closing.push(() => cache?.[Symbol.dispose]());
  return createArtifactStore(
    root,
    () => {
      cache ??= openStatCache(join(root, '.refit/cache.db'));
      return cache;
    },
    options,
  );
}

export function write(root: string, path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  chmodSync(join(root, path), mode);
}

/** A folder with all that one can hold: small, large and empty files, a program, links, an empty folder. */
export function writeModel(root: string, folder: string): void {
  write(root, `${folder}/weights.bin`, Buffer.alloc(1_200_000, 'weights'));
  write(root, `${folder}/config.json`, '{"trees":40}');
  write(root, `${folder}/bin/predict`, '#!/bin/sh\necho 1\n', 0o755);
  write(root, `${folder}/none`, '');
  mkdirSync(join(root, folder, 'cache/empty'), { recursive: true });
  symlinkSync('config.json', join(root, folder, 'current'));
  symlinkSync('nowhere', join(root, folder, 'dangling'));
}

export async function hashOf(store: ArtifactStore, path: string): Promise<ContentHash | undefined> {
  return (await store.hash([at(path)])).get(at(path))?.hash;
}

export function succeeded(result: Result<Artifact, Failure>): Artifact {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export const failureOf = (result: Result<unknown, Failure>): Failure | undefined =>
  result.ok ? undefined : result.error;

export const objectOf = (root: string, hash: string): string =>
  join(root, '.refit/store', hash.slice(0, 2), hash.slice(2));

/** Changes one bit of a stored file, its size kept. */
export function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
  chmodSync(path, 0o444);
}

/** Nothing staged is left, in the store or in the workspace. */
export function expectNoStrays(root: string): void {
  const all = existsSync(root) ? readdirSync(root, { recursive: true }).map(String) : [];
  expect(all.filter((path) => path.includes('.refit-'))).toEqual([]);
}
