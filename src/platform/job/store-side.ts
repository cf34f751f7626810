import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { ContentHash } from '../../domain/ids.js';
import type { OpenRemote, RemoteStore } from '../../domain/ports/remotes.js';
import type { FetchFile, StagedFile } from '../../domain/ports/staging.js';
import { dropDamaged, fetchFrom, putInto } from '../../domain/runs/staged-content.js';
import {
  entriesIn,
  type StagedEntry,
  type StagedHandOff,
  type StagedResult,
  type StagedSpec,
  type StagedStart,
  stagedNames,
} from '../../domain/runs/staged-job.js';
import type { StagingProblem } from '../../domain/runs/staging-problem.js';
import { mapInParallel } from '../../domain/support/parallel.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { waitFor } from '../../domain/support/wait.js';
import { listTree } from '../staging/list-tree.js';
import { hashOf, onThisDisk } from '../staging/write-tree.js';

/** How often an order to the store is given again that has failed; a share may be busy, or its server restart. */
const PAUSES_MS = [1000, 3000, 8000];
const FILES_AT_ONCE = 8;

/** The store as a job on a node uses it. */
export type StoreSide = ReturnType<typeof storeSide>;

export async function createStoreSide(start: StagedStart, openRemote: OpenRemote): Promise<Result<StoreSide, Failure>> {
  const opened = await patiently(() => openRemote(start.remote, false, { isEnding: true }));
  return opened.ok ? ok(storeSide(opened.value, start)) : opened;
}

async function patiently<T>(work: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
  for (const pauseMs of PAUSES_MS) {
    const done = await work();
    if (done.ok || done.error.code !== 'remote-unreachable') return done;
    await waitFor(pauseMs);
  }
  return work();
}

function storeSide(store: RemoteStore, at: StagedHandOff) {
  const textOf = async (name: string): Promise<Result<string | undefined, Failure>> => {
    const bytes = await patiently(() => store.getBytes(name));
    return bytes.ok ? ok(bytes.value === undefined ? undefined : Buffer.from(bytes.value).toString('utf8')) : bytes;
  };
  return {
    /** The task at a place of a submission; `undefined` if refit has taken the submission back. */
    taskAt: async (batch: number, index: number): Promise<Result<string | undefined, Failure>> => {
      const text = await textOf(stagedNames.batch(at, batch));
      return text.ok ? ok(text.value?.split('\n')[index]) : text;
    },
    of: (task: string, restart: number) => ({
      spec: async (): Promise<Result<StagedSpec | undefined, Failure>> => {
        const text = await textOf(stagedNames.spec(at, task));
        return text.ok ? ok(text.value === undefined ? undefined : (JSON.parse(text.value) as StagedSpec)) : text;
      },
      /** False if refit has cancelled the job. From now on a former copy of it on a node that was cut off ends. */
      claim: async (): Promise<Result<boolean, Failure>> => {
        const cancelled = await patiently(() => store.sizeOf(stagedNames.cancelled(at, task)));
        if (!cancelled.ok) return cancelled;
        if (cancelled.value !== undefined) return ok(false);
        const claimed = await patiently(() => store.putBytes(stagedNames.claim(at, task, restart), ''));
        return claimed.ok ? ok(true) : claimed;
      },
      isWanted: () => isWanted(store, { at, task, restart }),
      fetch: patientFetch(store, at),
      dropDamaged: (entries: readonly StagedEntry[], problem: StagingProblem) =>
        dropDamaged(store, at.area, entries, problem),
      formerCheckpoint: (path: string) => formerCheckpoint(textOf, { at, task, restart }, path),
      put: (root: string, paths: readonly string[]) => putAll(store, at, { root, paths }),
      putLog: async (from: number, bytes: Uint8Array): Promise<boolean> =>
        (await store.putBytes(stagedNames.log(at, task, { restart, from }), bytes)).ok,
      tell: (result: StagedResult): Promise<Result<void, Failure>> =>
        patiently(() => store.putBytes(stagedNames.result(at, task, restart), `${JSON.stringify(result)}\n`)),
    }),
  };
}

interface Place {
  readonly at: StagedHandOff;
  readonly task: string;
  readonly restart: number;
}

/** A store that cannot be asked says nothing: the job goes on. */
async function isWanted(store: RemoteStore, { at, task, restart }: Place): Promise<boolean> {
  const folder = stagedNames.task(at, task);
  const listed = await store.list(folder);
  // A share that is not mounted any more looks empty.
  if (!listed.ok || listed.value.length === 0) return true;
  const names = new Set(listed.value.map(({ name }) => name));
  const isCancelled = names.has(stagedNames.cancelled(at, task)) || !names.has(stagedNames.spec(at, task));
  const newer = [...names].some((name) => Number(/\/claim\.(\d+)$/.exec(name)?.[1] ?? -1) > restart);
  return !isCancelled && !newer;
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

/** What the try before has put back; `undefined` where it could not. */
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

/** Puts what is at these paths; paths where nothing is are left out. */
function putAll(
  store: RemoteStore,
  { area }: StagedHandOff,
  { root, paths }: { readonly root: string; readonly paths: readonly string[] },
): Promise<Result<readonly StagedEntry[], StagingProblem>> {
  return onThisDisk({ doing: 'put', path: paths[0] ?? '' }, async () => {
    const listed = listTree(root, paths, { mayFollow: () => true, isResult: true });
    return mapInParallel(listed, FILES_AT_ONCE, (entry) =>
      onThisDisk({ doing: 'put', path: entry.path }, async (): Promise<Result<StagedEntry, StagingProblem>> => {
        if (entry.kind !== 'file') return ok(entry);
        const path = join(root, entry.path);
        const file: StagedFile = { ...entry, hash: (await hashOf(path)) as ContentHash };
        const put = await putInto(store, area, { ...file, from: path }, patiently);
        return put.ok ? ok(file) : put;
      }),
    );
  });
}
