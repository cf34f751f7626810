import type { RemoteObject } from '../domain/exchange.js';
import type { Failure } from '../domain/failure.js';
import type { ContentHash } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import { atOnce } from './at-once.js';
import type { OpenedRemote } from './find-remote.js';
import { neededHere } from './needed-here.js';
import { objectName } from './remote-log.js';

export interface Fetched {
  readonly objects: number;
  readonly bytes: number;
  /** Objects that are left at the remote. */
  readonly elsewhere: number;
}

/** Fetches what is needed here, or everything, and is only at a remote; what an earlier pull fetched is not fetched again. */
export async function fetchObjects(
  services: Services,
  remote: OpenedRemote,
  isAll: boolean,
): Promise<Result<Fetched, Failure>> {
  const exchange = await services.registry.exchange();
  const elsewhere = exchange.elsewhere();
  const needed = isAll ? undefined : neededHere(services);
  const chosen = elsewhere.filter(({ hash }) => needed?.has(hash) ?? true);
  const members = isAll ? ok([]) : await membersOf(services, remote, chosen, elsewhere);
  if (!members.ok) return members;
  const files = distinct([...chosen.filter(({ kind }) => kind !== 'folder'), ...members.value]);
  const folders = chosen.filter(({ kind }) => kind === 'folder');
  if (files.length + folders.length > 0)
    services.emit({ type: 'phase', text: `fetching ${files.length + folders.length} objects from ${remote.url}` });
  // a folder's list comes after what it names: a folder that is there is whole
  for (const some of [files, folders]) {
    const done = await atOnce(some, (object) => fetchObject(services, remote, object));
    if (!done.ok) return done;
    exchange.recordFetched(some.map(({ hash }) => hash));
  }
  const fetched = [...files, ...folders];
  return ok({
    objects: fetched.length,
    bytes: fetched.reduce((sum, { size }) => sum + size, 0),
    elsewhere: elsewhere.length - fetched.length,
  });
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
  const got = await services.artifacts.transfer.receive(object, (path) => store.get(objectName(object), path));
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

/** Files of folders that are to be fetched: their lists are read first, and stored last. */
async function membersOf(
  services: Pick<Services, 'files' | 'artifacts'>,
  { store, url }: OpenedRemote,
  chosen: readonly RemoteObject[],
  elsewhere: readonly RemoteObject[],
): Promise<Result<readonly RemoteObject[], Failure>> {
  const folders = chosen.filter(({ kind }) => kind === 'folder');
  if (folders.length === 0) return ok([]);
  const files = new Map(elsewhere.flatMap((one) => (one.kind === 'file' ? [[one.hash, one] as const] : [])));
  const scratch = await services.files.makeScratch('pull');
  const found = await atOnce(folders, async (folder): Promise<Result<readonly RemoteObject[], Failure>> => {
    const path = `${scratch}/${folder.hash}`;
    const got = await store.get(objectName(folder), services.files.absolute(path));
    if (!got.ok) return got;
    if (!got.value) return err(missing(url, folder.hash));
    const text = await services.files.readText(path);
    if (!text.ok) return text;
    return ok(services.artifacts.transfer.filesIn(text.value).flatMap((hash) => files.get(hash) ?? []));
  });
  return found.ok ? ok(found.value.flat()) : found;
}
