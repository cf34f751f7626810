import { type Snapshot, type SnapshotColumn, snapshotPath } from '../../domain/data/snapshot.js';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import type { OpenSource, SourceColumn, SourceRows, SourceSpan } from '../../domain/ports/sources.js';
import { baseName } from '../../domain/support/paths.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';

export type SnapshotDependencies = Pick<
  Services,
  'files' | 'datasets' | 'artifacts' | 'registry' | 'clock' | 'isRecording'
>;

/** What every snapshot of one reading shares. */
export type SnapshotOrigin = Pick<
  Snapshot,
  'pipeline' | 'dataset' | 'definition' | 'kind' | 'place' | 'question' | 'params'
>;

export interface Taken {
  readonly snapshot: Snapshot;
  readonly file: WorkspacePath;
}

interface Asked extends SourceSpan {
  readonly origin: SnapshotOrigin;
  /** Columns that it must have, because the rows of other windows stand beside them. */
  readonly columns?: readonly SnapshotColumn[];
  /** False: the rows are used by this command alone. */
  readonly isRecorded: boolean;
}

/** Reads one window into a Parquet file, and records it once it is complete. Of a part nothing stays. */
export async function takeSnapshot(
  services: SnapshotDependencies,
  source: OpenSource,
  asked: Asked,
): Promise<Result<Taken, Failure>> {
  const { from, until } = asked;
  const scratch = await services.files.makeScratch('source');
  const raw = `${scratch}/rows` as WorkspacePath;
  const readAt = services.clock.now();
  const read = await source.read({ from, until }, services.files.absolute(raw));
  if (!read.ok) return read;
  return keepRows(services, read.value, { ...asked, scratch, readAt, object: '' });
}

export interface Kept extends Asked {
  /** Holds what was read, under the name `rows` and perhaps an ending. */
  readonly scratch: string;
  readonly readAt: Instant;
  /** Key of an object; empty for a window. */
  readonly object: string;
}

/** Makes one Parquet file of rows that were read, and records it. */
export async function keepRows(
  services: SnapshotDependencies,
  rows: SourceRows,
  { origin, columns, isRecorded, from, until, scratch, readAt, object }: Kept,
): Promise<Result<Taken, Failure>> {
  const name = `dataset "${origin.dataset}"`;
  const raw = `${scratch}/rows` as WorkspacePath;
  const { table } = rows;
  const typed = table.kind === 'text' ? withKnownTypes(table.columns, columns) : [];
  const input = table.kind === 'text' ? { ...table, columns: typed, path: services.files.absolute(raw) } : table;
  const file = `${scratch}/${origin.dataset}.parquet` as WorkspacePath;
  const written = await services.datasets.writeSnapshot({ name, input }, services.files.absolute(file));
  if (!written.ok) return written;
  if (table.kind === 'text' && table.rows !== written.value.rows)
    throw new Error(`internal error: ${table.rows} rows were read and ${written.value.rows} written`);
  const writtenFile = table.kind === 'text' ? 'rows' : baseName(table.path);
  // What a command wrote beside it goes with the scratch folder.
  await services.files.remove(`${scratch}/${writtenFile}` as WorkspacePath);
  const empty = new Set(typed.filter(({ isEmpty }) => isEmpty).map((column) => column.name));
  const own = written.value.columns.map((one) => (empty.has(one.name) ? { ...one, isEmpty: true } : one));
  const changed = columns === undefined ? undefined : columnChange(name, columns, own);
  if (changed !== undefined) return err(changed);
  const saved = isRecorded ? await services.artifacts.save(file) : await hashOf(services, file);
  if (!saved.ok) return saved;
  const { hash, size } = saved.value;
  const { version, updated } = rows;
  const snapshot: Snapshot = {
    ...origin,
    object,
    from,
    until,
    version,
    updated,
    rows: written.value.rows,
    columns: own,
    hash,
    size,
    readAt,
  };
  if (!isRecorded) return ok({ snapshot, file });
  services.registry.snapshots.record(snapshot);
  await services.files.remove(file);
  return placeSnapshot(services, snapshot);
}

async function hashOf({ artifacts }: SnapshotDependencies, file: WorkspacePath) {
  const artifact = (await artifacts.hash([file])).get(file);
  if (artifact === undefined) throw new Error('internal error: the rows of a source are not there');
  return ok(artifact);
}

/** Snapshots whose bytes the store still has. */
export async function storedOf(
  { artifacts }: Pick<SnapshotDependencies, 'artifacts'>,
  snapshots: readonly Snapshot[],
): Promise<readonly Snapshot[]> {
  const has = await Promise.all(snapshots.map(({ hash }) => artifacts.has(hash)));
  return snapshots.filter((_, i) => has[i]);
}

/** Puts the stored bytes of a snapshot where steps read them, unless they are there. */
export async function placeSnapshot(
  services: Pick<SnapshotDependencies, 'files' | 'artifacts'>,
  snapshot: Snapshot,
): Promise<Result<Taken, Failure>> {
  const file = snapshotPath(snapshot);
  const found = (await services.artifacts.hash([file])).get(file);
  if (found?.hash === snapshot.hash) return ok({ snapshot, file });
  const restored = await services.artifacts.restore(snapshot.hash, file, { isReadOnly: true });
  return restored.ok ? ok({ snapshot, file }) : restored;
}

/** The columns without values have the type that they have in other windows. */
const withKnownTypes = (
  columns: readonly SourceColumn[],
  known: readonly SnapshotColumn[] = [],
): readonly SourceColumn[] =>
  columns.map((column) => {
    const other = column.isEmpty === true ? known.find(({ name }) => name === column.name) : undefined;
    return other === undefined ? column : { ...column, type: other.type };
  });

/** The columns of windows, each with the type of one that has values in it, if there is one. */
export const settledColumns = (
  known: readonly SnapshotColumn[] | undefined,
  next: readonly SnapshotColumn[],
): readonly SnapshotColumn[] => {
  const others = new Map(next.map((column) => [column.name, column]));
  return known?.map((column) => (column.isEmpty === true ? (others.get(column.name) ?? column) : column)) ?? next;
};

function columnChange(
  source: string,
  before: readonly SnapshotColumn[],
  after: readonly SnapshotColumn[],
): Failure | undefined {
  const [was, is] = [before, after].map((list) => new Map(list.map((column) => [column.name, column])));
  const missing = before.flatMap(({ name }) => (is?.has(name) === true ? [] : [name]));
  const added = after.flatMap(({ name }) => (was?.has(name) === true ? [] : [name]));
  const changed = after.flatMap(({ name, type, isEmpty }) => {
    const earlier = was?.get(name);
    if (earlier === undefined || earlier.type === type || earlier.isEmpty === true || isEmpty === true) return [];
    return [`${name}: ${earlier.type}, now ${type}`];
  });
  if (missing.length + added.length + changed.length === 0) return undefined;
  return { code: 'source-columns-changed', source, missing, added, changed };
}
