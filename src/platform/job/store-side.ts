import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { OpenRemote, RemoteStore } from '../../domain/ports/remotes.js';
import type { FetchFile, ListedEntry, StagedFile } from '../../domain/ports/staging.js';
import { dropDamaged, fetchFrom, putInto, tooLarge } from '../../domain/runs/staged-content.js';
import {
  entriesIn,
  type StagedEntry,
  type StagedHandOff,
  type StagedResult,
  type StagedStart,
  stagedNames,
} from '../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../domain/runs/staging-problem.js';
import { mapInParallel } from '../../domain/support/parallel.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { waitFor } from '../../domain/support/wait.js';
import { LeadsOut, listTree } from '../staging/list-tree.js';
import { hashOf, onThisDisk } from '../staging/write-tree.js';

/** Pauses before a failed request to the store is repeated. A share may be busy, or its server may restart. */
export const PAUSES_MS = [1000, 3000, 8000];
const FILES_AT_ONCE = 8;
/** sha256 of nothing. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Whether refit still waits for a job. `unknown`: the store cannot be reached, or looks empty like an unmounted share. */
type Word = 'wanted' | 'unwanted' | 'unknown';

/** The store as a job on a node uses it. */
export type StoreSide = ReturnType<typeof storeSide>;

/** Opens the store of a job. Tries again for some seconds if the store cannot be reached. */
export async function createStoreSide(
  start: StagedStart,
  openRemote: OpenRemote,
): Promise<Result<(task: string, restart: number) => StoreSide, Failure>> {
  const opened = await patiently(() => openRemote(start.remote, { isEnding: true }));
  return opened.ok ? ok((task, restart) => storeSide(opened.value, { at: start, task, restart })) : opened;
}

async function patiently<T>(work: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
  for (const pauseMs of PAUSES_MS) {
    const done = await work();
    if (done.ok || done.error.code !== 'remote-unreachable') return done;
    await waitFor(pauseMs);
  }
  return work();
}

function storeSide(store: RemoteStore, place: Place) {
  const { at, task, restart } = place;
  const textOf = async (name: string): Promise<Result<string | undefined, Failure>> => {
    const bytes = await patiently(() => store.getBytes(name));
    return bytes.ok ? ok(bytes.value === undefined ? undefined : Buffer.from(bytes.value).toString('utf8')) : bytes;
  };
  /** Hashes of content that is known to be in the store. */
  const put = new Set<string>();
  let hasSaid = false;
  /**
   * Content that was in the store when the job began, and stays there longer than the order. If it is missing, this is not
   * the same store: an unmounted share, for example.
   */
  let mark = EMPTY;
  const noteMark = (inputs: readonly StagedEntry[]): boolean => {
    const input = inputs.find((entry) => entry.kind === 'file');
    mark = input?.hash ?? EMPTY;
    return input !== undefined;
  };
  return {
    /** The order of the job, as text. `undefined` if refit has removed it. */
    order: () => textOf(stagedNames.spec(at, task)),
    /** False if refit has cancelled the job. The claim ends any earlier copy of the job on a node that was cut off. */
    claim: async (inputs: readonly StagedEntry[]): Promise<Result<boolean, Failure>> => {
      const marked = noteMark(inputs)
        ? ok(undefined)
        : await patiently(() => store.putBytes(stagedNames.object(at.area, EMPTY), ''));
      if (!marked.ok) return marked;
      const cancelled = await patiently(() => store.sizeOf(stagedNames.cancelled(at, task)));
      if (!cancelled.ok) return cancelled;
      if (cancelled.value !== undefined) return ok(false);
      const claimed = await patiently(() => store.putBytes(stagedNames.claim(at, task, restart), ''));
      return claimed.ok ? ok(true) : claimed;
    },
    /** Another program has claimed the job. */
    goOn: (inputs: readonly StagedEntry[]): void => void noteMark(inputs),
    /** After an `unknown`, uploads may have gone into another folder, so they are checked again. */
    word: async (): Promise<Word> => {
      const word = await askWhether(store, place, mark);
      if (word !== 'unknown') return word;
      put.clear();
      hasSaid = false;
      return word;
    },
    /** Tells refit that the result is on its way. */
    sayThatItSends: async (): Promise<void> => {
      if (hasSaid) return;
      const said = await store.putBytes(stagedNames.sending(at, task, restart), '');
      hasSaid = said.ok;
    },
    fetch: patientFetch(store, at),
    dropDamaged: (entries: readonly StagedEntry[], problem: StagingProblem) =>
      dropDamaged(store, at.area, entries, problem),
    formerCheckpoint: (path: string) => formerCheckpoint(textOf, place, path),
    /**
     * The files and folders at these paths, with hashes. Missing paths are left out. Fails if the store would refuse a
     * file.
     */
    list: (root: string, paths: readonly string[]) => listHashed(store, root, paths),
    /** Uploads listed entries. Starts no new file once the signal has aborted. */
    put: (root: string, entries: readonly StagedEntry[], signal: AbortSignal) =>
      mapInParallel(entries, FILES_AT_ONCE, async (entry): Promise<Result<void, StagingProblem>> => {
        if (entry.kind !== 'file' || put.has(entry.hash)) return ok(undefined);
        const { path, hash } = entry;
        if (signal.aborted) return err({ doing: 'put', path, cause: 'unreachable', reason: 'interrupted' });
        const done = await onThisDisk({ doing: 'put', path }, () =>
          putInto(store, at.area, { ...entry, from: join(root, path) }),
        );
        if (done.ok) put.add(hash);
        return done;
      }),
    putLog: async (from: number, bytes: Uint8Array): Promise<boolean> =>
      (await store.putBytes(stagedNames.log(at, task, { restart, from }), bytes)).ok,
    /** False: it may be tried again. */
    tell: async (result: StagedResult): Promise<boolean> =>
      (await store.putBytes(stagedNames.result(at, task, restart), `${JSON.stringify(result)}\n`)).ok,
  };
}

interface Place {
  readonly at: StagedHandOff;
  readonly task: string;
  readonly restart: number;
}

/**
 * Whether refit still waits for the job. refit removes the orders of a job when it has the result or waits for none, so
 * the list is then empty. The list of an unmounted share is empty too, but there the content at `mark` is missing as well.
 */
async function askWhether(store: RemoteStore, { at, task, restart }: Place, mark: string): Promise<Word> {
  const folder = stagedNames.task(at, task);
  const listed = await store.list(folder);
  if (!listed.ok) return 'unknown';
  if (listed.value.length === 0) {
    const marked = await store.sizeOf(stagedNames.object(at.area, mark));
    const again = await store.list(folder);
    const isEmpty = again.ok && again.value.length === 0;
    return isEmpty && marked.ok && marked.value !== undefined ? 'unwanted' : 'unknown';
  }
  const names = new Set(listed.value.map(({ name }) => name));
  const isCancelled = names.has(stagedNames.cancelled(at, task)) || !names.has(stagedNames.spec(at, task));
  const newer = [...names].some((name) => Number(/\/claim\.(\d+)$/.exec(name)?.[1] ?? -1) > restart);
  return isCancelled || newer ? 'unwanted' : 'wanted';
}

function patientFetch(store: RemoteStore, at: StagedHandOff): FetchFile {
  const fetch = fetchFrom(store, at.area);
  return async (file: StagedFile, to: string) => {
    for (const pauseMs of PAUSES_MS) {
      const done = await fetch(file, to);
      if (done.ok || done.error.cause !== 'unreachable') return done;
      await waitFor(pauseMs);
      await rm(to, { force: true });
    }
    return fetch(file, to);
  };
}

/** The checkpoint of the newest earlier try that uploaded one. `undefined` if none did. */
async function formerCheckpoint(
  textOf: (name: string) => Promise<Result<string | undefined, Failure>>,
  { at, task, restart }: Place,
  path: string,
): Promise<Result<readonly StagedEntry[] | undefined, StagingProblem>> {
  for (let former = restart - 1; former >= 0; former--) {
    const text = await textOf(stagedNames.result(at, task, former));
    if (!text.ok) return err({ doing: 'fetch', path, cause: 'unreachable', reason: text.error.code });
    const { checkpoint } = text.value === undefined ? {} : (JSON.parse(text.value) as StagedResult);
    if (checkpoint !== undefined) return ok(entriesIn(checkpoint, [path]));
  }
  return ok(undefined);
}

function listHashed(
  store: RemoteStore,
  root: string,
  paths: readonly string[],
): Promise<Result<readonly StagedEntry[], StagingProblem>> {
  return onThisDisk({ doing: 'put', path: paths[0] ?? '' }, async () => {
    let listed: readonly ListedEntry[];
    try {
      listed = listTree(root, paths, { mayFollow: () => true, isResult: true });
    } catch (error) {
      if (!(error instanceof LeadsOut)) throw error;
      return err({ doing: 'put', path: error.path, cause: 'link', reason: error.message });
    }
    const refused = tooLarge(store, listed);
    if (refused !== undefined) return err(refused);
    return mapInParallel(listed, FILES_AT_ONCE, (entry) =>
      onThisDisk({ doing: 'put', path: entry.path }, async (): Promise<Result<StagedEntry, StagingProblem>> => {
        if (entry.kind !== 'file') return ok(entry);
        return ok({ ...entry, hash: (await hashOf(join(root, entry.path))) as ContentHash });
      }),
    );
  });
}
