import type { RemoteTarget } from '../exchange/remote.js';
import type { ContentHash } from '../ids.js';
import { isAtOrBelow } from '../support/paths.js';
import type { JobResult, JobTry } from './job-files.js';
import { isProblem, type StagingProblem } from './staging-problem.js';

/** One thing that a job reads or leaves, by its path below the workspace. Paths use `/` and lead nowhere else. */
export type StagedEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly hash: ContentHash;
      readonly size: number;
      readonly mode: number;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number };

/** What the program on the node reads from the store. It holds no value of a secret: whoever reads the store reads it. */
export interface StagedSpec {
  /** Empty where the engine says it. */
  readonly argv: readonly string[];
  /** Variables of this job alone. Those that all jobs of a submission have come through the engine. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that name a file or folder of the workspace, by its path in it. */
  readonly paths: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly inputs: readonly StagedEntry[];
  readonly outputs: readonly string[];
  readonly checkpoint?: string;
  readonly tries: readonly JobTry[];
  /** Absolute: where the node keeps what it works on. */
  readonly scratch?: string;
}

/** What the program on the node puts into the store when the command has ended. */
export interface StagedResult extends JobResult {
  readonly outputs: readonly StagedEntry[];
  readonly metrics?: StagedEntry;
  /** The checkpoint as this try has left it. */
  readonly checkpoint?: readonly StagedEntry[];
  readonly problem?: StagingProblem;
}

/** Where the work of the jobs of a run lies. */
export interface StagedHandOff {
  /** The folder of the store that belongs to one workspace. */
  readonly area: string;
  readonly run: string;
}

/** The argument of the program on the node, as JSON. */
export interface StagedStart extends StagedHandOff {
  readonly remote: RemoteTarget;
}

/** One job of a submission, and what its order is: who writes the store must not decide what runs on the node. */
export interface StagedTask {
  readonly task: string;
  /** Of the order, in hex. */
  readonly sha256: string;
}

/** What the engine hands over through the environment of the program: it must not lie in the store. */
export interface Confided {
  /** In the order of the array. */
  readonly tasks: readonly StagedTask[];
  /** Of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Values that its log must not show. */
  readonly masked: readonly string[];
  /** For the program itself, to open the store. */
  readonly store: Readonly<Record<string, string>>;
}

const PIECE = 'REFIT_JOB_CONFIDED_';
/** The kernel takes no variable of 128 KiB. */
const PIECE_LENGTH = 30_000;

/** As variables, in pieces. */
export const confided = (what: Confided): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from(JSON.stringify(what).match(new RegExp(`[^]{1,${PIECE_LENGTH}}`, 'gu')) ?? [], (piece, i) => [
      `${PIECE}${i}`,
      piece,
    ]),
  );

export function confidedIn(env: Readonly<Record<string, string | undefined>>): Confided {
  let text = '';
  for (let i = 0; env[`${PIECE}${i}`] !== undefined; i++) text += env[`${PIECE}${i}`] ?? '';
  return text === '' ? { tasks: [], env: {}, masked: [], store: {} } : (JSON.parse(text) as Confided);
}

/** Exit code of the program on the node that could not put its result into the store. */
export const STORE_UNREACHABLE = 76;

const runFolder = ({ area, run }: StagedHandOff): string => `staging/${area}/runs/${run}/`;

/** Names of what lies in the store. Files are written once, whole. */
export const stagedNames = {
  area: (area: string): string => `staging/${area}/`,
  object: (area: string, hash: string): string => `staging/${area}/objects/${hash.slice(0, 2)}/${hash.slice(2)}`,
  run: runFolder,
  task: (at: StagedHandOff, task: string): string => `${runFolder(at)}${task}/`,
  spec: (at: StagedHandOff, task: string): string => `${runFolder(at)}${task}/spec.json`,
  cancelled: (at: StagedHandOff, task: string): string => `${runFolder(at)}${task}/cancelled`,
  claim: (at: StagedHandOff, task: string, restart: number): string => `${runFolder(at)}${task}/claim.${restart}`,
  result: (at: StagedHandOff, task: string, restart: number): string =>
    `${runFolder(at)}${task}/result.${restart}.json`,
  /** A pod that puts what its command has made says so: that may take long. */
  sending: (at: StagedHandOff, task: string, restart: number): string => `${runFolder(at)}${task}/sending.${restart}`,
  /** A piece of the log, by the byte at which it begins. */
  log: (
    at: StagedHandOff,
    task: string,
    { restart, from }: { readonly restart: number; readonly from: number },
  ): string => `${runFolder(at)}${task}/log.${restart}.${String(from).padStart(12, '0')}`,
} as const;

const isBelow = (path: string): boolean =>
  path !== '' && !path.includes('\0') && path.split('/').every((part) => !['', '.', '..'].includes(part));

function isEntry(value: unknown): value is StagedEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, path, hash, size, mode, target } = value as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string' || !isBelow(path)) return false;
  if (kind === 'link') return typeof target === 'string' && target !== '' && !target.includes('\0');
  const isMode = Number.isInteger(mode) && Number(mode) >= 0 && Number(mode) <= 0o777;
  if (kind === 'folder') return isMode;
  return (
    kind === 'file' &&
    isMode &&
    typeof hash === 'string' &&
    /^[0-9a-f]{64}$/.test(hash) &&
    Number.isSafeInteger(size) &&
    Number(size) >= 0
  );
}

/** Whether every path is there once, and none lies below a file or a link: it would be written through the link. */
function isTree(entries: readonly StagedEntry[]): boolean {
  const kinds = new Map(entries.map(({ path, kind }) => [path, kind]));
  if (kinds.size !== entries.length) return false;
  return entries.every(({ path }) => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if ((kinds.get(path.slice(0, at)) ?? 'folder') !== 'folder') return false;
    return true;
  });
}

/** What a job reads, as its order says it; `undefined` if anything of it is not in its form. */
export const treeIn = (value: unknown): readonly StagedEntry[] | undefined =>
  Array.isArray(value) && value.every(isEntry) && isTree(value) ? value : undefined;

/**
 * Whether a link at `path` leads to `root` or below it, wherever the folders lie. A target that goes up after it went down
 * could go up from the end of another link.
 */
export function leadsWithin(root: string, path: string, target: string): boolean {
  if (target.startsWith('/')) return false;
  const at = path.split('/').slice(0, -1);
  let isDown = false;
  for (const part of target.split('/').filter((one) => one !== '' && one !== '.')) {
    if (part === '..' && (isDown || at.pop() === undefined)) return false;
    isDown = part !== '..';
    if (isDown) at.push(part);
  }
  return isAtOrBelow(at.join('/'), root);
}

/**
 * What a job has made, as a store says it: each entry at or below one of `roots`, which are no links, and no link leads out of its
 * root. `undefined` if anything of it is otherwise.
 */
export function entriesIn(value: unknown, roots: readonly string[]): readonly StagedEntry[] | undefined {
  const entries = treeIn(value);
  return entries?.every((entry) => roots.some((root) => belongsTo(root, entry))) === true ? entries : undefined;
}

const belongsTo = (root: string, entry: StagedEntry): boolean =>
  isAtOrBelow(entry.path, root) &&
  (entry.kind !== 'link' || (entry.path !== root && leadsWithin(root, entry.path, entry.target)));

const OUTCOMES = ['exited', 'signalled', 'timed-out', 'cancelled', 'not-started'];

/** A result as the store says it; `undefined` if it is not in its form, or names a place that is not the job's. */
export function resultIn(
  text: string,
  places: { readonly outputs: readonly string[]; readonly metrics: string; readonly checkpoint?: string | undefined },
): StagedResult | undefined {
  let raw: StagedResult;
  try {
    raw = JSON.parse(text) as StagedResult;
  } catch {
    return undefined;
  }
  const isWhole =
    typeof raw === 'object' &&
    raw !== null &&
    OUTCOMES.includes(raw.outcome?.kind) &&
    typeof raw.isTold === 'boolean' &&
    typeof raw.node === 'string' &&
    typeof raw.durationMs === 'number';
  if (!isWhole) return undefined;
  const outputs = entriesIn(raw.outputs, places.outputs);
  const metrics = raw.metrics === undefined ? [] : entriesIn([raw.metrics], [places.metrics]);
  const checkpoint = raw.checkpoint === undefined ? [] : entriesIn(raw.checkpoint, [places.checkpoint ?? '']);
  const areMetricsOne =
    raw.metrics === undefined || (raw.metrics.kind === 'file' && raw.metrics.path === places.metrics);
  if (outputs === undefined || metrics === undefined || checkpoint === undefined || !areMetricsOne) return undefined;
  return raw.problem === undefined || isProblem(raw.problem) ? raw : undefined;
}
