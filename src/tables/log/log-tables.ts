import type { Failure } from '../../domain/failure.js';
import type { PredictionSources } from '../../domain/ports/prediction-log.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Connection } from '../connection.js';
import { literal } from '../quoted.js';
import type { Broken } from './log-faults.js';
import type { ReadSource } from './log-files.js';
import type { AbsentColumns } from './log-sql.js';

/** Version of the tables below and of how text is read. With another number everything is read again. */
const FORMAT = 3;

export type QueryLog = (sql: string) => Promise<Result<readonly Readonly<Record<string, unknown>>[], Failure>>;

/** The attached database that holds the joined log, and what it is made from. */
export interface LogTables {
  readonly connection: Connection;
  readonly sources: PredictionSources;
  /** Name of the attached database. */
  readonly db: string;
  readonly ask: QueryLog;
}

/** What the tables hold, and whether an update of them has ended. */
export interface LogMeta {
  readonly signature: string;
  readonly isClean: boolean;
  readonly unusable: number;
  readonly unusableLabels: number;
  /** Identity of the label query's data; empty without a query. */
  readonly identity: string;
  readonly broken?: Broken;
  /** Of the predictions read so far. */
  readonly absent?: AbsentColumns;
}

/** Identifies the columns that the tables were made for. Tables with another signature are made anew. */
export const signatureOf = ({ predictions: { paths: _, ...names }, labels, segments }: PredictionSources): string =>
  JSON.stringify([
    FORMAT,
    names,
    segments,
    labels === undefined ? null : [labels.from, labels.label, 'key' in labels ? labels.key : null],
  ]);

/** What the tables hold; `undefined` if the attached database has no such tables. */
export async function readMeta({ ask, db }: LogTables): Promise<LogMeta | undefined> {
  const found = await ask(`SELECT json FROM ${db}.meta`);
  return found.ok && found.value[0] !== undefined ? (JSON.parse(String(found.value[0].json)) as LogMeta) : undefined;
}

export const writeMeta = ({ ask, db }: LogTables, meta: LogMeta): Promise<Result<unknown, Failure>> =>
  ask(`UPDATE ${db}.meta SET json = ${literal(JSON.stringify(meta))}`);

/** Names of the columns that hold the segments: `s0`, `s1` and so on. */
export const segmentColumns = ({ segments }: PredictionSources): readonly string[] => segments.map((_, i) => `s${i}`);

/** Makes empty tables, in place of those that may be there. */
export async function makeTables({ ask, db, sources }: LogTables): Promise<Result<unknown, Failure>> {
  const segments = segmentColumns(sources)
    .map((name) => `, ${name} VARCHAR`)
    .join('');
  return ask(
    `CREATE OR REPLACE TABLE ${db}.meta AS SELECT '{}' AS json;
     CREATE OR REPLACE TABLE ${db}.source(path VARCHAR, kind VARCHAR, json VARCHAR);
     CREATE OR REPLACE TABLE ${db}.label(key VARCHAR, label DOUBLE);
     CREATE OR REPLACE TABLE ${db}.prediction(key VARCHAR, ms BIGINT, prediction DOUBLE, label DOUBLE${segments});`,
  );
}

export type SourceKind = 'prediction' | 'label';

/** How far each file has been read, by its path. */
export async function readSources({ ask, db }: LogTables) {
  const found = await ask(`SELECT * FROM ${db}.source`);
  if (!found.ok) return found;
  const of = (kind: SourceKind): ReadonlyMap<string, ReadSource> =>
    new Map(
      found.value
        .filter((row) => row.kind === kind)
        .map((row) => [String(row.path), JSON.parse(String(row.json)) as ReadSource]),
    );
  return ok({ prediction: of('prediction'), label: of('label') });
}

export const writeSource = (
  { ask, db }: LogTables,
  kind: SourceKind,
  source: ReadSource,
): Promise<Result<unknown, Failure>> =>
  ask(
    `DELETE FROM ${db}.source WHERE path = ${literal(source.path)} AND kind = '${kind}';
     INSERT INTO ${db}.source VALUES (${literal(source.path)}, '${kind}', ${literal(JSON.stringify(source))})`,
  );
