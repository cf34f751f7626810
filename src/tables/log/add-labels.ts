import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { requireNumber } from '../connection.js';
import { identifier } from '../quoted.js';
import { sqlFault } from '../sql/user-sql.js';
import { type Broken, brokenIn } from './log-faults.js';
import type { ToRead } from './log-files.js';
import {
  absentInJson,
  keySql,
  logTable,
  type NamedColumn,
  namesIn,
  noSuchColumn,
  numberSql,
  requireColumns,
} from './log-sql.js';
import type { LogTables } from './log-tables.js';

/** Of the label files that were added. */
export interface LabelsAdded {
  /** Labels that are no number, true or false. */
  readonly odd: number;
  readonly broken?: Broken;
}

/** Adds the labels of files. The last label of a key counts. */
export async function addLabels(
  tables: LogTables,
  { key, label }: { readonly key: string; readonly label: string },
  files: readonly ToRead[],
): Promise<Result<LabelsAdded, Failure>> {
  const { connection, ask, db } = tables;
  const full = files.filter(({ source }) => source.size > 0);
  if (full.length === 0) return ok({ odd: 0 });
  const paths = full.map(({ path }) => path);
  const log = await logTable(connection, paths, [key, label]);
  if (!log.ok) return log;
  const table = log.value.sql;
  const columns = columnsOf(tables, { key, label });
  const present = await requireColumns(connection, table, columns, 'labels');
  if (!present.ok) return present;
  const odd = await stageLabels(tables, table, { key, label });
  if (!odd.ok) return odd;
  const named = await requireNamed(tables, paths, columns);
  if (!named.ok) return named;
  const staged = `staged_${db}`;
  const taken = await ask(
    `DELETE FROM ${db}.label USING ${staged} n WHERE label.key = n.key;
     INSERT INTO ${db}.label SELECT key, label FROM ${staged};
     UPDATE ${db}.prediction SET label = n.label FROM ${staged} n WHERE prediction.key = n.key AND prediction.label IS DISTINCT FROM n.label`,
  );
  await ask(`DROP TABLE IF EXISTS ${staged}`);
  return taken.ok ? ok({ odd: odd.value, broken: await brokenIn(full, log.value.faults, false) }) : taken;
}

function columnsOf(
  { sources }: LogTables,
  { key, label }: { readonly key: string; readonly label: string },
): readonly NamedColumn[] {
  const by = namesIn(sources);
  // Without a key of its own the labels have that of the predictions.
  const isOwn = sources.namedBy === 'monitor' && key !== sources.predictions.key;
  return [
    { column: key, namedBy: isOwn ? 'monitor.labels.key' : by.key },
    { column: label, namedBy: by.label },
  ];
}

/** JSON files have no header: if the first ones give no label, their rows must at least have the names. */
async function requireNamed(
  { ask, db, connection }: LogTables,
  paths: readonly string[],
  columns: readonly NamedColumn[],
): Promise<Result<void, Failure>> {
  const counted = await ask(
    `SELECT ((SELECT count(*) FROM staged_${db}) + (SELECT count(*) FROM ${db}.label))::DOUBLE AS n`,
  );
  if (!counted.ok) return counted;
  if (requireNumber(counted.value[0]?.n) > 0) return ok(undefined);
  const names = columns.map(({ column }) => column);
  const { columns: absent, available } = await absentInJson(connection, paths, names);
  const missing = columns.find(({ column }) => absent.includes(column));
  return missing === undefined ? ok(undefined) : err(noSuchColumn(missing, { source: 'labels', available }));
}

/** Reads all labels of a query again, so that a row that is gone leaves no label behind. */
export async function queryLabels(tables: LogTables): Promise<Result<number, Failure>> {
  const { sources, ask, db, connection } = tables;
  if (sources.labels?.from !== 'query') return ok(0);
  const table = `(${sources.labels.sql}\n)`;
  const { key, label } = sources.labels;
  const fault = await sqlFault(connection, sources.labels.sql, 'query');
  if (fault !== undefined) return err({ code: 'data-unreadable', source: 'labels', reason: fault });
  const present = await requireColumns(connection, table, columnsOf(tables, { key, label }), 'labels');
  if (!present.ok) return present;
  const odd = await stageLabels(tables, table, { key, label });
  if (!odd.ok) return odd;
  const taken = await ask(
    `CREATE OR REPLACE TABLE ${db}.label AS SELECT key, label FROM staged_${db};
     UPDATE ${db}.prediction SET label = NULL WHERE label IS NOT NULL AND key NOT IN (SELECT key FROM ${db}.label)`,
  );
  await ask(`DROP TABLE IF EXISTS staged_${db}`);
  if (!taken.ok) return taken;
  const joined = await joinLabels(tables);
  return joined.ok ? odd : joined;
}

const joinLabels = ({ ask, db }: LogTables): Promise<Result<unknown, Failure>> =>
  ask(
    `UPDATE ${db}.prediction SET label = l.label FROM ${db}.label l
     WHERE prediction.key = l.key AND prediction.label IS DISTINCT FROM l.label`,
  );

async function stageLabels(
  { connection, db }: LogTables,
  table: string,
  { key, label }: { readonly key: string; readonly label: string },
): Promise<Result<number, Failure>> {
  const made = await connection.query(
    `CREATE OR REPLACE TEMP TABLE staged_${db} AS SELECT key, arg_max(label, place) AS label FROM
       (SELECT ${keySql(key)} AS key, ${numberSql(label)} AS label, row_number() OVER () AS place FROM ${table}
        WHERE ${identifier(label)} IS NOT NULL) WHERE key IS NOT NULL GROUP BY key;
     SELECT (count(*) FILTER (label IS NULL))::DOUBLE AS odd FROM staged_${db}`,
    'labels',
  );
  if (!made.ok) return made;
  await connection.query(`DELETE FROM staged_${db} WHERE label IS NULL`, 'labels');
  return ok(requireNumber(made.value[0]?.odd));
}
