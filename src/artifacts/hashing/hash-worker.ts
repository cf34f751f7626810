import { parentPort } from 'node:worker_threads';
import { hashFile } from './hash-file.js';
import { type HashRequest, packHashes } from './hash-message.js';

/** Takes the next path that no other worker took, until none is left; then answers once. */
parentPort?.on('message', ({ job, paths, cursor }: HashRequest) => {
  const next = new Int32Array(cursor);
  const done: [number, ReturnType<typeof hashFile>][] = [];
  for (let i = Atomics.add(next, 0, 1); i < paths.length; i = Atomics.add(next, 0, 1))
    done.push([i, hashFile(paths[i] ?? '')]);
  parentPort?.postMessage(packHashes(job, done));
});
