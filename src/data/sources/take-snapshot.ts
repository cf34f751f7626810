import { type Snapshot, type SnapshotColumn, snapshotPath } from '../../domain/data/snapshot.js';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import type { OpenSource, SourceRows, SourceSpan } from '../../domain/ports/sources.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';

export type SnapshotNeed = Pick<Services, 'files' | 'datasets' | 'artifacts' | 'registry' | 'clock' | 'isRecording'>;

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
  services: SnapshotNeed,
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
  services: SnapshotNeed,
  rows: SourceRows,
  { origin, columns, isRecorded, from, until, scratch, readAt, object }: Kept,
): Promise<Result<Taken, Failure>> {
  const name = `dataset "${origin.dataset}"`;
  const raw = `${scratch}/rows` as WorkspacePath;
  const { table } = rows;
  const input = table.kind === 'text' ? { ...table, path: services.files.absolute(raw) } : table;
  const file = `${scratch}/${origin.dataset}.parquet` as WorkspacePath;
  const written = await services.datasets.writeSnapshot({ name, input }, services.files.absolute(file));
  if (!written.ok) return written;
  if (table.kind === 'text' && table.rows !== written.value.rows)
    throw new Error(`internal error: ${table.rows} rows were read and ${written.value.rows} written`);
  const writtenFile = table.kind === 'text' ? 'rows' : table.path.slice(table.path.lastIndexOf('/') + 1);
  // What a command wrote beside it goes with the scratch folder.
  await services.files.remove(`${scratch}/${writtenFile}` as WorkspacePath);
  const changed = columns === undefined ? undefined : columnChange(name, columns, written.value.columns);
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
    ...written.value,
    hash,
    size,
    readAt,
  };
  if (!isRecorded) return ok({ snapshot, file });
  services.registry.snapshots.record(snapshot);
  await services.files.remove(file);
  return placeSnapshot(services, snapshot);
}

async function hashOf({ artifacts }: SnapshotNeed, file: WorkspacePath) {
  const artifact = (await artifacts.hash([file])).get(file);
  if (artifact === undefined) throw new Error('internal error: the rows of a source are not there');
  return ok(artifact);
}

/** Snapshots whose bytes the store still has. */
export async function storedOf(
  { artifacts }: Pick<SnapshotNeed, 'artifacts'>,
  snapshots: readonly Snapshot[],
): Promise<readonly Snapshot[]> {
  const has = await Promise.all(snapshots.map(({ hash }) => artifacts.has(hash)));
  return snapshots.filter((_, i) => has[i]);
}

/** Puts the stored bytes of a snapshot where steps read them, unless they are there. */
export async function placeSnapshot(
  services: Pick<SnapshotNeed, 'files' | 'artifacts'>,
  snapshot: Snapshot,
): Promise<Result<Taken, Failure>> {
  const file = snapshotPath(snapshot);
  const found = (await services.artifacts.hash([file])).get(file);
  if (found?.hash === snapshot.hash) return ok({ snapshot, file });
  const restored = await services.artifacts.restore(snapshot.hash, file, { isReadOnly: true });
  return restored.ok ? ok({ snapshot, file }) : restored;
}

function columnChange(
  source: string,
  before: readonly SnapshotColumn[],
  after: readonly SnapshotColumn[],
): Failure | undefined {
  const [was, is] = [before, after].map((list) => new Map(list.map(({ name, type }) => [name, type])));
  const missing = before.flatMap(({ name }) => (is?.has(name) === true ? [] : [name]));
  const added = after.flatMap(({ name }) => (was?.has(name) === true ? [] : [name]));
  const changed = after.flatMap(({ name, type }) => {
    const earlier = was?.get(name);
    return earlier === undefined || earlier === type ? [] : [`${name}: ${earlier}, now ${type}`];
  });
  if (missing.length + added.length + changed.length === 0) return undefined;
  return { code: 'source-columns-changed', source, missing, added, changed };
}
