import { Worker } from 'node:worker_threads';
import type { HashReply, HashRequest } from './hash-message.js';

/** One worker of the pool. */
export interface HashMember {
  /** `answer` gets the reply, or nothing when the worker dies first. */
  readonly ask: (request: HashRequest, answer: (reply?: HashReply) => void) => void;
  readonly isBusy: () => boolean;
  readonly end: () => void;
}

/** Starts a worker; it keeps the process alive only while it is busy. `onIdle` is called after its last reply. */
export function createHashMember(onDeath: (member: HashMember) => void, onIdle: () => void): HashMember {
  const worker = new Worker(new URL('./hash-worker.js', import.meta.url));
  const waiting = new Map<number, (reply?: HashReply) => void>();
  const settle = (job: number, reply?: HashReply): void => {
    const answer = waiting.get(job);
    waiting.delete(job);
    if (waiting.size === 0) worker.unref();
    answer?.(reply);
    if (waiting.size === 0) onIdle();
  };
  const member: HashMember = {
    ask: (request, answer) => {
      waiting.set(request.job, answer);
      worker.ref();
      worker.postMessage(request);
    },
    isBusy: () => waiting.size > 0,
    end: () => void worker.terminate(),
  };
  const die = (): void => {
    onDeath(member);
    for (const job of [...waiting.keys()]) settle(job);
  };
  worker.on('message', (reply: HashReply) => settle(reply.job, reply));
  worker.on('error', die);
  worker.on('exit', die);
  return member;
}
