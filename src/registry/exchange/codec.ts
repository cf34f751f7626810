import type Database from 'better-sqlite3';
import { jsonKey, type Unit } from '../../domain/exchange/exchange.js';
import type { Json, JsonObject } from '../../domain/support/json.js';
import { type Travel, tableOf, VERSION_KIND, type WireTable } from './tables.js';

type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** Turns rows into facts that travel, and back into rows of this registry. */
export interface Codec {
  readonly statement: (sql: string) => Database.Statement<Value[], Row>;
  readonly toUnit: (table: WireTable, row: Row) => Unit;
  readonly keyOf: (table: WireTable, row: Row) => string;
  /** The values of the row's columns here; what it refers to is there already. */
  readonly toRow: (table: WireTable, wire: JsonObject) => Row;
  /** The row with the same key, where there is one. */
  readonly find: (table: WireTable, row: Row) => Row | undefined;
}

/** A fact that refers to something that was never sent: the bundle was not made by refit, or by another one. */
export class DanglingFact extends Error {}

export function createCodec(db: Database.Database): Codec {
  const statements = new Map<string, Database.Statement<Value[], Row>>();
  const statement: Codec['statement'] = (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = db.prepare<Value[], Row>(sql);
    statements.set(sql, made);
    return made;
  };

  const outward = (table: WireTable, column: string, row: Row): Json => {
    const value = row[column] ?? null;
    const travel = table.travel?.[column];
    if (value === null || travel === undefined) return value;
    if (typeof travel === 'object') return keyParts(travel.row, value);
    const found = versionOf(statement, travel, row, value);
    // a version that is known by its number alone stays a number
    return found ?? value;
  };

  /** The key of the row with an id, as an array. */
  const keyParts = (kind: string, id: Value): Json => {
    const table = known(kind);
    const row = statement(`SELECT * FROM ${kind} WHERE id = ?`).get(id);
    return row === undefined ? null : table.key.map((column) => outward(table, column, row));
  };

  const inward = (table: WireTable, column: string, wire: JsonObject): Value => {
    const value = wire[column] ?? null;
    const travel = table.travel?.[column];
    if (!Array.isArray(value)) return scalar(value);
    if (travel === undefined) throw new DanglingFact(`${table.kind}.${column} is no value`);
    return typeof travel === 'object' ? idOf(travel.row, value) : numberOf(value);
  };

  const numberOf = ([model, run, at]: readonly Json[]): number => {
    const row = statement('SELECT version FROM model_version WHERE model = ? AND run = ? AND registered_at = ?').get(
      scalar(model ?? null),
      scalar(run ?? null),
      scalar(at ?? null),
    );
    if (typeof row?.version !== 'number') throw new DanglingFact(`a version of ${model} by run ${run}`);
    return row.version;
  };

  const idOf = (kind: string, parts: readonly Json[]): Value => {
    const table = known(kind);
    const wire = Object.fromEntries(table.key.map((column, i) => [column, parts[i] ?? null]));
    const found = find(table, toRow(table, wire));
    if (found === undefined) throw new DanglingFact(`a row of ${kind}: ${jsonKey(parts)}`);
    return found.id ?? null;
  };

  const toRow: Codec['toRow'] = (table, wire) =>
    Object.fromEntries(
      table.columns.filter((column) => column in wire).map((column) => [column, inward(table, column, wire)]),
    );

  const find: Codec['find'] = (table, row) =>
    statement(`SELECT * FROM ${table.kind} WHERE ${table.key.map((column) => `${column} IS ?`).join(' AND ')}`).get(
      ...table.key.map((column) => row[column] ?? null),
    );

  const keyOf: Codec['keyOf'] = (table, row) => jsonKey(table.key.map((column) => outward(table, column, row)));

  const childrenOf = (table: WireTable, id: Value): JsonObject =>
    Object.fromEntries(
      Object.entries(table.children ?? {}).map(([child, { parent, columns }]) => [
        child,
        statement(`SELECT ${columns.join(', ')} FROM ${child} WHERE ${parent} = ? ORDER BY ${columns[0]}`).all(id),
      ]),
    );

  return {
    statement,
    keyOf,
    toRow,
    find,
    toUnit: (table, row) => ({
      kind: table.kind,
      key: keyOf(table, row),
      row: {
        ...Object.fromEntries(table.columns.map((column) => [column, outward(table, column, row)])),
        ...(table.children === undefined ? {} : childrenOf(table, row.id ?? null)),
      },
    }),
  };
}

function known(kind: string): WireTable {
  const table = tableOf(kind);
  if (table === undefined) throw new Error(`internal error: ${kind} does not travel`);
  return table;
}

/** Text and numbers stay; what else JSON can say is no value of a column. */
export function scalar(value: Json): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new DanglingFact(`${JSON.stringify(value)} is no value`);
}

/** Model, run and moment of the version that a row means by its number. */
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
