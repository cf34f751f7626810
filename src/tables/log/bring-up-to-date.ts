import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Connection } from '../connection.js';
import { addLabels, type LabelsAdded, queryLabels } from './add-labels.js';
import { addPredictions } from './add-predictions.js';
import { sumBroken } from './log-faults.js';
import { newSince, removeCopies, type ToRead } from './log-files.js';
import { type AbsentColumns, namesIn, noSuchColumn } from './log-sql.js';
import {
  type LogMeta,
  type LogTables,
  makeTables,
  readMeta,
  readSources,
  signatureOf,
  writeMeta,
  writeSource,
} from './log-tables.js';

/** Adds what is new since the last time. Where that cannot be told, makes the tables anew and reads everything. */
export async function bringUpToDate(tables: LogTables): Promise<Result<void, Failure>> {
  const signature = signatureOf(tables.sources);
  const meta = await readMeta(tables);
  if (meta?.isClean === true && meta.signature === signature) {
    const added = await addNew(tables, meta);
    if (!added.ok || added.value) return added.ok ? ok(undefined) : added;
  }
  const made = await makeTables(tables);
  if (!made.ok) return made;
  const read = await addNew(tables, { signature, isClean: true, unusable: 0, unusableLabels: 0, identity: '' });
  return read.ok ? ok(undefined) : read;
}

interface NewFiles {
  readonly predictions: readonly ToRead[];
  readonly labels: readonly ToRead[];
}

/** Reads new rows. `false` means that they cannot be told from old ones, and everything must be read again. */
async function addNew(tables: LogTables, meta: LogMeta): Promise<Result<boolean, Failure>> {
  const { labels } = tables.sources;
  const found = await findNewFiles(tables);
  if (!found.ok) return found;
  if (found.value === undefined) return ok(false);
  const files = found.value;
  const identity = labels?.from === 'query' ? labels.identity : '';
  const isNothing = files.predictions.length === 0 && files.labels.length === 0 && identity === meta.identity;
  if (isNothing) return ok(true);
  const begun = await writeMeta(tables, { ...meta, isClean: false });
  if (!begun.ok) return begun;
  try {
    const after = await addFiles(tables, files, { meta, identity });
    if (!after.ok) return after;
    const saved = await saveSources(tables, files);
    if (!saved.ok) return saved;
    const ended = await writeMeta(tables, after.value);
    return ended.ok ? ok(true) : ended;
  } finally {
    removeCopies([...files.predictions, ...files.labels]);
  }
}

/** The new lines of the files; `undefined` where a known file has changed other than by growing, or is gone. */
async function findNewFiles(tables: LogTables): Promise<Result<NewFiles | undefined, Failure>> {
  const { sources, connection } = tables;
  const labelPaths = sources.labels?.from === 'files' ? sources.labels.paths : [];
  const known = await readSources(tables);
  if (!known.ok) return known;
  const allowed = requireAllowed(connection, [...sources.predictions.paths, ...labelPaths]);
  if (!allowed.ok) return allowed;
  const predictions = newSince(known.value.prediction, sources.predictions.paths, connection.temporaryPath);
  const labels = newSince(known.value.label, labelPaths, connection.temporaryPath);
  return ok(predictions === undefined || labels === undefined ? undefined : { predictions, labels });
}

/** These files are read without DuckDB first, so its confinement alone would not hold for them. */
function requireAllowed({ placeFault }: Connection, paths: readonly string[]): Result<void, Failure> {
  for (const path of paths) {
    const fault = placeFault(path, path);
    if (fault !== undefined) return err(fault);
  }
  return ok(undefined);
}

/** Adds the rows of new files. Returns what the tables hold then. */
async function addFiles(
  tables: LogTables,
  files: NewFiles,
  { meta, identity }: { readonly meta: LogMeta; readonly identity: string },
): Promise<Result<LogMeta, Failure>> {
  const { labels } = tables.sources;
  const added = await addPredictions(tables, files.predictions);
  if (!added.ok) return added;
  const absent = stillAbsent(meta.absent, added.value.absent);
  const required = requireSeen(tables, absent);
  if (!required.ok) return required;
  const none: LabelsAdded = { odd: 0 };
  const labelled = labels?.from === 'files' ? await addLabels(tables, labels, files.labels) : ok(none);
  if (!labelled.ok) return labelled;
  const queried = identity === meta.identity ? ok(meta.unusableLabels) : await queryLabels(tables);
  if (!queried.ok) return queried;
  return ok({
    ...meta,
    isClean: true,
    identity,
    absent,
    unusable: meta.unusable + added.value.unusable,
    broken: sumBroken(sumBroken(meta.broken, added.value.broken), labelled.value.broken),
    unusableLabels:
      labels?.from === 'query' ? queried.value : meta.unusableLabels + labelled.value.odd + added.value.unusableLabels,
  });
}

/** What neither the rows read before nor these have; `undefined` before there are rows. */
const stillAbsent = (before: AbsentColumns | undefined, now: AbsentColumns | undefined): AbsentColumns | undefined =>
  before === undefined || now === undefined
    ? (before ?? now)
    : { ...now, columns: before.columns.filter((column) => now.columns.includes(column)) };

/** Without these columns there is no prediction, or none that has a label. */
function requireSeen({ sources }: LogTables, absent: AbsentColumns | undefined): Result<void, Failure> {
  const { time, prediction, key } = sources.predictions;
  const by = namesIn(sources);
  const required = [
    { column: time, namedBy: by.time },
    { column: prediction, namedBy: by.prediction },
    ...(key === undefined ? [] : [{ column: key, namedBy: by.key }]),
  ];
  const missing = required.find(({ column }) => absent?.columns.includes(column));
  if (missing === undefined || absent === undefined) return ok(undefined);
  return err(noSuchColumn(missing, { source: 'predictions', available: absent.available }));
}

async function saveSources(tables: LogTables, files: NewFiles): Promise<Result<void, Failure>> {
  for (const [kind, read] of [
    ['prediction', files.predictions],
    ['label', files.labels],
  ] as const)
    for (const { source } of read) {
      const saved = await writeSource(tables, kind, source);
      if (!saved.ok) return saved;
    }
  return ok(undefined);
}
