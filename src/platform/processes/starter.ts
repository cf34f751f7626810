import { type ChildProcess, fork } from 'node:child_process';
import type { ProcessOutcome } from '../../domain/runs/run.js';
import type { StartRequest } from './start.js';
import type { StartMessage, StartReply } from './start-message.js';
import type { Started } from './started.js';

/**
 * A small process that starts others. The kernel copies the tables of all memory of the one that starts a process: a
 * hundred megabytes cost three milliseconds, in which that process does nothing else. Where thousands of steps are
 * started, a process without memory does it in a quarter of the time, and beside refit.
 */
export interface Starter {
  /** Takes requests from now on. */
  readonly isReady: () => boolean;
  /** Requests that have not ended. */
  readonly open: () => number;
  /** Resolves to why the process was not started, where it was not. */
  readonly start: (request: StarterRequest) => Promise<Started | string>;
}

type StarterRequest = Omit<StartRequest, 'target'> & Pick<StartMessage, 'logPath'>;

interface Waiting {
  readonly started: (result: Started | string) => void;
  readonly ended: (outcome: ProcessOutcome) => void;
  readonly exit: Promise<ProcessOutcome>;
}

const GONE = 'the process of refit that starts steps was killed';

/** Keeps refit alive only while a request is open. It is in a session of its own: the terminal's ^C is refit's business. */
export function createStarter(): Starter {
  const waiting = new Map<number, Waiting>();
  let ids = 0;
  let isReady = false;
  const inherited = withoutNodeSettings(process.env);
  const child = fork(new URL('./starter-main.cjs', import.meta.url), [], {
    detached: true,
    env: inherited,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // nothing that refit was started with (an inspector, a profiler); a small young generation is less to copy, and the
    // little that it does is never worth optimising
    execArgv: ['--max-semi-space-size=1', '--no-opt'],
  });
  const settle = (id: number): Waiting | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) rest(child);
    return one;
  };
  const end = (): void => {
    isReady = false;
    for (const id of [...waiting.keys()]) {
      const one = settle(id);
      one?.started(GONE);
      one?.ended({ kind: 'not-started', reason: GONE });
    }
  };
  child.on('error', end);
  child.on('disconnect', end);
  child.on('message', (reply: StartReply) => {
    if (reply.kind === 'ready') isReady = true;
    else if (reply.kind === 'not-started') settle(reply.id)?.started(reply.reason);
    else {
      const one = waiting.get(reply.id);
      one?.started({ identity: reply.identity, exit: one.exit });
      if (reply.kind === 'ended') settle(reply.id)?.ended(reply.outcome);
    }
  });
  rest(child);
  return {
    isReady: () => isReady,
    open: () => waiting.size,
    start: ({ env, ...request }) =>
      new Promise((started) => {
        const id = ids++;
        let ended: Waiting['ended'] = () => undefined;
        const exit = new Promise<ProcessOutcome>((resolve) => {
          ended = resolve;
        });
        waiting.set(id, { started, ended, exit });
        child.channel?.ref();
        child.send({ ...request, ...differenceOf(env, inherited), id } satisfies StartMessage, (error) => {
          if (error !== null) settle(id)?.started(GONE);
        });
      }),
  };
}

/** What makes Node load more than it must (hooks, certificates, coverage) is for steps that are Node programs, not for it. */
const withoutNodeSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('NODE_')));

function differenceOf(
  env: Readonly<Record<string, string>>,
  inherited: Readonly<NodeJS.ProcessEnv>,
): Pick<StartMessage, 'set' | 'unset'> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (inherited[name] !== value) set[name] = value;
  const unset = Object.keys(inherited).filter((name) => env[name] === undefined);
  return { set, unset };
}

function rest(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}
