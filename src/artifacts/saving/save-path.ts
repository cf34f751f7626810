import { join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash, WorkspacePath } from '../../domain/ids.js';
import type { Artifact } from '../../domain/runs/artifact.js';
import { mapInParallel } from '../../domain/support/parallel.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { attempt, unreadable } from '../file-failures.js';
import { toFileStat } from '../hashing/file-stat.js';
import { hashBytes } from '../hashing/hash-file.js';
import { type FileAnswer, type FileAsk, hashFiles } from '../hashing/hash-files.js';
import { FILES_AT_ONCE, type Store, statOf } from '../layout.js';
import { filesOf, type Listing, listFolder, toEntries } from '../list-folder.js';
import { toManifest } from '../manifest.js';
import { saveBytes, syncStored } from './save-bytes.js';
import { saveFile } from './save-file.js';

/** Stores a file or folder of the workspace, without one file of the folder if it is named. Durable on return. */
export async function savePath(
  store: Store,
  path: WorkspacePath,
  without?: string,
): Promise<Result<Artifact, Failure>> {
  const full = join(store.root, path);
  const found = await attempt(
    () => statOf(full),
    (code) => unreadable(path, code),
  );
  if (!found.ok) return found;
  if (found.value === undefined) return err(unreadable(path, 'ENOENT'));
  if (found.value.isDirectory()) return saveFolder(store, full, path, without);
  if (!found.value.isFile()) return err(unreadable(path, 'EINVAL'));
  const ask: FileAsk = { key: path, full, stat: toFileStat(found.value) };
  const stored = await saveFile(store, ask, found.value.mode);
  if (!stored.ok) return stored;
  const synced = await syncStored([stored.value.folder]);
  return synced.ok ? ok({ hash: stored.value.hash, kind: 'file', size: stored.value.size }) : synced;
}

/** Stores a text as a file and forces it to disk. */
export async function saveText(store: Store, text: string): Promise<Result<Artifact, Failure>> {
  const hash = hashBytes(text);
  const stored = await saveBytes(store, { hash, target: store.objectOf(hash), bytes: text });
  if (!stored.ok) return stored;
  const synced = await syncStored([stored.value.folder]);
  return synced.ok ? ok({ hash, kind: 'file', size: stored.value.size }) : synced;
}

/** Stores the manifest of a folder without its files. Does nothing if the folder no longer has that hash. */
export async function saveListing(
  store: Store,
  path: WorkspacePath,
  hash: ContentHash,
): Promise<Result<void, Failure>> {
  const target = store.listingOf(hash);
  if (statOf(target) !== undefined || statOf(store.manifestOf(hash)) !== undefined) return ok(undefined);
  const asks: FileAsk[] = [];
  const listing = await attempt(
    () => listFolder(join(store.root, path), path, { asks, reach: store.reach }),
    (code) => unreadable(path, code),
  );
  if (!listing.ok) return listing;
  const entries = toEntries(listing.value, await hashFiles(store, asks));
  if (typeof entries === 'string') return err(unreadable(path, entries));
  const { artifact, text } = toManifest(entries);
  if (artifact.hash !== hash) return ok(undefined);
  const stored = await saveBytes(store, { hash, target, bytes: text });
  return stored.ok ? syncStored([stored.value.folder]) : stored;
}

/** Writes the manifest last, so that everything it names is on disk once it is visible. */
async function saveFolder(
  store: Store,
  full: string,
  path: WorkspacePath,
  without: string | undefined,
): Promise<Result<Artifact, Failure>> {
  const asks: FileAsk[] = [];
  const listing = await attempt(
    () => listFolder(full, path, { asks, reach: store.reach }),
    (code) => unreadable(path, code),
  );
  if (!listing.ok) return listing;
  const kept = listing.value.filter((entry) => entry.path !== without);
  const answers = await saveListed(store, kept, asks);
  if (!answers.ok) return answers;
  const entries = toEntries(kept, answers.value);
  if (typeof entries === 'string') return err(unreadable(path, entries));
  const { artifact, text } = toManifest(entries);
  const target = store.manifestOf(artifact.hash);
  const stored = await saveBytes(store, { hash: artifact.hash, target, bytes: text });
  if (!stored.ok) return stored;
  const synced = await syncStored([stored.value.folder]);
  return synced.ok ? ok(artifact) : synced;
}

/** Stores the files inside the folder. Targets of links that lead elsewhere are only hashed. */
async function saveListed(
  store: Store,
  listing: Listing,
  asks: readonly FileAsk[],
): Promise<Result<readonly (FileAnswer | undefined)[], Failure>> {
  const own = filesOf(listing);
  const stored = await mapInParallel(own, FILES_AT_ONCE, ({ ask, readers }) =>
    saveFile(store, asks[ask] as FileAsk, readers),
  );
  if (!stored.ok) return stored;
  const synced = await syncStored(stored.value.map(({ folder }) => folder));
  if (!synced.ok) return synced;
  const answers = new Array<FileAnswer | undefined>(asks.length);
  own.forEach(({ ask: i }, at) => {
    const object = stored.value[at];
    if (object !== undefined) answers[i] = { kind: 'hashed', hash: object.hash, size: object.size };
  });
  const linked = [...asks.keys()].filter((i) => answers[i] === undefined);
  const hashed = await hashFiles(
    store,
    linked.map((i) => asks[i] as FileAsk),
  );
  linked.forEach((i, at) => {
    answers[i] = hashed[at];
  });
  return ok(answers);
}
