import type { Connection } from '../connection.js';
import { literal } from '../quoted.js';

/** Table functions whose rows follow from their arguments alone. */
const MAKERS = new Set(['unnest', 'range', 'generate_series']);

/**
 * Whether a query reads only these tables: no file, no other table, no sample, and no function that depends on the clock,
 * chance or settings. False where DuckDB's parse leaves a doubt.
 */
export async function isReproducible(connection: Connection, sql: string, tables: readonly string[]): Promise<boolean> {
  const parsed = await connection.query(`SELECT json_serialize_sql(${literal(sql)}) AS tree`, 'query');
  if (!parsed.ok) return false;
  const tree: unknown = JSON.parse(String(parsed.value[0]?.tree));
  const seen = { tables: new Set<string>(), ctes: new Set<string>(), functions: new Set<string>(), isDoubtful: false };
  walk(tree, seen);
  if (seen.isDoubtful || !isObject(tree) || tree.error !== false) return false;
  if ([...seen.tables].some((table) => !tables.includes(table) && !seen.ctes.has(table))) return false;
  const names = [...seen.functions];
  if (names.length === 0) return true;
  const unsure = await connection.query(
    `SELECT count(*)::DOUBLE AS n FROM duckdb_functions() WHERE function_name IN (${names.map(literal).join(', ')})
     AND (stability <> 'CONSISTENT' OR function_type IN ('macro', 'table_macro', 'table', 'pragma') AND function_name NOT IN (${[...MAKERS].map(literal).join(', ')}))`,
    'query',
  );
  return unsure.ok && unsure.value[0]?.n === 0;
}

interface Seen {
  readonly tables: Set<string>;
  readonly ctes: Set<string>;
  readonly functions: Set<string>;
  isDoubtful: boolean;
}

/** DuckDB calls these functions consistent, but they read settings, files or the environment. */
const WORLDLY =
  /^(current_|getenv|getvariable|read_|glob|query|pragma_|duckdb_|parquet_|sniff_|nextval|currval|version)/i;

/** Names that are functions of the clock or the session, even without brackets, unless a column has the name. */
const BARE = /^(current_\w+|local\w*|session_user|user|today)$/i;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function walk(node: unknown, seen: Seen): void {
  if (Array.isArray(node)) for (const one of node) walk(one, seen);
  if (!isObject(node) || Array.isArray(node)) return;
  if (node.type === 'BASE_TABLE') seen.tables.add(String(node.table_name));
  if (node.type === 'TABLE_FUNCTION' && !MAKERS.has(functionOf(node))) seen.isDoubtful = true;
  if (typeof node.function_name === 'string') {
    seen.functions.add(node.function_name.toLowerCase());
    if (WORLDLY.test(node.function_name)) seen.isDoubtful = true;
  }
  if (Array.isArray(node.column_names) && node.column_names.some((name) => BARE.test(String(name))))
    seen.isDoubtful = true;
  if (isObject(node.sample)) seen.isDoubtful = true;
  const { cte_map: ctes } = node;
  if (isObject(ctes) && Array.isArray(ctes.map))
    for (const entry of ctes.map) if (isObject(entry)) seen.ctes.add(String(entry.key));
  for (const value of Object.values(node)) walk(value, seen);
}

const functionOf = (node: Readonly<Record<string, unknown>>): string =>
  isObject(node.function) ? String(node.function.function_name).toLowerCase() : '';
