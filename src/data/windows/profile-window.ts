import { createHash } from 'node:crypto';
import type { TableProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { mergeProfiles } from '../merge-profiles.js';

/** Smaller files are read together: keeping a profile of each would cost more than reading them again. */
const LEAST_BYTES = 16 * 1024 * 1024;

/** How text is read: profiles that were kept from another way of reading are made anew. */
const READING = 2;

type Dependencies = Pick<Services, 'files' | 'datasets' | 'artifacts' | 'registry'>;

/** A reference in whose cells the window's rows are counted, by a key that differs where it differs. */
export interface CountedFor {
  readonly profile: TableProfile;
  readonly key: string;
}

/**
 * The profile of a window, its large files profiled apart, each once for its content: a new file costs only its own scan, and
 * a window without a new file none. Rows are counted exactly in the reference's cells, so distances are those of one scan; the
 * window's own quantiles are within 0.001 of their rank. Files that straddle the window's ends are read again with the cut.
 */
export async function profileWindow(
  services: Dependencies,
  owner: string,
  source: TableSource,
  reference?: CountedFor,
): Promise<Result<TableProfile, Failure>> {
  const whole = () => services.datasets.profile(source, reference?.profile);
  if (source.from.kind !== 'files' || source.without !== undefined || source.segment !== undefined) return whole();
  const { paths } = source.from;
  const large = await largeFiles(services, paths);
  if (large.length === 0) return whole();
  const parts: TableProfile[] = [];
  const rest = new Set(paths);
  for (const path of large) {
    const part = await profileFile(services, owner, { path, source }, reference);
    // All files together may tell what one alone leaves open: which number of a date is the day.
    if (!part.ok) return part.error.code === 'table-malformed' && paths.length > 1 ? whole() : part;
    if (part.value === undefined || !isInside(part.value, source)) continue;
    parts.push(part.value);
    rest.delete(path);
  }
  if (rest.size > 0) {
    const from = { kind: 'files', paths: [...rest] } as const;
    const others = await services.datasets.profile({ ...source, from }, reference?.profile);
    if (!others.ok) return others;
    if (others.value.rows > 0 || parts.length === 0) parts.push(others.value);
  }
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return ok(only);
  return isAlike(parts) ? ok(mergeProfiles(parts)) : whole();
}

/** Those inside the workspace: only their content is known by a hash. */
async function largeFiles({ files }: Dependencies, paths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const stat = path.startsWith(`${files.root}/`) ? await files.stat(relative(files.root, path)) : undefined;
    if (stat !== undefined && stat.size >= LEAST_BYTES) found.push(path);
  }
  return found;
}

const relative = (root: string, path: string): WorkspacePath => path.slice(root.length + 1) as WorkspacePath;

/**
 * A file's own profile, kept by content; `undefined` where the file is gone by now. A file whose hash is not known yet is
 * hardly one whose profile is: it is profiled while it is hashed.
 */
async function profileFile(
  { artifacts, datasets, files, registry }: Dependencies,
  owner: string,
  { path, source }: { readonly path: string; readonly source: TableSource },
  reference: CountedFor | undefined,
): Promise<Result<TableProfile | undefined, Failure>> {
  const file = relative(files.root, path);
  const kind = kindOf(owner, source, reference);
  const unwanted = new AbortController();
  const part = partOf(path, source);
  const read = () => datasets.profile(part, reference?.profile, unwanted.signal);
  const stamp = artifacts.stamp([file]).get(file);
  let early: ReturnType<typeof read> | undefined;
  try {
    const hashed = await artifacts.hash([file], {
      beside: () => {
        early = read();
        // Whoever waits for it gets the error. Until then it must not count as unhandled.
        early.catch(() => undefined);
      },
    });
    const hash = hashed.get(file)?.hash;
    const kept = hash === undefined ? undefined : registry.profiles.get(hash, kind);
    if (hash === undefined || (kept !== undefined && kept.countedFor === reference?.key)) return ok(kept);
    const profile = await (early ?? read());
    if (!profile.ok) return profile;
    const found = { ...profile.value, countedFor: reference?.key };
    // what was read while the file was written is not what the hash says
    const isSame =
      artifacts.stamp([file]).get(file) === stamp && (await artifacts.hash([file])).get(file)?.hash === hash;
    if (isSame) registry.profiles.save(hash, kind, found);
    return ok(found);
  } finally {
    unwanted.abort();
    await early?.catch(() => undefined);
  }
}

/** One file of a window, read whole. */
export const partOf = (
  path: string,
  { types, timeColumn }: Pick<TableSource, 'types' | 'timeColumn'>,
): TableSource => ({
  from: { kind: 'files', paths: [path] },
  types,
  timeColumn,
});

function kindOf(owner: string, { timeColumn, types }: TableSource, reference: CountedFor | undefined): string {
  const known = [READING, owner, timeColumn ?? null, reference !== undefined, typesKey(types)];
  return `part ${JSON.stringify(known)}`;
}

/** A large file of a window whose profile is not known yet. */
export interface UnknownPart {
  /** Absolute. */
  readonly path: string;
  /** Keeps a profile of it, unless the file has changed since. */
  readonly keep: (profile: TableProfile) => Promise<void>;
}

/** The files that `profileWindow` would have to read one by one, so that somebody else can read them first. */
export async function unknownParts(
  { artifacts, files, registry, datasets }: Dependencies,
  owner: string,
  source: TableSource,
  reference?: CountedFor,
): Promise<readonly UnknownPart[]> {
  if (source.from.kind !== 'files' || source.without !== undefined || source.segment !== undefined) return [];
  const large = await largeFiles({ artifacts, files, registry, datasets }, source.from.paths);
  const kind = kindOf(owner, source, reference);
  const hashes = await artifacts.hash(large.map((path) => relative(files.root, path)));
  return large.flatMap((path): readonly UnknownPart[] => {
    const file = relative(files.root, path);
    const hash = hashes.get(file)?.hash;
    const kept = hash === undefined ? undefined : registry.profiles.get(hash, kind);
    if (hash === undefined || (kept !== undefined && kept.countedFor === reference?.key)) return [];
    const keep = async (profile: TableProfile): Promise<void> => {
      const now = (await artifacts.hash([file])).get(file)?.hash;
      if (now === hash) registry.profiles.save(hash, kind, { ...profile, countedFor: reference?.key });
    };
    return [{ path, keep }];
  });
}

const typesKey = (types: TableSource['types']): string =>
  types === undefined
    ? ''
    : createHash('sha256')
        .update(JSON.stringify([...types]))
        .digest('hex')
        .slice(0, 16);

/** Whether every row of it lies in the window: also none without a time, which no window has. */
function isInside({ time, columns }: TableProfile, { timeColumn, since, until }: TableSource): boolean {
  if (timeColumn === undefined || (since === undefined && until === undefined)) return true;
  const column = columns.find((one) => one.name === timeColumn);
  if (time === undefined || time.column !== timeColumn || column === undefined || column.missing > 0) return false;
  return (since === undefined || time.from >= since) && (until === undefined || time.to < until);
}

const NUMBERS = new Set(['number', 'integer']);

/** One scan would have read a column of several kinds as text. */
function isAlike(parts: readonly TableProfile[]): boolean {
  const kinds = new Map<string, string>();
  for (const { columns } of parts)
    for (const column of columns) {
      if (column.missing === column.rows) continue;
      const kind = NUMBERS.has(column.type) ? 'number' : column.type;
      if ((kinds.get(column.name) ?? kind) !== kind) return false;
      kinds.set(column.name, kind);
    }
  return true;
}
