import { parseInstant } from '../../../domain/support/time.js';
import { CONTAINER, FETCH, RUN_LABEL, SEND } from './manifest.js';

/** A Job as the cluster shows it. */
export interface JobState {
  readonly name: string;
  readonly isDeleting: boolean;
  readonly isComplete: boolean;
  readonly failed?: Words;
}

/** A reason in one word, and the message of the cluster. */
export interface Words {
  readonly reason: string;
  readonly message: string;
}

/** The pod of a Job. */
export interface PodState {
  readonly name: string;
  readonly job: string;
  readonly createdAt: string;
  readonly phase: string;
  readonly node?: string;
  readonly isDeleting: boolean;
  /** Why the node ended the pod as a whole. */
  readonly ended?: Words;
  /** What disrupted the pod: the scheduler, a drain, the node controller. */
  readonly disrupted?: Words;
  /** Why the pod is not scheduled. */
  readonly unschedulable?: Words;
  readonly waiting?: Words;
  readonly isRunning: boolean;
  readonly exit?: Exit;
  /** Its command waits for a container that has not started yet. */
  readonly isHeld: boolean;
  /** Its inputs are on their way into the pod. */
  readonly isFetching: boolean;
  /** Of the containers that carry files in and out. */
  readonly fetched?: Exit;
  readonly sent?: Exit;
}

/** How a container has ended. */
export type Exit = Words & { readonly code: number; readonly durationMs?: number };

export interface ClusterState {
  readonly jobs: ReadonlyMap<string, JobState>;
  readonly pods: readonly PodState[];
}

/** Selects the jobs and pods of these runs. */
export const selectorOf = (runs: Iterable<string>): string => `${RUN_LABEL} in (${[...new Set(runs)].join(',')})`;

// The output of another program: every field may be absent.
interface Raw {
  readonly [key: string]: unknown;
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((one, key) => (typeof one === 'object' && one !== null ? (one as Raw)[key] : undefined), value);
const textAt = (value: unknown, ...path: readonly string[]): string => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
};
const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

/** Parses the output of `kubectl get jobs,pods -o json`, also with warnings around it. `undefined` if it is something else. */
export function parseState(text: string): ClusterState | undefined {
  const [from, to] = [text.search(/^\{/m), text.lastIndexOf('}')];
  if (from < 0 || to < from) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(text.slice(from, to + 1));
  } catch {
    return undefined;
  }
  if (!Array.isArray(at(list, 'items'))) return undefined;
  const items = listAt(list, 'items');
  const jobs = items.filter((one) => textAt(one, 'kind') === 'Job').map(jobState);
  const pods = items.filter((one) => textAt(one, 'kind') === 'Pod').map(podState);
  return { jobs: new Map(jobs.map((job) => [job.name, job])), pods };
}

function jobState(raw: unknown): JobState {
  // Since Kubernetes 1.31 `Failed` waits for the pods to end, and a pod on a dead node never does.
  const failed = conditionOf(raw, 'Failed') ?? conditionOf(raw, 'FailureTarget');
  return {
    name: textAt(raw, 'metadata', 'name'),
    isDeleting: textAt(raw, 'metadata', 'deletionTimestamp') !== '',
    isComplete: conditionOf(raw, 'Complete') !== undefined,
    ...(failed === undefined ? {} : { failed }),
  };
}

function conditionOf(raw: unknown, type: string, status = 'True'): Words | undefined {
  const found = listAt(raw, 'status', 'conditions').find(
    (one) => textAt(one, 'type') === type && textAt(one, 'status') === status,
  );
  return found === undefined ? undefined : wordsAt(found);
}

const wordsAt = (value: unknown): Words => ({ reason: textAt(value, 'reason'), message: textAt(value, 'message') });

function podState(raw: unknown): PodState {
  const container = stateIn(raw, 'containerStatuses', CONTAINER);
  const fetching = stateIn(raw, 'initContainerStatuses', FETCH);
  const node = textAt(raw, 'spec', 'nodeName');
  const isScheduled = conditionOf(raw, 'PodScheduled', 'False');
  const sending = stateIn(raw, 'containerStatuses', SEND);
  const held = at(sending, 'waiting');
  const waiting = at(fetching, 'waiting') ?? at(container, 'waiting') ?? held;
  return {
    name: textAt(raw, 'metadata', 'name'),
    job: textAt(raw, 'metadata', 'labels', 'job-name') || textAt(listAt(raw, 'metadata', 'ownerReferences')[0], 'name'),
    createdAt: textAt(raw, 'metadata', 'creationTimestamp'),
    phase: textAt(raw, 'status', 'phase'),
    isDeleting: textAt(raw, 'metadata', 'deletionTimestamp') !== '',
    isRunning: at(container, 'running') !== undefined,
    isHeld: held !== undefined,
    isFetching: at(fetching, 'running') !== undefined,
    ...(node === '' ? {} : { node }),
    ...definedWords('ended', textAt(raw, 'status', 'reason') === '' ? undefined : wordsAt(at(raw, 'status'))),
    ...definedWords('disrupted', conditionOf(raw, 'DisruptionTarget')),
    ...definedWords('unschedulable', isScheduled),
    ...definedWords('waiting', waiting === undefined ? undefined : wordsAt(waiting)),
    ...definedExit('exit', container),
    ...definedExit('fetched', fetching),
    ...definedExit('sent', sending),
  };
}

const stateIn = (pod: unknown, list: string, container: string): unknown =>
  at(
    listAt(pod, 'status', list).find((one) => textAt(one, 'name') === container),
    'state',
  );

function definedExit<K extends string>(key: K, state: unknown) {
  const terminated = at(state, 'terminated');
  const code = at(terminated, 'exitCode');
  if (typeof code !== 'number') return {} as { readonly [key in K]?: Exit };
  const startedAt = parseInstant(textAt(terminated, 'startedAt'));
  const finishedAt = parseInstant(textAt(terminated, 'finishedAt'));
  const durationMs = (finishedAt ?? Number.NaN) - (startedAt ?? Number.NaN);
  const exit: Exit = { ...wordsAt(terminated), code, ...(durationMs >= 0 ? { durationMs } : {}) };
  return { [key]: exit } as { readonly [key in K]?: Exit };
}

const definedWords = <K extends string>(key: K, words: Words | undefined) =>
  (words === undefined ? {} : { [key]: words }) as { readonly [key in K]?: Words };
