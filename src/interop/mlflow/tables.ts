import { lstatSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { unfitDatabase } from '../../domain/support/sqlite-files.js';
import { messageOf } from '../../domain/support/system-error.js';
import { checkRow, type RowForm } from './row-forms.js';

/**
 * A consistent snapshot of an MLflow database. Tables and columns that its version does not have are empty. A row that does not
 * have the form that is asked for throws `ForeignRow`.
 */
export interface Tables extends Disposable {
  readonly has: (table: string, column?: string) => boolean;
  readonly all: <T>(form: RowForm<T>, sql: string) => readonly T[];
  readonly of: <T>(form: RowForm<T>, sql: string) => (key: string | number) => readonly T[];
  /** Returns a reader for a table's rows of one run. Creates an index in memory if the database has none. */
  readonly ofRun: <T>(form: RowForm<T>, columns: string, order: string) => (run: string) => readonly T[];
}

const NEEDED = ['experiments', 'runs', 'params', 'metrics', 'tags'];
/** Columns added in 2019. Older databases have no metric steps and are rejected. */
const NEEDED_OF_METRICS = ['step', 'is_nan'];
const BUSY_MS = 10_000;

/** What SQLite says about a damaged file, or about tables with other columns than any version of MLflow has. */
export const reasonUnreadable = (error: unknown): string | undefined =>
  error instanceof Database.SqliteError ? `it cannot be read: ${error.message}` : undefined;

/** Opens the database read-only. Returns a reason if the file is not an MLflow database. */
export function openTables(path: string): Tables | string {
  let db: Database.Database;
  // SQLite would wait for a pipe without end.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return 'it is no file';
  const unfit = unfitDatabase(path, (one) => lstatSync(one, { throwIfNoEntry: false })?.isFile());
  if (unfit !== undefined) return `it cannot be read: ${unfit}`;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
    // The transaction gives a consistent snapshot while the server keeps writing.
    db.exec('BEGIN');
    db.prepare('SELECT 1 FROM sqlite_master').get();
  } catch (error) {
    return `it cannot be read: ${messageOf(error)}`;
  }
  const columns = new Map<string, ReadonlySet<string>>();
  const columnsOf = (table: string): ReadonlySet<string> => {
    const known = columns.get(table);
    if (known !== undefined) return known;
    const rows = db.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(table);
    const found = new Set(rows.map(({ name }) => name));
    columns.set(table, found);
    return found;
  };
  const missing = NEEDED.filter((table) => columnsOf(table).size === 0);
  const isTooOld = !NEEDED_OF_METRICS.every((column) => columnsOf('metrics').has(column));
  if (missing.length > 0 || isTooOld) {
    db.close();
    return missing.length > 0
      ? `it has no table ${missing.join(', ')}`
      : 'it is of before MLflow 1.2: upgrade a copy of it with "mlflow db upgrade"';
  }
  return {
    has: (table, column) => (column === undefined ? columnsOf(table).size > 0 : columnsOf(table).has(column)),
    all: <T>(form: RowForm<T>, sql: string) =>
      db
        .prepare<[]>(sql)
        .all()
        .map((row) => checkRow(form, row)),
    of: <T>(form: RowForm<T>, sql: string) => {
      const statement = db.prepare<[string | number]>(sql);
      return (key) => statement.all(key).map((row) => checkRow(form, row));
    },
    ofRun: <T>(form: RowForm<T>, columns: string, order: string) => {
      const { of: table } = form;
      const found = isFoundByRun(db, table) ? `${table} AS t WHERE t.run_uuid = ?` : indexed(db, table);
      const statement = db.prepare<[string]>(`SELECT ${columns} FROM ${found} ORDER BY ${order}`);
      return (run) => statement.all(run).map((row) => checkRow(form, row));
    },
    [Symbol.dispose]: () => db.close(),
  };
}

const isFoundByRun = (db: Database.Database, table: string): boolean =>
  db
    .prepare<[string], { name: string | null }>(
      `SELECT c.name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c WHERE c.seqno = 0`,
    )
    .all(table)
    .some(({ name }) => name === 'run_uuid');

/** Databases from before 2023 have no such index, and scanning all metrics for each run would take hours. */
function indexed(db: Database.Database, table: string): string {
  db.pragma('temp_store = MEMORY');
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS ${table}_of_run AS SELECT run_uuid AS run, rowid AS place FROM main.${table};
    CREATE INDEX IF NOT EXISTS temp.${table}_by_run ON ${table}_of_run(run);`);
  return `temp.${table}_of_run AS o JOIN main.${table} AS t ON t.rowid = o.place WHERE o.run = ?`;
}
