import type { Snapshot } from '../../domain/data/snapshot.js';
import type { Failure } from '../../domain/failure.js';
import type { PipelineName, WorkspacePath } from '../../domain/ids.js';
import { type ObjectPlace, questionOf, type RemoteSource } from '../../domain/pipeline/remote-source.js';
import type { Services } from '../../domain/ports/services.js';
import type { OpenObjects, SourceObject } from '../../domain/ports/sources.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { instantOf } from '../../domain/support/time.js';
import { definitionOf, hasRows } from '../../pipeline/with-snapshots.js';
import { missingColumn } from './missing-column.js';
import { keepRows, placeSnapshot, type SnapshotDependencies, type SnapshotOrigin, storedOf } from './take-snapshot.js';

type Dependencies = SnapshotDependencies & Pick<Services, 'sources' | 'emit'>;

/** More objects are a mistake in the pattern: each is a request and a file. */
const MOST_OBJECTS = 10_000;

interface Asked {
  readonly pipeline: PipelineName;
  readonly dataset: string;
  readonly time: string | undefined;
  readonly remote: RemoteSource;
  readonly place: ObjectPlace;
}

/**
 * Reads the objects that a place holds now, each into a snapshot of its own. One whose version is that of its snapshot is not fetched
 * again. What changed, came or went since the last reading is named.
 */
export async function readObjects(
  services: Dependencies,
  { pipeline, dataset, time, remote, place: asked }: Asked,
  isRecorded: boolean,
): Promise<Result<readonly string[], Failure>> {
  const opened = await services.sources.openObjects({ dataset, source: remote, place: asked });
  if (!opened.ok) return opened;
  await using source = opened.value;
  const { place } = source;
  const listed = await source.list();
  if (!listed.ok) return listed;
  if (listed.value.length > MOST_OBJECTS)
    return err({
      code: 'usage',
      problem: `dataset "${dataset}" has more than ${MOST_OBJECTS} objects`,
      next: 'name fewer of them in the pattern of its "url"',
    });
  const definition = definitionOf(remote);
  const recorded = services.registry.snapshots.ofPlace(pipeline, dataset, { definition, place });
  const newest = new Map((await storedOf(services, recorded)).map((one) => [one.object, one]));
  const origin = { pipeline, dataset, definition, kind: asked.kind, place, question: questionOf(asked), params: {} };
  const files: string[] = [];
  for (const object of listed.value) {
    const one = await readObject(services, { source, object, time, origin, isRecorded, last: newest.get(object.name) });
    if (!one.ok) return one;
    files.push(...one.value);
  }
  forgetOthers(services, listed.value, [...newest.values()], isRecorded);
  return ok(files);
}

interface Reading {
  readonly source: OpenObjects;
  readonly object: SourceObject;
  readonly time: string | undefined;
  readonly origin: SnapshotOrigin;
  readonly isRecorded: boolean;
  /** What was read of this object last. */
  readonly last: Snapshot | undefined;
}

async function readObject(
  services: Dependencies,
  { source, object, time, origin, isRecorded, last }: Reading,
): Promise<Result<readonly string[], Failure>> {
  const place = async (snapshot: Snapshot): Promise<Result<readonly string[], Failure>> => {
    const missing = missingColumn(time, snapshot);
    if (missing !== undefined) return err(missing);
    if (!hasRows(snapshot)) return ok([]);
    const placed = await placeSnapshot(services, snapshot);
    return placed.ok ? ok([placed.value.file]) : placed;
  };
  if (last?.version !== undefined && last.version === object.version) return place(last);
  const scratch = await services.files.makeScratch('source');
  const readAt = services.clock.now();
  const to = services.files.absolute(`${scratch}/rows` as WorkspacePath);
  const read = await source.read(object, last?.version, to);
  if (!read.ok) return read;
  if (read.value === 'unchanged') {
    if (last !== undefined) return place(last);
    throw new Error('internal error: an object that was never read is unchanged');
  }
  const what = last === undefined || !hasRows(last) ? 'is new' : last.version === undefined ? 'is read' : 'has changed';
  services.emit({ type: 'phase', text: `reading dataset "${origin.dataset}": ${object.name} ${what}` });
  const span = { from: instantOf(0), until: readAt };
  const kept = await keepRows(services, read.value, {
    ...span,
    origin,
    isRecorded,
    scratch,
    readAt,
    object: object.name,
  });
  if (!kept.ok) return kept;
  const missing = missingColumn(time, kept.value.snapshot);
  if (missing !== undefined) return err(missing);
  return ok(hasRows(kept.value.snapshot) ? [kept.value.file] : []);
}

/** An object that is gone has no rows from now on: what was read of it stays for the runs that used it. */
function forgetOthers(
  services: Dependencies,
  listed: readonly SourceObject[],
  known: readonly Snapshot[],
  isRecorded: boolean,
): void {
  const names = new Set(listed.map(({ name }) => name));
  for (const one of known) {
    if (names.has(one.object) || !hasRows(one)) continue;
    services.emit({
      type: 'warning',
      code: 'object-gone',
      text: `dataset "${one.dataset}": ${one.object} is gone, and its ${one.rows} ${one.rows === 1 ? 'row' : 'rows'} with it`,
    });
    const readAt = services.clock.now();
    const { version: _, ...gone } = one;
    if (isRecorded) services.registry.snapshots.record({ ...gone, rows: 0, until: readAt, readAt });
  }
}
