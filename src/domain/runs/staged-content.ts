import { MOST_ENTRY_BYTES } from '../exchange/remote.js';
import type { Failure } from '../failure.js';
import type { RemoteStore } from '../ports/remotes.js';
import type { FetchFile, ListedEntry, StagedFile } from '../ports/staging.js';
import { err, ok, type Result } from '../support/result.js';
import { type StagedEntry, stagedNames } from './staged-job.js';
import type { StagingProblem } from './staging-problem.js';

/** Puts the content of a file, unless the store has it. `from`: where it is, absolute. */
export async function putInto(
  store: RemoteStore,
  area: string,
  file: StagedFile & { readonly from: string },
): Promise<Result<void, StagingProblem>> {
  const { path, hash, size, from } = file;
  const name = stagedNames.object(area, hash);
  const there = await store.sizeOf(name);
  if (!there.ok) return err(problemOf('put', path, there.error));
  if (there.value === size) return ok(undefined);
  const put = await store.put(name, { path: from, size, hash });
  return put.ok ? ok(undefined) : err(problemOf('put', path, put.error));
}

/** A file that no try would put. */
export function tooLarge(store: RemoteStore, entries: readonly ListedEntry[]): StagingProblem | undefined {
  const { mostBytes = Number.POSITIVE_INFINITY } = store;
  const entry = entries.find((one) => one.kind === 'file' && one.size > mostBytes);
  if (entry === undefined) return undefined;
  const reason = `the remote takes no file of more than ${mostBytes / 2 ** 30} GiB`;
  return { doing: 'put', path: entry.path, cause: 'too-large', reason };
}

/** Text that whoever it is for would not read. */
export function tooLong(path: string, text: string): StagingProblem | undefined {
  const size = Buffer.byteLength(text);
  if (size <= MOST_ENTRY_BYTES) return undefined;
  const reason = `its list of files has ${Math.ceil(size / 2 ** 20)} MiB, and may have ${MOST_ENTRY_BYTES / 2 ** 20}`;
  return { doing: 'put', path, cause: 'too-large', reason };
}

/** Gets files from the store. Their hashes are not compared here. */
export const fetchFrom =
  (store: RemoteStore, area: string): FetchFile =>
  async ({ path, hash, size }, to) => {
    const got = await store.get(stagedNames.object(area, hash), to, size);
    if (!got.ok) return err(problemOf('fetch', path, got.error));
    const reason = `the object ${hash} is not in the store any more`;
    return got.value ? ok(undefined) : err({ doing: 'fetch', path, cause: 'missing', reason });
  };

/** Removes the object that a problem is about, if it is damaged: whoever has its content puts it again. */
export async function dropDamaged(
  store: RemoteStore,
  area: string,
  entries: readonly StagedEntry[],
  { cause, path }: StagingProblem,
): Promise<void> {
  const entry = cause === 'damaged' ? entries.find((one) => one.path === path) : undefined;
  if (entry?.kind === 'file') await store.drop(stagedNames.object(area, entry.hash));
}

const CAUSES: Readonly<Partial<Record<Failure['code'], StagingProblem['cause']>>> = {
  integrity: 'damaged',
  'file-unwritable': 'disk',
  'file-unreadable': 'disk',
};

export function problemOf(doing: StagingProblem['doing'], path: string, failure: Failure): StagingProblem {
  const reason =
    failure.code === 'integrity'
      ? `expected ${failure.expected}, found ${failure.found}`
      : 'reason' in failure
        ? String(failure.reason)
        : failure.code;
  return { doing, path, cause: CAUSES[failure.code] ?? 'unreachable', reason };
}
