import type { TextsOf } from './failure-words.js';

/** Shortens hashes to their first 16 digits, which are enough to recognize them. Other text stays whole. */
const shortHash = (text: string): string => text.replace(/\b[0-9a-f]{32,}\b/g, (hash) => hash.slice(0, 16));

/** Failures of locks, processes, stored data, remotes and the registry, bugs in refit, and what it does not support. */
export const systemFailures = {
  busy: (failure) => ({
    what: failure.hasGivenWay
      ? `step "${failure.step}" of ${failure.pipeline} is busy: run ${failure.run ?? ''} uses what it has made, and waits for this run; the younger of the two gives way`
      : failure.step === undefined
        ? `pipeline "${failure.pipeline}" is busy: ${failure.holder ?? 'another process'} holds it${failure.run === undefined ? '' : `, for run ${failure.run}`}`
        : failure.step === '.judging'
          ? `run ${failure.run ?? ''} of ${failure.pipeline} is judging its model: the outputs of this run are made, and its model is not registered`
          : `step "${failure.step}" of ${failure.pipeline} is busy: run ${failure.run ?? ''} works on it, or uses what it has made`,
    next: `${failure.run === undefined ? '' : `watch it (refit logs ${failure.run} -f), or `}wait for it (--wait 10m); the lock goes away with its process`,
  }),
  'orphans-alive': (failure) => ({
    what: `processes of the lost run ${failure.run} still run, and do not end even when killed: ${failure.pids.join(', ')}`,
    next: 'no step is started while they run; end them (kill -9, as their owner) and run again',
  }),
  integrity: (failure) => ({
    what: `${failure.what}: expected ${shortHash(failure.expected)}, found ${shortHash(failure.found)}`,
    next: failure.next,
  }),
  'remote-unreachable': (failure) => ({
    what: `the remote ${failure.remote} cannot be used: ${failure.reason}`,
    next: 'nothing incomplete is there: fix the cause and repeat the command, which continues where this one ended',
  }),
  'comment-failed': (failure) => ({
    what: `no comment was written on ${failure.place}: ${failure.reason}`,
    next: failure.next,
  }),
  'registry-corrupt': (failure) => ({
    what: `the registry ${failure.path} is damaged: ${failure.reason}`,
    next: 'put a copy in its place: refit registry restore <file> (.refit/backup holds copies that refit made; a remote has the history too: restore, then refit pull)',
  }),
  'registry-unusable': (failure) => ({
    what: `the registry ${failure.path} cannot be used: ${failure.reason}`,
    next: failure.next ?? 'check the disk and permissions',
  }),
  'schedule-unusable': (failure) => ({
    what: `${failure.program}: ${failure.reason}`,
    next: 'nothing was changed if it could not be read; print the schedule (refit schedule <pipeline> --print cron) and put it where you schedule jobs',
  }),
  bug: (failure) => ({
    what: `a bug in refit ended the work on ${failure.pipeline}`,
    lines: failure.stack.split('\n'),
    next: 'nothing recorded is lost; please report it with the lines above and the command you gave',
  }),
  unsupported: (failure) => ({ what: `${failure.what} is not supported`, next: failure.next }),
} satisfies Partial<TextsOf>;
