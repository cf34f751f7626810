import type { Snapshot } from '../../domain/data/snapshot.js';
import type { Failure } from '../../domain/failure.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import {
  isObjects,
  MOST_WINDOWS,
  questionOf,
  type RemoteSource,
  windowsEnd,
} from '../../domain/pipeline/remote-source.js';
import type { Services } from '../../domain/ports/services.js';
import type { OpenSource, SourceSpan } from '../../domain/ports/sources.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { DAY_MS, type Instant, toIso } from '../../domain/support/time.js';
import { definitionOf, hasRows, paramsOf, placeSnapshots } from '../../pipeline/with-snapshots.js';
import { findLateRows, isSame, type LateRows, spellLate } from './late-rows.js';
import { missingColumn, uncastTime } from './missing-column.js';
import { openCommand } from './open-command.js';
import { readObjects } from './read-objects.js';
import { finalSnapshot, windowsOf } from './source-windows.js';
import {
  placeSnapshot,
  type SnapshotDependencies,
  type SnapshotOrigin,
  settledColumns,
  storedOf,
  type Taken,
  takeSnapshot,
} from './take-snapshot.js';

type Dependencies = SnapshotDependencies & Pick<Services, 'sources' | 'emit' | 'processes' | 'surroundings' | 'signal'>;

/** Commands say so long before that a source will have too many windows. */
const END_IN_SIGHT_MS = 30 * DAY_MS;

interface ReadOptions {
  readonly now: Instant;
  /** False for a dry run: what is read is used by this command and recorded nowhere. */
  readonly isRecorded?: boolean;
}

/**
 * Reads the remote sources of a pipeline up to `now`, and puts their snapshots in the place of the sources. Everything behind it
 * (windows, profiles, checks, fingerprints) sees datasets of files.
 */
export async function readSources(
  services: Dependencies,
  pipeline: Pipeline,
  options: ReadOptions,
): Promise<Result<Pipeline, Failure>> {
  const files = new Map<string, readonly string[]>();
  for (const dataset of pipeline.datasets) {
    if (dataset.remote === undefined) continue;
    const read = await readSource(services, pipeline, { ...dataset, remote: dataset.remote }, options);
    if (!read.ok) return read;
    files.set(dataset.name, read.value);
  }
  return ok(files.size === 0 ? pipeline : placeSnapshots(pipeline, ({ name }) => files.get(name) ?? []));
}

async function readSource(
  services: Dependencies,
  { name: pipeline }: Pipeline,
  { name: dataset, time, remote }: Dataset & { readonly remote: RemoteSource },
  { now, isRecorded = true }: ReadOptions,
): Promise<Result<readonly string[], Failure>> {
  if (isObjects(remote.place))
    return readObjects(
      services,
      { pipeline, dataset, time, remote, place: remote.place },
      isRecorded && services.isRecording,
    );
  const windows = windowsOf(remote, now);
  const end = windowsEnd(dataset, remote, { now, withinMs: END_IN_SIGHT_MS });
  if (end !== undefined && windows.length > MOST_WINDOWS)
    return err({ code: 'usage', problem: end.message, next: end.suggestion });
  if (end !== undefined)
    services.emit({ type: 'warning', code: 'many-windows', text: `${end.message}; ${end.suggestion}` });
  const opened = await open(services, dataset, remote, time);
  if (!opened.ok) return opened;
  await using source = opened.value;
  const { place } = source;
  const definition = definitionOf(remote);
  const known = await storedOf(services, services.registry.snapshots.ofPlace(pipeline, dataset, { definition, place }));
  const finals = windows.flatMap((window) => finalSnapshot(remote, known, window) ?? []);
  const late = await findLateRows(source, finals);
  if (!late.ok) return late;
  warnOfLateRows(services, dataset, remote, late.value);
  const again = remote.onLate === 'read' ? late.value.map(({ snapshot }) => snapshot) : [];
  const kept = finals.filter((one) => !again.includes(one));
  const origin: SnapshotOrigin = {
    pipeline,
    dataset,
    definition,
    kind: remote.place.kind,
    place,
    question: questionOf(remote.place),
    params: paramsOf(remote.place),
  };
  const reading: Reading = {
    remote,
    time,
    source,
    known,
    kept,
    origin,
    isRecorded: isRecorded && services.isRecording,
  };
  const taken = await readWindows(services, reading, windows);
  return taken.ok ? ok(taken.value.filter(({ snapshot }) => hasRows(snapshot)).map(({ file }) => file)) : taken;
}

async function open(
  services: Dependencies,
  dataset: string,
  source: RemoteSource,
  time: string | undefined,
): Promise<Result<OpenSource, Failure>> {
  const { place } = source;
  if (place.kind === 'command') return openCommand(services, dataset, source, place);
  const outside = place.kind === 'sqlite' || place.kind === 'duckdb' ? services.files.outside(place.path) : undefined;
  if (outside !== undefined)
    return err({ code: 'data-outside-workspace', source: `dataset "${dataset}"`, path: outside });
  return services.sources.open({ dataset, source, time });
}

function warnOfLateRows(
  services: Dependencies,
  dataset: string,
  remote: RemoteSource,
  late: readonly LateRows[],
): void {
  const then =
    remote.onLate === 'read'
      ? 'the window is read again'
      : 'its snapshot stays as it is; on_late: read reads such windows again';
  for (const one of late)
    services.emit({
      type: 'warning',
      code: 'late-rows',
      text: `dataset "${dataset}", window ${spellSpan(one.snapshot)}: ${spellLate(one)} since ${toIso(one.snapshot.readAt)}; ${then}`,
    });
}

interface Reading {
  readonly remote: RemoteSource;
  readonly time: string | undefined;
  readonly source: OpenSource;
  readonly known: readonly Snapshot[];
  /** Snapshots of final windows, which stay. */
  readonly kept: readonly Snapshot[];
  readonly origin: SnapshotOrigin;
  readonly isRecorded: boolean;
}

async function readWindows(
  services: Dependencies,
  reading: Reading,
  windows: readonly SourceSpan[],
): Promise<Result<readonly Taken[], Failure>> {
  const { kept, known, remote, origin } = reading;
  const all: Taken[] = [];
  // A command writes types as it likes: they are compared when its files are read together.
  const isTyped = windows.length > 1 && remote.place.kind !== 'command';
  let columns = isTyped ? columnsOf(known) : undefined;
  for (const window of windows) {
    const final = kept.find((one) => one.from === window.from && one.until === window.until);
    const old = final === undefined ? await findUnchanged(reading, window) : ok(final);
    if (!old.ok) return old;
    if (old.value === undefined)
      services.emit({ type: 'phase', text: `reading dataset "${origin.dataset}": ${spellSpan(window)}` });
    const one =
      old.value === undefined
        ? await takeSnapshot(services, reading.source, { ...window, ...reading, columns })
        : await placeSnapshot(services, old.value);
    if (!one.ok) return one;
    const missing = missingColumn(reading.time, one.value.snapshot);
    if (missing !== undefined) return err(missing);
    const uncast = uncastTime(reading.time, remote.place, one.value.snapshot);
    if (uncast !== undefined) return err(uncast);
    if (isTyped) columns = settledColumns(columns, one.value.snapshot.columns);
    all.push(one.value);
  }
  return ok(all);
}

/** The columns of the newest snapshot, with the types of earlier ones where it has no values. */
function columnsOf(known: readonly Snapshot[]): Snapshot['columns'] | undefined {
  const [newest, ...older] = known.map(({ columns }) => columns).reverse();
  return newest === undefined ? undefined : older.reduce(settledColumns, newest);
}

/** With a column `updated`, a window that has the same count and the same newest change is not read again. */
async function findUnchanged(
  { remote, source, known }: Reading,
  window: SourceSpan,
): Promise<Result<Snapshot | undefined, Failure>> {
  const last = known.findLast(({ from, until }) => from === window.from && until <= window.until);
  if (remote.updated === undefined || last === undefined) return ok(undefined);
  const now = await source.probe(window);
  if (!now.ok) return now;
  return ok(now.value !== undefined && isSame(now.value, last) ? last : undefined);
}

/** `2026-11-02 to 2026-11-09`; times only where they are not midnight. */
const spellSpan = ({ from, until }: SourceSpan): string =>
  from <= 0 ? `everything before ${spellTime(until)}` : `${spellTime(from)} to ${spellTime(until)}`;

const spellTime = (at: Instant): string =>
  toIso(at)
    .replace(/T00:00:00.000Z$/, '')
    .replace(/\.\d+Z$/, 'Z');
