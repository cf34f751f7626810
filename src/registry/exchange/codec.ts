import type Database from 'better-sqlite3';
import { jsonKey, type Unit } from '../../domain/exchange/exchange.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { type Travel, tableOf, VERSION_KIND, type WireTable } from './tables.js';

type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** Converts rows to facts without local ids, and facts back to rows of this registry. */
export interface Codec {
  readonly statement: (sql: string) => Database.Statement<Value[], Row>;
  readonly toUnit: (table: WireTable, row: Row) => Unit;
  readonly keyOf: (table: WireTable, row: Row) => string;
  /** The row with local ids. Rows that it refers to must exist already. */
  readonly toRow: (table: WireTable, wire: JsonObject) => Row;
  /** The local row with the same key, if there is one. */
  readonly find: (table: WireTable, row: Row) => Row | undefined;
}

/** A fact refers to a row that was never sent, so the bundle was not written by a compatible refit. */
export class DanglingFact extends Error {}

type Prepare = Codec['statement'];

export function createCodec(db: Database.Database): Codec {
  const statement = statementCache(db);
  const keyOf: Codec['keyOf'] = (table, row) => jsonKey(wireKey(statement, table, row));
  return {
    statement,
    keyOf,
    toRow: (table, wire) => toRow(statement, table, wire),
    find: (table, row) => find(statement, table, row),
    toUnit: (table, row) => ({
      kind: table.kind,
      key: keyOf(table, row),
      row: {
        ...Object.fromEntries(table.columns.map((column) => [column, toWire(statement, { table, column, row })])),
        ...(table.children === undefined ? {} : childrenOf(statement, table, row.id ?? null)),
      },
    }),
  };
}

function statementCache(db: Database.Database): Prepare {
  const statements = new Map<string, Database.Statement<Value[], Row>>();
  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = db.prepare<Value[], Row>(sql);
    statements.set(sql, made);
    return made;
  };
}

interface Cell {
  readonly table: WireTable;
  readonly column: string;
  readonly row: Row;
}

/** The value of a column without local ids. */
function toWire(statement: Prepare, { table, column, row }: Cell): Json {
  const value = row[column] ?? null;
  const travel = table.travel?.[column];
  if (value === null || travel === undefined) return value;
  if (typeof travel === 'object') return keyById(statement, travel.row, value);
  // A version that is not in the registry stays a number.
  return versionOf(statement, travel, row, value) ?? value;
}

const wireKey = (statement: Prepare, table: WireTable, row: Row): readonly Json[] =>
  table.key.map((column) => toWire(statement, { table, column, row }));

/** The key values of the row with the given id. */
function keyById(statement: Prepare, kind: string, id: Value): Json {
  const row = statement(`SELECT * FROM ${kind} WHERE id = ?`).get(id);
  return row === undefined ? null : wireKey(statement, known(kind), row);
}

const childrenOf = (statement: Prepare, table: WireTable, id: Value): JsonObject =>
  Object.fromEntries(
    Object.entries(table.children ?? {}).map(([child, { parent, columns }]) => [
      child,
      statement(`SELECT ${columns.join(', ')} FROM ${child} WHERE ${parent} = ? ORDER BY ${columns[0]}`).all(id),
    ]),
  );

const toRow = (statement: Prepare, table: WireTable, wire: JsonObject): Row =>
  Object.fromEntries(
    table.columns
      .filter((column) => column in wire)
      .map((column) => [column, fromWire(statement, table, column, wire)]),
  );

/** The value of a column with the ids and version numbers of this registry. */
function fromWire(statement: Prepare, table: WireTable, column: string, wire: JsonObject): Value {
  const value = wire[column] ?? null;
  const travel = table.travel?.[column];
  if (!Array.isArray(value)) return scalar(value);
  if (travel === undefined) throw new DanglingFact(`${table.kind}.${column} is not a column value`);
  return typeof travel === 'object' ? idByKey(statement, travel.row, value) : versionNumber(statement, value);
}

function versionNumber(statement: Prepare, [model, run, at]: readonly Json[]): number {
  const row = statement('SELECT version FROM model_version WHERE model = ? AND run = ? AND registered_at = ?').get(
    scalar(model ?? null),
    scalar(run ?? null),
    scalar(at ?? null),
  );
  if (typeof row?.version !== 'number') throw new DanglingFact(`a version of ${model} by run ${run}`);
  return row.version;
}

function idByKey(statement: Prepare, kind: string, parts: readonly Json[]): Value {
  const table = known(kind);
  const wire = Object.fromEntries(table.key.map((column, i) => [column, parts[i] ?? null]));
  const found = find(statement, table, toRow(statement, table, wire));
  if (found === undefined) throw new DanglingFact(`a row of ${kind}: ${jsonKey(parts)}`);
  return found.id ?? null;
}

const find = (statement: Prepare, table: WireTable, row: Row): Row | undefined =>
  statement(`SELECT * FROM ${table.kind} WHERE ${table.key.map((column) => `${column} IS ?`).join(' AND ')}`).get(
    ...table.key.map((column) => row[column] ?? null),
  );

function known(kind: string): WireTable {
  const table = tableOf(kind);
  if (table === undefined) throw new Error(`internal error: ${kind} is not exchanged with remotes`);
  return table;
}

/** Returns a JSON text, number or null as a column value. Throws for anything else. */
export function scalar(value: Json): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new DanglingFact(`${JSON.stringify(value)} is not a column value`);
}

/** Model, run and time of the version that a row refers to by its number. */
function versionOf(
  statement: Codec['statement'],
  travel: Exclude<Travel, object>,
  row: Row,
  number: Value,
): readonly Json[] | undefined {
  const found =
    travel === 'version'
      ? statement(`SELECT model, run, registered_at FROM ${VERSION_KIND} WHERE model = ? AND version = ?`).get(
          row.model ?? null,
          number,
        )
      : statement(
          `SELECT v.model, v.run, v.registered_at FROM ${VERSION_KIND} AS v JOIN run AS r ON r.id = v.run
           WHERE r.pipeline = ? AND v.version = ? ORDER BY v.registered_at DESC LIMIT 1`,
        ).get(pipelineOf(statement, row), number);
  return found === undefined ? undefined : [found.model ?? null, found.run ?? null, found.registered_at ?? null];
}

const pipelineOf = (statement: Codec['statement'], row: Row): Value =>
  row.pipeline ??
  statement('SELECT pipeline FROM retrain_decision WHERE id = ?').get(row.decision ?? null)?.pipeline ??
  null;
