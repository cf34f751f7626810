import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import type { PredictionSources } from '../../domain/ports/prediction-log.js';
import { ok, type Result } from '../../domain/support/result.js';
import { requireNumber } from '../connection.js';
import { identifier } from '../quoted.js';
import { type Broken, brokenIn } from './log-faults.js';
import type { ToRead } from './log-files.js';
import {
  type AbsentColumns,
  absentInJson,
  keySql,
  logTable,
  type NamedColumn,
  namesIn,
  numberSql,
  requireColumns,
  timeSql,
} from './log-sql.js';
import { type LogTables, segmentColumns } from './log-tables.js';

/** Rows of the files that are no predictions or labels. */
export interface Unusable {
  readonly unusable: number;
  readonly unusableLabels: number;
  readonly broken?: Broken;
  /** Named columns that no row of the files has. */
  readonly absent?: AbsentColumns;
}

/** Adds the rows of prediction files. Rows without a time or a finite prediction are counted, not added. */
export async function addPredictions(tables: LogTables, files: readonly ToRead[]): Promise<Result<Unusable, Failure>> {
  const { sources, ask, db, connection } = tables;
  const full = files.filter(({ source }) => source.size > 0);
  if (full.length === 0) return ok({ unusable: 0, unusableLabels: 0 });
  const columns = columnsOf(sources);
  const paths = full.map(({ path }) => path);
  const log = await logTable(
    connection,
    paths,
    columns.map(({ column }) => column),
  );
  if (!log.ok) return log;
  const present = await requireColumns(connection, log.value.sql, columns, 'predictions');
  if (!present.ok) return present;
  const made = await ask(`CREATE OR REPLACE TEMP TABLE staged_${db} AS ${rowsSql(sources, log.value.sql)}`);
  if (!made.ok) return made;
  const empty = await emptyColumns(tables);
  const absent = empty === undefined ? undefined : await absentInJson(connection, paths, empty);
  const counted = await takeStaged(tables);
  await ask(`DROP TABLE IF EXISTS staged_${db}`);
  if (!counted.ok) return counted;
  const { faults } = log.value;
  return ok({
    unusable: counted.value.unusable + brokenRows(faults),
    unusableLabels: counted.value.unusableLabels,
    broken: await brokenIn(full, faults, counted.value.hasBareRows),
    absent,
  });
}

const labelColumn = ({ labels }: PredictionSources): string | undefined =>
  labels?.from === 'predictions' ? labels.label : undefined;

function columnsOf(sources: PredictionSources): readonly NamedColumn[] {
  const { time, prediction, key } = sources.predictions;
  const by = namesIn(sources);
  const label = labelColumn(sources);
  return [
    { column: time, namedBy: by.time },
    { column: prediction, namedBy: by.prediction },
    ...(key === undefined ? [] : [{ column: key, namedBy: by.key }]),
    ...(label === undefined ? [] : [{ column: label, namedBy: by.label }]),
    ...sources.segments.map((column) => ({ column, namedBy: by.segment })),
  ];
}

/** The columns that the rows have no value of: JSON is read as NULL where it has no such name. `undefined` without rows. */
async function emptyColumns({ sources, ask, db }: LogTables): Promise<readonly string[] | undefined> {
  const { time, prediction, key } = sources.predictions;
  const label = labelColumn(sources);
  const counted = [
    { column: time, sql: 'ms IS NULL' },
    { column: prediction, sql: 'prediction IS NULL' },
    ...(key === undefined ? [] : [{ column: key, sql: 'key IS NULL' }]),
    ...(label === undefined ? [] : [{ column: label, sql: 'label IS NULL AND NOT is_odd' }]),
    ...sources.segments.map((column, i) => ({ column, sql: `s${i} IS NULL` })),
  ];
  const found = await ask(
    `SELECT count(*) > 0 AS has_rows, ${counted.map(({ sql }, i) => `bool_and(${sql}) AS c${i}`).join(', ')} FROM staged_${db}`,
  );
  if (!found.ok || found.value[0]?.has_rows !== true) return undefined;
  return counted.filter((_, i) => found.value[0]?.[`c${i}`] === true).map(({ column }) => column);
}

/** `is_odd`: a label is there, and it is no number, true or false. */
function rowsSql(sources: PredictionSources, table: string): string {
  const { time, prediction, key } = sources.predictions;
  const label = labelColumn(sources);
  return `SELECT ${key === undefined ? 'NULL::VARCHAR' : keySql(key)} AS key,
    ${timeSql(time)} AS ms, ${numberSql(prediction)} AS prediction, ${label === undefined ? 'NULL::DOUBLE' : numberSql(label)} AS label,
    ${label === undefined ? 'false' : `${identifier(label)} IS NOT NULL AND ${numberSql(label)} IS NULL`} AS is_odd
    ${sources.segments.map((name, i) => `, ${identifier(name)}::VARCHAR AS s${i}`).join('')} FROM ${table}`;
}

/** Moves the usable rows into the log, with the labels that are already there for their keys. */
async function takeStaged({ ask, db, sources }: LogTables) {
  const isJoined = sources.labels?.from === 'files' || sources.labels?.from === 'query';
  const segments = segmentColumns(sources)
    .map((name) => `, n.${name}`)
    .join('');
  const counted = await ask(
    `INSERT INTO ${db}.prediction SELECT n.key, n.ms, n.prediction, ${isJoined ? 'l.label' : 'n.label'}${segments} FROM staged_${db} n
       ${isJoined ? `LEFT JOIN ${db}.label l ON l.key = n.key` : ''} WHERE n.ms IS NOT NULL AND n.prediction IS NOT NULL;
     SELECT (count(*) FILTER (ms IS NULL OR prediction IS NULL))::DOUBLE AS bad, (count(*) FILTER (is_odd))::DOUBLE AS odd,
       (count(*) FILTER (ms IS NULL AND prediction IS NULL))::DOUBLE AS bare FROM staged_${db}`,
  );
  if (!counted.ok) return counted;
  const { bad, odd, bare } = counted.value[0] ?? {};
  return ok({
    unusable: requireNumber(bad),
    unusableLabels: requireNumber(odd),
    hasBareRows: requireNumber(bare) > 0,
  });
}

const brokenRows = (faults: readonly ReadFault[]): number =>
  faults.reduce((sum, fault) => sum + (fault.kind === 'broken-rows' ? fault.rows : 0), 0);
