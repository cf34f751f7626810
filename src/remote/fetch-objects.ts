import type { MergeRequest, RemoteObject } from '../domain/exchange/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import type { RegistryExchange } from '../domain/ports/exchange.js';
import type { Services } from '../domain/ports/services.js';
import { mapInParallel } from '../domain/support/parallel.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { contentToFetch } from './content-to-fetch.js';
import { OBJECTS_AT_ONCE, type OpenedRemote } from './find-remote.js';
import { objectName } from './remote-log.js';

export interface Fetched {
  readonly objects: number;
  readonly bytes: number;
  /** Number of objects that stay at the remote. */
  readonly elsewhere: number;
}

/** Fetches objects that only the remote has: those needed here, or all. Objects that an earlier pull fetched are skipped. */
export async function fetchObjects(
  services: Services,
  remote: OpenedRemote,
  isAll: boolean,
): Promise<Result<Fetched, Failure>> {
  const exchange = await services.registry.exchange();
  return fetchChosen(services, remote, chosenOf(services, exchange, isAll));
}

/**
 * Fetches what will be needed after a merge that is still to come, so that the merge does not wait for the network. With
 * `isAll` also what the store here has lost.
 */
export async function fetchAhead(
  services: Services,
  remote: OpenedRemote,
  request: MergeRequest | undefined,
  isAll: boolean,
): Promise<Result<Fetched, Failure>> {
  const exchange = await services.registry.exchange();
  const look = (): readonly RemoteObject[] => chosenOf(services, exchange, isAll);
  const seen = request === undefined ? ok(look()) : exchange.lookAfterMerge(request, look);
  // The merge itself will say what is wrong.
  const chosen = seen.ok ? seen.value : [];
  return fetchChosen(services, remote, [...chosen, ...(isAll ? await missingObjects(services, remote) : [])]);
}

function chosenOf(services: Services, exchange: RegistryExchange, isAll: boolean): readonly RemoteObject[] {
  const needed = isAll ? undefined : contentToFetch(services);
  return exchange.elsewhere().filter(({ hash }) => needed?.has(hash) ?? true);
}

async function fetchChosen(
  services: Services,
  remote: OpenedRemote,
  chosen: readonly RemoteObject[],
): Promise<Result<Fetched, Failure>> {
  const exchange = await services.registry.exchange();
  const members = await membersOf(services, remote, chosen);
  if (!members.ok) return members;
  const files = distinct([...members.value, ...chosen.filter(({ kind }) => kind !== 'folder')]);
  const folders = chosen.filter(({ kind }) => kind === 'folder');
  if (files.length + folders.length > 0)
    services.emit({ type: 'phase', text: `fetching ${files.length + folders.length} objects from ${remote.url}` });
  // Store the list of a folder after its files, so that every stored folder is complete.
  for (const some of [files, folders]) {
    const done = await mapInParallel(some, OBJECTS_AT_ONCE, (object) => fetchObject(services, remote, object));
    if (!done.ok) return done;
    exchange.recordFetched(some.map(({ hash }) => hash));
  }
  const fetched = [...files, ...folders];
  return ok({
    objects: fetched.length,
    bytes: fetched.reduce((sum, { size }) => sum + size, 0),
    elsewhere: exchange.elsewhere().length,
  });
}

/** Locally missing objects that the remote has. A pull of everything also repairs the store. */
async function missingObjects(
  { artifacts, registry }: Services,
  { store }: OpenedRemote,
): Promise<readonly RemoteObject[]> {
  const expected = [...new Set(registry.upkeep.references().map(({ hash }) => hash))];
  const here = new Set(artifacts.transfer.describe(expected).map(({ hash }) => hash));
  const lost: RemoteObject[] = [];
  // A folder list can be stored while one of its files is missing.
  for (const hash of here)
    for (const member of (await artifacts.members(hash)) ?? [])
      lost.push(...notStored({ artifacts }, [{ ...member, kind: 'file', isExecutable: false }]));
  for (const hash of expected.filter((one) => !here.has(one)))
    for (const kind of ['folder', 'file'] as const) {
      const size = await store.sizeOf(objectName({ hash, kind }));
      if (size.ok && size.value !== undefined) lost.push({ hash, kind, size: size.value, isExecutable: false });
    }
  return lost;
}

/** The objects that are not in the local store. */
function notStored(
  { artifacts }: Pick<Services, 'artifacts'>,
  objects: readonly RemoteObject[],
): readonly RemoteObject[] {
  const here = new Set(artifacts.transfer.describe([...new Set(objects.map(({ hash }) => hash))]).map(objectName));
  return objects.filter((object) => !here.has(objectName(object)));
}

const distinct = (objects: readonly RemoteObject[]): readonly RemoteObject[] => [
  ...new Map(objects.map((object) => [objectName(object), object])).values(),
];

async function fetchObject(
  services: Pick<Services, 'artifacts' | 'signal'>,
  { store, url }: OpenedRemote,
  object: RemoteObject,
): Promise<Result<void, Failure>> {
  if (services.signal.aborted) return err({ code: 'remote-unreachable', remote: url, reason: 'interrupted' });
  const got = await services.artifacts.transfer.receive(object, (path) =>
    store.get(objectName(object), path, object.size),
  );
  if (!got.ok) return got;
  return got.value ? ok(undefined) : err(missing(url, object.hash));
}

const missing = (url: string, hash: ContentHash): Failure => ({
  code: 'integrity',
  what: `object ${hash.slice(0, 12)} at ${url}`,
  expected: hash,
  found: 'nothing',
  next: 'somebody took it away: refit push --all on a machine that has it puts it there again',
});

const malformed = (url: string, hash: ContentHash): Failure => ({
  code: 'integrity',
  what: `the list of folder ${hash.slice(0, 12)} at ${url}`,
  expected: 'files below the folder, each with hash and size, and links that stay in it',
  found: 'something else',
  next: 'nothing of it was stored; ask who pushed it, see "refit served <model>"',
});

/** Missing files of the folders to fetch. Folder lists are read first, but stored last. */
async function membersOf(
  services: Pick<Services, 'files' | 'artifacts'>,
  { store, url }: OpenedRemote,
  chosen: readonly RemoteObject[],
): Promise<Result<readonly RemoteObject[], Failure>> {
  const folders = chosen.filter(({ kind }) => kind === 'folder');
  if (folders.length === 0) return ok([]);
  const scratch = await services.files.makeScratch('pull');
  const found = await mapInParallel(
    folders,
    OBJECTS_AT_ONCE,
    async (folder): Promise<Result<readonly RemoteObject[], Failure>> => {
      const path = `${scratch}/${folder.hash}`;
      const got = await store.get(objectName(folder), services.files.absolute(path), folder.size);
      if (!got.ok) return got;
      if (!got.value) return err(missing(url, folder.hash));
      const text = await services.files.readText(path);
      if (!text.ok) return text;
      const files = services.artifacts.transfer.filesIn(text.value);
      return files === undefined ? err(malformed(url, folder.hash)) : ok(files);
    },
  );
  return found.ok ? ok(notStored(services, found.value.flat())) : found;
}
