import type Database from 'better-sqlite3';
import type { Snapshot } from '../../domain/data/snapshot.js';
import type { ContentHash, PipelineName } from '../../domain/ids.js';
import type { SnapshotRecords } from '../../domain/ports/records/data-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';

interface SnapshotRow {
  readonly pipeline: string;
  readonly dataset: string;
  readonly definition: string;
  readonly kind: string;
  readonly place: string;
  readonly question: string;
  readonly params_json: string;
  readonly object: string;
  readonly window_from: string;
  readonly window_until: string;
  readonly version: string | null;
  readonly updated: string | null;
  readonly columns_json: string;
  readonly hash: string;
  readonly size: number;
  readonly rows: number;
  readonly read_at: string;
}

const INSERT = `INSERT INTO source_snapshot(pipeline, dataset, definition, kind, place, question, params_json, object, window_from,
  window_until, version, updated, columns_json, hash, size, rows, read_at)
  VALUES (@pipeline, @dataset, @definition, @kind, @place, @question, @params_json, @object, @window_from,
  @window_until, @version, @updated, @columns_json, @hash, @size, @rows, @read_at)`;

/** Of each window or object the newest row that reaches furthest; of several places the one that was read last. */
const NEWEST = `SELECT * FROM source_snapshot AS s WHERE pipeline = ? AND dataset = ? AND definition = ?
  AND place = (SELECT place FROM source_snapshot WHERE pipeline = s.pipeline AND dataset = s.dataset
    AND definition = s.definition ORDER BY id DESC LIMIT 1)
  AND id = (SELECT id FROM source_snapshot WHERE pipeline = s.pipeline AND dataset = s.dataset AND definition = s.definition
    AND place = s.place AND object = s.object AND window_from = s.window_from ORDER BY window_until DESC, id DESC LIMIT 1)
  ORDER BY window_from, object`;

const OF_PLACE = `SELECT * FROM source_snapshot WHERE pipeline = ? AND dataset = ? AND definition = ? AND place = ? ORDER BY id`;

/** Records of what was read from remote sources. */
export function createSnapshotRecords(db: Database.Database): SnapshotRecords {
  return {
    record: (snapshot) =>
      void db.prepare(INSERT).run({
        pipeline: snapshot.pipeline,
        dataset: snapshot.dataset,
        definition: snapshot.definition,
        kind: snapshot.kind,
        place: snapshot.place,
        question: snapshot.question,
        params_json: JSON.stringify(snapshot.params),
        object: snapshot.object,
        window_from: toIso(snapshot.from),
        window_until: toIso(snapshot.until),
        version: snapshot.version ?? null,
        updated: snapshot.updated ?? null,
        columns_json: JSON.stringify(snapshot.columns),
        hash: snapshot.hash,
        size: snapshot.size,
        rows: snapshot.rows,
        read_at: toIso(snapshot.readAt),
      }),
    newest: (pipeline, dataset, definition) =>
      db.prepare<string[], SnapshotRow>(NEWEST).all(pipeline, dataset, definition).map(toSnapshot),
    ofPlace: (pipeline, dataset, { definition, place }) =>
      db.prepare<string[], SnapshotRow>(OF_PLACE).all(pipeline, dataset, definition, place).map(toSnapshot),
    withHash: (hash) =>
      db
        .prepare<string[], SnapshotRow>('SELECT * FROM source_snapshot WHERE hash = ? ORDER BY id')
        .all(hash)
        .map(toSnapshot),
    all: () => db.prepare<[], SnapshotRow>('SELECT * FROM source_snapshot ORDER BY id').all().map(toSnapshot),
  };
}

const toSnapshot = (row: SnapshotRow): Snapshot => ({
  pipeline: row.pipeline as PipelineName,
  dataset: row.dataset,
  definition: row.definition,
  kind: row.kind,
  place: row.place,
  question: row.question,
  params: JSON.parse(row.params_json) as Snapshot['params'],
  object: row.object,
  from: fromIso(row.window_from),
  until: fromIso(row.window_until),
  ...(row.version === null ? {} : { version: row.version }),
  ...(row.updated === null ? {} : { updated: row.updated }),
  columns: JSON.parse(row.columns_json) as Snapshot['columns'],
  hash: row.hash as ContentHash,
  size: row.size,
  rows: row.rows,
  readAt: fromIso(row.read_at),
});
