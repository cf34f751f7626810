import type { RemoteTarget } from '../exchange/remote.js';
import type { ContentHash } from '../ids.js';
import type { JobResult, JobTry } from './job-files.js';
import type { StagingProblem } from './staging-problem.js';

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

/** How the program on the node finds its work. */
export interface StagedHandOff {
  /** The folder of the store that belongs to one workspace. */
  readonly area: string;
  readonly run: string;
}

/** The argument of the program on the node, as JSON. */
export interface StagedStart extends StagedHandOff {
  readonly remote: RemoteTarget;
  readonly batch: number;
}

/** What the engine hands over through the environment of the program: it must not lie in the store. */
export interface Confided {
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
  return text === '' ? { env: {}, masked: [], store: {} } : (JSON.parse(text) as Confided);
}

/** Exit code of the program on the node that could not put its result into the store. */
export const STORE_UNREACHABLE = 76;

const runFolder = ({ area, run }: StagedHandOff): string => `staging/${area}/runs/${run}/`;

/** Names of what lies in the store. Files are written once, whole. */
export const stagedNames = {
  area: (area: string): string => `staging/${area}/`,
  object: (area: string, hash: string): string => `staging/${area}/objects/${hash.slice(0, 2)}/${hash.slice(2)}`,
  run: runFolder,
  /** The tasks of one submission, one a line, in the order of the array. */
  batch: (at: StagedHandOff, batch: number): string => `${runFolder(at)}${batch}.tasks`,
  task: (at: StagedHandOff, task: string): string => `${runFolder(at)}${task}/`,
  spec: (at: StagedHandOff, task: string): string => `${runFolder(at)}${task}/spec.json`,
  cancelled: (at: StagedHandOff, task: string): string => `${runFolder(at)}${task}/cancelled`,
  claim: (at: StagedHandOff, task: string, restart: number): string => `${runFolder(at)}${task}/claim.${restart}`,
  result: (at: StagedHandOff, task: string, restart: number): string =>
    `${runFolder(at)}${task}/result.${restart}.json`,
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

const isWithin = (path: string, roots: readonly string[]): boolean =>
  roots.some((root) => path === root || path.startsWith(`${root}/`));

/** Entries as a store says them, each of them at or below one of `roots`; `undefined` if anything of it is not in their form. */
export function entriesIn(value: unknown, roots: readonly string[]): readonly StagedEntry[] | undefined {
  if (!Array.isArray(value) || !value.every(isEntry) || !isTree(value)) return undefined;
  return value.every(({ path }) => isWithin(path, roots)) ? value : undefined;
}

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
  return outputs === undefined || metrics === undefined || checkpoint === undefined ? undefined : raw;
}
