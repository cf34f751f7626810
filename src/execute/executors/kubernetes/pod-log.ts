import type { Services } from '../../../domain/ports/services.js';
import { hasSucceeded } from '../../../domain/runs/run.js';
import { waitFor } from '../../../domain/support/wait.js';
import type { KubernetesClient } from './client.js';
import type { Turns } from './turns.js';

/** The log of a pod, copied into the workspace while its container runs. */
export interface PodLog {
  /** The container has started. */
  readonly open: (pod: string) => void;
  /** To be called often. Replaces the log by a new fetch that holds at least as much. */
  readonly renew: () => Promise<void>;
  /** The container has ended. Resolves to true when the log is complete, to false if it cannot be fetched. */
  readonly close: (pod: string | undefined) => Promise<boolean>;
}

interface Target {
  /** Workspace-relative. */
  readonly path: string;
  /** A file beside the log for a new fetch. */
  readonly again: string;
  readonly masked: readonly string[];
  readonly turns: LogTurns;
}

/** Every log needs a process of kubectl. Only a few may run at a time. */
interface LogTurns {
  readonly following: Turns;
  readonly fetching: Turns;
}

const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** How long the last bytes may take to arrive after the container has ended. */
const LAST_BYTES_MS = 2000;
const TRIES = 5;

/**
 * A connection may break at any byte, and a log can only be read from its start. So each new connection writes to a second
 * file, which replaces the log once it holds as much. Readers see the log grow, with every line once.
 */
export function createPodLog(
  { files }: Pick<Services, 'files'>,
  client: KubernetesClient,
  { path, again, masked, turns }: Target,
): PodLog {
  const ending = new AbortController();
  const { signal } = ending;
  let following: Promise<void> | undefined;
  let stream: Promise<unknown> | undefined;
  let moving: Promise<void> | undefined;
  const sizeOf = async (one: string): Promise<number> => (await files.stat(one))?.size ?? -1;
  const replace = async (): Promise<void> => {
    const fetched = await sizeOf(again);
    if (fetched >= 0 && fetched >= (await sizeOf(path))) await files.move(again, path);
  };
  const renew = (): Promise<void> => {
    moving ??= replace().finally(() => {
      moving = undefined;
    });
    return moving;
  };
  const fetchAgain = (pod: string) =>
    turns.fetching(() => client.log(pod, { path: files.absolute(again), masked, isFollowing: false }));
  const follow = async (pod: string): Promise<void> => {
    // A killed refit may have left a part of the log.
    let target = (await sizeOf(path)) <= 0 ? path : again;
    for (let pauseMs = PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      stream = client.log(pod, { path: files.absolute(target), masked, isFollowing: true, signal });
      await stream;
      stream = undefined;
      target = again;
      await renew();
      await waitFor(pauseMs, signal);
    }
  };
  return {
    renew,
    open: (pod) => {
      following ??= turns.following(() => follow(pod), signal);
    },
    close: async (pod) => {
      if (stream !== undefined) await Promise.race([stream, waitFor(LAST_BYTES_MS)]);
      ending.abort();
      await following;
      let isWhole = false;
      for (let i = 0; i < TRIES && pod !== undefined && !isWhole; i++) {
        if (i > 0) await waitFor(PAUSE_MS * 2 ** i);
        const { outcome } = await fetchAgain(pod);
        isWhole = hasSucceeded(outcome);
      }
      if (isWhole) await renew();
      await files.remove(again);
      return isWhole;
    },
  };
}
