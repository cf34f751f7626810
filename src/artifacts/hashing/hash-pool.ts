import { availableParallelism } from 'node:os';
import { type FileHash, hashFile } from './hash-file.js';
import { createHashMember, type HashMember } from './hash-member.js';
import { type HashRequest, unpackHashes } from './hash-message.js';

/** Hashes files: a few at once in this thread, more on all cores. */
export interface HashPool {
  /**
   * One answer a path, in order; `bytes` is their sum. Give the largest first: no core is then left alone with it at the end.
   * `hasOtherWork`: this thread has something else to do meanwhile.
   */
  readonly hash: (paths: readonly string[], bytes: number, hasOtherWork?: boolean) => Promise<readonly FileHash[]>;
}

/** Below this a worker's start would cost more than it saves. */
const WORTH_WORKERS_MS = 100;
/** The same where this thread can do something else meanwhile: what is left is the time it takes to start one. */
const WORTH_BESIDE_MS = 20;
const MS_PER_FILE = 0.012;
/** One core's sha256, about 1 GB/s. */
const MS_PER_BYTE = 1e-6;
const MOST_WORKERS = 8;
const IDLE_MS = 1000;

/**
 * Workers start when there is enough to do (30 to 50 ms each), never keep the process alive while idle, and end after a
 * second without a job. Where none can start, or one dies, this thread reads what is missing.
 */
export function createHashPool(): HashPool {
  const members = new Set<HashMember>();
  let jobs = 0;
  let underWay = 0;
  let idle: NodeJS.Timeout | undefined;
  const rest = (): void => {
    if (underWay > 0 || [...members].some((member) => member.isBusy())) return;
    idle ??= setTimeout(() => endAll(members), IDLE_MS).unref();
  };
  const shared = async (paths: readonly string[]): Promise<readonly FileHash[]> => {
    clearTimeout(idle);
    idle = undefined;
    underWay += 1;
    const wanted = Math.min(availableParallelism(), MOST_WORKERS, underWay + paths.length - 1);
    while (members.size < wanted) members.add(createHashMember((member) => members.delete(member), rest));
    const request: HashRequest = { job: jobs++, paths, cursor: new SharedArrayBuffer(4) };
    const results = await collect([...members], request);
    underWay -= 1;
    rest();
    return results.map((result, i) => result ?? hashFile(paths[i] ?? ''));
  };
  return {
    hash: async (paths, bytes, hasOtherWork = false) => {
      const worthMs = hasOtherWork ? WORTH_BESIDE_MS : WORTH_WORKERS_MS;
      const isWorth = paths.length * MS_PER_FILE + bytes * MS_PER_BYTE > worthMs;
      return isWorth ? shared(paths) : paths.map(hashFile);
    },
  };
}

/** Ends with the last result, though a member that is busy with another job has not answered yet; or when all are dead. */
function collect(members: readonly HashMember[], request: HashRequest): Promise<readonly (FileHash | undefined)[]> {
  return new Promise((done) => {
    const results = new Array<FileHash | undefined>(request.paths.length).fill(undefined);
    let missing = results.length;
    let silent = members.length;
    for (const member of members)
      member.ask(request, (reply) => {
        silent -= 1;
        if (reply !== undefined) missing -= unpackHashes(reply, results);
        if (missing === 0 || silent === 0) done(results);
      });
  });
}

function endAll(members: Set<HashMember>): void {
  for (const member of members) member.end();
  members.clear();
}
