import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { RemoteTarget } from '../../../domain/exchange/remote.js';
import type { Failure } from '../../../domain/failure.js';
import type { RemoteStore } from '../../../domain/ports/remotes.js';
import type { Services } from '../../../domain/ports/services.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { systemCode } from '../../../domain/support/system-error.js';
import { waitFor } from '../../../domain/support/wait.js';
import type { StagedPlace } from '../job-folder.js';

/**
 * Opens a store once for all jobs of a run. A store that cannot be opened is tried again with the next call. `isEnding`
 * (true by default): requests continue while refit is ending, because they tell jobs to end and clean up after them.
 * Uploads of inputs do not continue.
 */
export type OpenStore = (
  place: Pick<StagedPlace, 'remote'>,
  options?: { readonly isEnding: boolean },
) => Promise<Result<RemoteStore, Failure>>;

/** Keeps every store open that could be opened, for the rest of the run. */
export function createStores({ openRemote }: Pick<Services, 'openRemote'>): OpenStore {
  const opened = new Map<string, RemoteStore>();
  return async ({ remote }, { isEnding } = { isEnding: true }) => {
    const key = JSON.stringify([remote, isEnding]);
    const known = opened.get(key);
    if (known !== undefined) return ok(known);
    const store = await openRemote(remote, { isEnding });
    if (store.ok) opened.set(key, store.value);
    return store;
  };
}

/**
 * The file with this workspace's name in stores. A copy of the workspace must get another name, or it would remove files
 * that jobs of the original need. So the file name holds the inode of `.refit`: it differs in a copy and stays the same
 * when the workspace is moved.
 */
const fileOf = ({ files }: Pick<Services, 'files'>): string => `.refit/staging.${files.inodeOf('.refit') ?? 0}.json`;

const LOOK_MS = 20;
const LONGEST_WRITE_MS = 2000;

/** The name of this workspace in stores, so that several workspaces can share a remote. It is generated at its first use. */
async function areaOf({ files }: Pick<Services, 'files'>): Promise<Result<string, Failure>> {
  const known = await knownArea({ files });
  if (known !== undefined) return ok(known);
  const path = fileOf({ files });
  const area = randomBytes(8).toString('hex');
  try {
    await files.writePrivate(path, `${JSON.stringify({ area })}\n`);
    return ok(area);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  // Another step, or another refit, has generated one at the same moment.
  for (let waitedMs = 0; waitedMs < LONGEST_WRITE_MS; waitedMs += LOOK_MS) {
    await waitFor(LOOK_MS);
    const made = await knownArea({ files });
    if (made !== undefined) return ok(made);
  }
  return err({ code: 'file-unreadable', path, reason: 'it does not hold what refit writes; remove it' });
}

/** The name of this workspace in stores; `undefined` before its first use. */
export async function knownArea({ files }: Pick<Services, 'files'>): Promise<string | undefined> {
  const path = fileOf({ files });
  if ((await files.stat(path)) === undefined) return undefined;
  const text = await files.readText(path);
  return text.ok ? /^\{"area":"([0-9a-f]{16})"\}$/.exec(text.value.trim())?.[1] : undefined;
}

/** What settings of an engine say about staging. */
interface Staged {
  readonly staging?: 'shared' | 'store';
  readonly remote?: string;
}

/** The place in a store for inputs and outputs. `undefined` for nodes that see the workspace. */
export async function stagedPlace(
  services: Pick<Services, 'files'>,
  settings: Staged,
  remotes: Readonly<Record<string, RemoteTarget>>,
): Promise<Result<StagedPlace, Failure> | undefined> {
  if (settings.staging !== 'store') return undefined;
  const remote = stagedRemote(services, settings, remotes);
  if (remote === undefined) throw new Error('internal error: the remote of staged jobs was not checked');
  const area = await areaOf(services);
  return area.ok ? ok({ remote, area: area.value }) : area;
}

/** The remote as the program on a node opens it: with an absolute path, because the node has no workspace. */
export function stagedRemote(
  { files }: Pick<Services, 'files'>,
  { remote }: Staged,
  remotes: Readonly<Record<string, RemoteTarget>>,
): RemoteTarget | undefined {
  const target = remotes[remote ?? ''];
  if (target?.kind === 'folder') return { kind: 'folder', path: resolve(files.root, target.path) };
  if (target === undefined) return undefined;
  const { kind, bucket, prefix, endpoint, region, timeoutMs } = target;
  return { kind, bucket, prefix, endpoint, region, timeoutMs };
}
