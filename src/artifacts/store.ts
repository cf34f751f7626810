import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifact } from '../domain/artifact.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { ArtifactStore } from '../domain/ports/artifacts.js';
import { err, ok, type Result } from '../domain/result.js';
import { copyDurably, renameDurably, stagingName, syncPath } from './durable.js';
import { hashBytes, hashFile, hashText, listManifest, manifestSize, manifestText, parseManifest } from './hashing.js';
import type { StatCache } from './stat-cache.js';

/** The store below `<root>/.refit/store`. A file lies at `<2 hex>/<62 hex>`, a folder's manifest at the same name with `.dir`. */
export function createArtifactStore(root: string, cache: () => StatCache): ArtifactStore {
  const place = (hash: string): string => join(root, '.refit', 'store', hash.slice(0, 2), hash.slice(2));
  const absolute = (path: string): string => join(root, path);
  const store: Place = { place, absolute, cache };
  return {
    hash: async (paths) => {
      const found = new Map<WorkspacePath, Artifact>();
      for (const path of paths) {
        const artifact = await hashPath(store, path);
        if (artifact !== undefined) found.set(path, artifact);
      }
      return found;
    },
    save: (path) => savePath(store, path),
    saveText: (text) => saveText(store, text),
    has: async (hash) => existsSync(place(hash)) || existsSync(`${place(hash)}.dir`),
    restore: (hash, path) => restore(store, hash, path),
    objectPath: async (hash) => (existsSync(place(hash)) ? place(hash) : undefined),
    readText: async (hash) => {
      const checked = await checkedObject(store, hash);
      return checked.ok ? ok(await readFile(checked.value, 'utf8')) : checked;
    },
  };
}

interface Place {
  readonly place: (hash: string) => string;
  readonly absolute: (path: string) => string;
  readonly cache: () => StatCache;
}

async function hashPath(store: Place, path: WorkspacePath): Promise<Artifact | undefined> {
  const full = store.absolute(path);
  const found = await stat(full).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return hashFile(full, path, store.cache());
  const entries = await listManifest(full, (file, below) => hashFile(file, `${path}/${below}`, store.cache()));
  return { hash: hashText(manifestText(entries)), kind: 'folder', size: manifestSize(entries) };
}

async function savePath(store: Place, path: WorkspacePath): Promise<Result<Artifact, Failure>> {
  const full = store.absolute(path);
  try {
    const found = await stat(full);
    if (!found.isDirectory()) return ok(await saveFile(store, full));
    const entries = await listManifest(full, (file) => saveFile(store, file));
    const text = manifestText(entries);
    const hash = hashText(text);
    await writeObject(`${store.place(hash)}.dir`, text);
    return ok({ hash, kind: 'folder', size: manifestSize(entries) });
  } catch (error) {
    return err({ code: 'file-unreadable', path, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** The copy is hashed, not the original: what is stored under a hash has that hash even if the file changes meanwhile. */
async function saveFile(store: Place, full: string): Promise<Artifact> {
  const staged = stagingName(join(store.place('tmp-'), 'object'));
  try {
    await copyDurably(full, staged, 0o444);
    const [hash, { size }] = [await hashBytes(staged), await stat(staged)];
    const target = store.place(hash);
    if (!existsSync(target)) {
      await mkdir(dirname(target), { recursive: true });
      await renameDurably(staged, target);
    }
    return { hash, kind: 'file', size };
  } finally {
    await rm(staged, { force: true });
  }
}

async function saveText(store: Place, text: string): Promise<Result<Artifact, Failure>> {
  const hash = hashText(text);
  await writeObject(store.place(hash), text);
  return ok({ hash, kind: 'file', size: Buffer.byteLength(text) });
}

async function writeObject(target: string, text: string): Promise<void> {
  if (existsSync(target)) return;
  await mkdir(dirname(target), { recursive: true });
  const staged = stagingName(target);
  await writeFile(staged, text, { mode: 0o444 });
  await syncPath(staged);
  await renameDurably(staged, target);
}

/** Path of a stored file whose bytes are proved to be those recorded. */
async function checkedObject(store: Place, hash: ContentHash): Promise<Result<string, Failure>> {
  const path = store.place(hash);
  const found = existsSync(path) ? await hashBytes(path) : 'nothing';
  return found === hash ? ok(path) : err(damaged(hash, found));
}

const damaged = (hash: string, found: string): Failure => ({
  code: 'integrity',
  what: `stored object ${hash.slice(0, 12)}`,
  expected: hash,
  found,
  next: 'the step that made it will run again; a model version can be restored from another copy of the store',
});

async function restore(store: Place, hash: ContentHash, path: WorkspacePath): Promise<Result<Artifact, Failure>> {
  const target = store.absolute(path);
  await mkdir(dirname(target), { recursive: true });
  const staged = stagingName(target);
  try {
    const isFolder = existsSync(`${store.place(hash)}.dir`);
    const made = isFolder ? await stageFolder(store, hash, staged) : await stageFile(store, hash, staged, 0o644);
    if (!made.ok) return made;
    await rm(target, { recursive: true, force: true });
    await renameDurably(staged, target);
    return made;
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function stageFile(
  store: Place,
  hash: ContentHash,
  staged: string,
  mode: number,
): Promise<Result<Artifact, Failure>> {
  if (!existsSync(store.place(hash))) return err(damaged(hash, 'nothing'));
  await copyDurably(store.place(hash), staged, mode);
  const found = await hashBytes(staged);
  if (found !== hash) return err(damaged(hash, found));
  return ok({ hash, kind: 'file', size: (await stat(staged)).size });
}

async function stageFolder(store: Place, hash: ContentHash, staged: string): Promise<Result<Artifact, Failure>> {
  const text = await readFile(`${store.place(hash)}.dir`, 'utf8');
  if (hashText(text) !== hash) return err(damaged(hash, hashText(text)));
  await mkdir(staged, { recursive: true });
  for (const entry of parseManifest(text)) {
    const to = join(staged, entry.path);
    await mkdir(dirname(to), { recursive: true });
    if ('link' in entry) await symlink(entry.link, to);
    else if ('isEmptyFolder' in entry) await mkdir(to, { recursive: true });
    else {
      const made = await stageFile(store, entry.hash, to, entry.isExecutable ? 0o755 : 0o644);
      if (!made.ok) return made;
    }
  }
  return ok({ hash, kind: 'folder', size: manifestSize(parseManifest(text)) });
}
