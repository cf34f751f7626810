import type { Failure } from '../../../domain/failure.js';
import type { ProcessResult } from '../../../domain/ports/platform.js';
import type { Services } from '../../../domain/ports/services.js';
import { err, ok, type Result } from '../../../domain/support/result.js';
import { waitFor } from '../../../domain/support/wait.js';
import { type EngineServices, runEngine } from '../../containers/run-engine.js';
import { type ClusterState, parseState, selectorOf } from './cluster-state.js';
import { CONTAINER } from './manifest.js';
import type { ClusterPlace } from './place.js';

/** kubectl in one namespace of one cluster. Each call is one process. */
export interface KubernetesClient {
  /** Creates the Job. An unanswered creation is repeated, so a Job that exists already is a success. */
  readonly create: (manifest: string) => Promise<Result<void, NotCreated>>;
  /** The jobs and pods of these runs. */
  readonly state: (runs: Iterable<string>) => Promise<Result<ClusterState, NoAnswer>>;
  /** Whether the cluster accepted the removal, or has no such job. */
  readonly remove: (jobs: readonly string[]) => Promise<boolean>;
  /** Writes what the pod prints to a file, from its start, masked; with `isFollowing` until it ends. */
  readonly log: (pod: string, target: LogTarget) => Promise<ProcessResult>;
}

/** Why the cluster did not do what it was asked. */
export interface NoAnswer {
  /** For people, in one line. */
  readonly words: string;
  /** The fault may pass: the next try may have an answer. */
  readonly isPassing: boolean;
}

export interface NotCreated {
  readonly words: string;
  /** True if the cluster refused, or was not asked. If false, the Job may exist, or may still be created. */
  readonly isRefused: boolean;
}

interface LogTarget {
  /** Absolute. */
  readonly path: string;
  readonly masked: readonly string[];
  readonly isFollowing: boolean;
  readonly signal?: AbortSignal;
}

/** How long one request may take. One call of kubectl may need several requests, and a login. */
const REQUEST_SECONDS = 20;
const PATIENCE_MS = 60_000;
/** How long refit goes on creating a Job while the cluster does not answer. */
const CREATE_MS = 10 * 60_000;
/** How often a removal is tried. Few times, because the person who typed Ctrl-C waits for it. */
const MOST_REMOVALS = 4;
const GATHER_MS = 50;
/** kubectl needs two requests for each. */
const MOST_NAMES = 200;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** `run` marks the processes, so that recovery after a kill can end them. */
export function createKubernetesClient(
  services: EngineServices & Pick<Services, 'clock' | 'emit'>,
  { context, namespace }: ClusterPlace,
  run: string,
): KubernetesClient {
  const { surroundings, processes, files, clock, signal } = services;
  const env = { ...surroundings.env(), REFIT_RUN_ID: run };
  const kubectl = (...words: readonly string[]): readonly string[] => [
    'kubectl',
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
    ...words,
  ];
  const bounded = `--request-timeout=${REQUEST_SECONDS}s`;
  const ask = (words: readonly string[], isEnding = true) =>
    runEngine(services, 'kubectl', kubectl(...words, bounded), { timeoutMs: PATIENCE_MS, isEnding, env });
  return {
    create: async (manifest) => {
      const until = clock.monotonicMs() + CREATE_MS;
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        const asked = await ask([
          'create',
          '--filename',
          files.absolute(manifest),
          '--validate=false',
          '--output=name',
        ]);
        if (!asked.ok) return err({ words: wordsOf(asked.error), isRefused: true });
        const { isGood, text } = asked.value;
        if (isGood || /\(AlreadyExists\)/.test(text)) return ok(undefined);
        if (!isPassing(text) || signal.aborted || clock.monotonicMs() >= until)
          return err({ words: complaint(text), isRefused: REFUSED.test(text) && !isPassing(text) });
        services.emit({ type: 'phase', text: `the cluster does not take the job yet: ${complaint(text)}` });
        await waitFor(pauseMs, signal);
      }
    },
    state: async (runs) => {
      const asked = await ask(['get', 'jobs,pods', `--selector=${selectorOf(runs)}`, '--output=json']);
      if (!asked.ok) return err({ words: wordsOf(asked.error), isPassing: false });
      const { isGood, text } = asked.value;
      const state = isGood ? parseState(text) : undefined;
      return state === undefined ? err({ words: complaint(text), isPassing: isGood || isPassing(text) }) : ok(state);
    },
    remove: gathered(async (jobs) => {
      // The Job stays until its pod has ended, so that it can be waited for.
      const words = ['delete', 'jobs', ...jobs, '--ignore-not-found', '--cascade=foreground', '--wait=false'];
      for (let tries = 1; ; tries++) {
        const asked = await ask(words);
        if (asked.ok && asked.value.isGood) return true;
        if (!asked.ok || !isPassing(asked.value.text) || tries === MOST_REMOVALS) return false;
        await waitFor(tries * FIRST_PAUSE_MS);
      }
    }),
    log: (pod, { path, masked, isFollowing, signal: ending }) =>
      processes.run({
        // Messages of kubectl itself do not belong to the log.
        argv: [
          ...['sh', '-c', 'exec "$@" 2>/dev/null', 'sh'],
          ...kubectl('logs', `pod/${pod}`, `--container=${CONTAINER}`, ...(isFollowing ? ['--follow'] : [bounded])),
        ],
        cwd: files.root,
        env,
        logPath: path,
        masked,
        ...(ending === undefined ? {} : { signal: ending }),
        ...(isFollowing ? {} : { timeoutMs: PATIENCE_MS }),
      }),
  };
}

const wordsOf = (failure: Failure): string => ('reason' in failure ? String(failure.reason) : failure.code);

/** The cluster cannot be reached or is too busy, so a retry may help. Any other error is final. */
const PASSING =
  /\((ServerTimeout|Timeout|TooManyRequests|ServiceUnavailable|InternalError)\): |\b(Get|Post|Delete) "https?:|Unable to connect to the server|The connection to the server|unexpected EOF|i\/o timeout|context deadline exceeded/;

/** Combines removals that are requested at about the same time into one call: Ctrl-C ends all jobs of a run. */
function gathered(remove: KubernetesClient['remove']): KubernetesClient['remove'] {
  let names: string[] = [];
  let answer: Promise<boolean> | undefined;
  const removeAll = async (): Promise<boolean> => {
    await waitFor(GATHER_MS);
    const all = [...new Set(names)];
    [names, answer] = [[], undefined];
    let areRemoved = true;
    for (let i = 0; i < all.length && areRemoved; i += MOST_NAMES)
      areRemoved = await remove(all.slice(i, i + MOST_NAMES));
    return areRemoved;
  };
  return (jobs) => {
    names.push(...jobs);
    answer ??= removeAll();
    return answer;
  };
}

/** The cluster refused the request itself. */
const REFUSED = /\((Forbidden|Unauthorized|Invalid|BadRequest|NotFound|Conflict|UnsupportedMediaType)\)/;

/** Whether a retry may help. The text is empty if kubectl was ended because it took too long. */
const isPassing = (text: string): boolean =>
  text.trim() === '' || (PASSING.test(text) && !/x509|certificate/.test(text));

/** What kubectl says, in one line. */
function complaint(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const said = [...new Set(lines.filter((line) => line !== ''))].slice(-3).join('; ');
  return said === '' ? 'kubectl has failed without a word' : `kubectl says: ${said.slice(0, 600)}`;
}
