import { readdirSync, readFileSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { StoreUpkeep } from '../domain/ports/artifacts.js';
import { instantOf } from '../domain/support/time.js';
import type { FolderMember, ObjectFault, ObjectKind, StoredObject } from '../domain/upkeep.js';
import { toFileStat } from './hashing/file-stat.js';
import { type FileAsk, hashFiles, readFiles } from './hashing/hash-files.js';
import { STORE_PATH, type Store, statOf } from './layout.js';
import { type ManifestEntry, parseManifest } from './manifest.js';
import { listStrays } from './strays.js';

const SUFFIXES: Readonly<Record<ObjectKind, string>> = { file: '', folder: '.dir', listing: '.list' };
const NAME = /^([0-9a-f]{62})(\.dir|\.list)?$/;

/** Operations on the whole store. */
export function createStoreUpkeep(store: Store): StoreUpkeep {
  return {
    list: async () => listObjects(store),
    find: async (hashes) =>
      hashes.flatMap((hash) => (['file', 'folder'] as const).flatMap((kind) => objectAt(store, hash, kind) ?? [])),
    check: (objects, options) => checkObjects(store, objects, options),
    remove: async (objects) => {
      for (const object of objects) rmSync(join(store.folder, placeOf(object)), { force: true });
    },
    leftovers: async () => leftovers(store),
    pruneCache: async (isDry) => store.cache().prune((key) => isGone(join(store.root, key)), isDry),
  };
}

/** A file that cannot be looked at, on a share that is away or in a folder of another user, may be there: what is known of it is kept. */
function isGone(path: string): boolean {
  try {
    return statOf(path) === undefined;
  } catch {
    return false;
  }
}

/** Files of a stored or listed folder, after verifying its manifest. */
export function readMembers(store: Store, hash: ContentHash): readonly FolderMember[] | undefined {
  return entriesOf(store, hash)?.flatMap((entry) =>
    'size' in entry ? [{ path: entry.path, hash: entry.hash, size: entry.size }] : [],
  );
}

function entriesOf(store: Store, hash: ContentHash): readonly ManifestEntry[] | undefined {
  const place = [store.manifestOf(hash), store.listingOf(hash)].find((one) => statOf(one) !== undefined);
  const text = place === undefined ? undefined : textOf(place);
  return text === undefined ? undefined : parseManifest(text);
}

function textOf(place: string): string | undefined {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined;
  }
}

const placeOf = ({ hash, kind }: Pick<StoredObject, 'hash' | 'kind'>): string =>
  `${hash.slice(0, 2)}/${hash.slice(2)}${SUFFIXES[kind]}`;

function objectAt(store: Store, hash: ContentHash, kind: ObjectKind): StoredObject | undefined {
  const found = statOf(join(store.folder, placeOf({ hash, kind })));
  return found === undefined ? undefined : { hash, kind, size: found.size, writtenAt: changedAt(found) };
}

function listObjects(store: Store): readonly StoredObject[] {
  return namesIn(store.folder)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((prefix) =>
      namesIn(join(store.folder, prefix)).flatMap((name): readonly StoredObject[] => {
        const match = NAME.exec(name);
        const found = match === null ? undefined : statOf(join(store.folder, prefix, name));
        if (match === null || found === undefined) return [];
        const kind = match[2] === '.dir' ? 'folder' : match[2] === '.list' ? 'listing' : 'file';
        return [{ hash: `${prefix}${match[1]}` as ContentHash, kind, size: found.size, writtenAt: changedAt(found) }];
      }),
    );
}

const changedAt = ({ ctimeMs }: Stats) => instantOf(Math.floor(ctimeMs));

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Verifies the bytes of all objects against their names, then that every file of the stored folders exists. */
async function checkObjects(
  store: Store,
  objects: readonly StoredObject[],
  { isFast }: { readonly isFast: boolean },
): Promise<readonly ObjectFault[]> {
  const asks = objects.flatMap((object): readonly (FileAsk & { readonly object: StoredObject })[] => {
    const key = `${STORE_PATH}/${placeOf(object)}`;
    const full = join(store.root, key);
    const found = statOf(full);
    return found === undefined ? [] : [{ key, full, stat: toFileStat(found), object }];
  });
  const answers = await (isFast ? hashFiles(store, asks) : readFiles(store, asks));
  const damaged = answers.flatMap((answer, i): readonly ObjectFault[] => {
    const object = asks[i]?.object;
    if (object === undefined || (answer.kind === 'hashed' && answer.hash === object.hash)) return [];
    const found = answer.kind === 'hashed' ? answer.hash : answer.code;
    return [{ hash: object.hash, kind: object.kind, state: 'damaged', found, within: [] }];
  });
  const seen = new Set(asks.map((ask) => ask.object));
  const gone = objects.filter((object) => !seen.has(object)).map(({ hash, kind }) => missing(hash, kind));
  const holders = foldersByMember(store, objects);
  const lost = [...holders.keys()]
    .filter((hash) => statOf(store.objectOf(hash)) === undefined)
    .map((hash) => missing(hash, 'file'));
  return [...damaged, ...gone, ...lost].map((fault) => ({ ...fault, within: holders.get(fault.hash) ?? [] }));
}

const missing = (hash: ContentHash, kind: ObjectKind): ObjectFault => ({
  hash,
  kind,
  state: 'missing',
  found: 'nothing',
  within: [],
});

/** Maps each file of the stored folders to the folders that contain it. */
function foldersByMember(
  store: Store,
  objects: readonly StoredObject[],
): ReadonlyMap<ContentHash, readonly ContentHash[]> {
  const holders = new Map<ContentHash, ContentHash[]>();
  for (const { hash, kind } of objects)
    for (const member of kind === 'folder' ? (readMembers(store, hash) ?? []) : []) {
      const known = holders.get(member.hash);
      if (known === undefined) holders.set(member.hash, [hash]);
      else known.push(hash);
    }
  return holders;
}

function leftovers(store: Store): readonly WorkspacePath[] {
  const staged = listStrays(join(store.folder, 'tmp')).map((name) => `${STORE_PATH}/tmp/${name}`);
  const damaged = namesIn(join(store.folder, 'damaged')).map((name) => `${STORE_PATH}/damaged/${name}`);
  return [...staged, ...damaged] as WorkspacePath[];
}
