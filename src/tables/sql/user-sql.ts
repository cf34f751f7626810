import type { SqlKind } from '../../domain/ports/datasets.js';
import type { Connection } from '../connection.js';
import { literal } from '../quoted.js';
import { deepJsonFault } from './json-in-sql.js';
import { isNode, type Node, nodesIn } from './sql-tree.js';

/** A condition is written by hand. */
const LONGEST = 100_000;

/**
 * Why DuckDB's own parser does not take a text for one query, or one condition; `undefined` where it does. Whoever puts a text
 * into a statement asks here first: alone and in brackets it must be one SELECT, so that it cannot end the statement around it.
 */
export function sqlFault(connection: Connection, text: string, kind: SqlKind): Promise<string | undefined> {
  const asked = known.get(connection) ?? new Map<string, Promise<string | undefined>>();
  known.set(connection, asked);
  const found = asked.get(`${kind} ${text}`) ?? findFault(connection, text, kind);
  asked.set(`${kind} ${text}`, found);
  return found;
}

/** One command asks many questions of the same query. */
const known = new WeakMap<Connection, Map<string, Promise<string | undefined>>>();

async function findFault(connection: Connection, text: string, kind: SqlKind): Promise<string | undefined> {
  if (text.trim() === '') return 'it is empty';
  if (kind === 'expression') return expressionFault(connection, text);
  if (kind === 'row-condition') return (await expressionFault(connection, text)) ?? rowFault(connection, text);
  const alone = await selectOf(connection, text);
  if (typeof alone === 'string') return alone;
  const deep = await deepJsonFault(connection, alone);
  if (deep !== undefined) return deep;
  const within = await selectOf(connection, `SELECT * FROM (${text}\n) AS refit_query`);
  return typeof within === 'string' ? within : undefined;
}

/** Bare and in brackets: what closes a bracket of its own accord is seen by the first, what opens a statement by the second. */
async function expressionFault(connection: Connection, text: string): Promise<string | undefined> {
  if (text.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (/^\s*(select|from|with)\b/i.test(text)) return 'it starts a statement: write a condition';
  for (const condition of [`${text}\n`, `(${text}\n)`]) {
    const node = await selectOf(connection, `SELECT ${condition} AS refit_condition`);
    if (typeof node === 'string') return node;
    if (!isOneColumn(node)) return 'it is more than one condition';
    const deep = await deepJsonFault(connection, node);
    if (deep !== undefined) return deep;
  }
  return undefined;
}

function isOneColumn({ select_list: columns, from_table: from, ...node }: Node): boolean {
  const [only, ...others] = Array.isArray(columns) ? (columns as readonly Node[]) : [];
  return (
    others.length === 0 &&
    only?.alias === 'refit_condition' &&
    isNode(from) &&
    from.type === 'EMPTY' &&
    ABSENT.every((key) => isNothing(node[key]))
  );
}

/** Why a condition does not follow from the values of a row alone. */
async function rowFault(connection: Connection, text: string): Promise<string | undefined> {
  const node = await selectOf(connection, `SELECT (${text}\n) AS refit_condition`);
  if (typeof node === 'string') return node;
  for (const inner of nodesIn(node)) {
    if (inner.class === 'SUBQUERY') return 'it holds a query of its own';
    if (inner.class === 'WINDOW') return 'it looks at other rows';
    if (inner.class === 'FUNCTION' && OUTSIDE.test(String(inner.function_name)))
      return `${String(inner.function_name)} reads more than the row`;
  }
  return undefined;
}

/** Functions that read files, settings, variables or the system. */
const OUTSIDE =
  /^(read_|glob$|getenv$|getvariable$|current_|query|sniff_|parquet_|pg_|nextval$|currval$|duckdb_|pragma_)/i;

/** What a bare SELECT has none of. */
const ABSENT = ['where_clause', 'group_expressions', 'having', 'qualify', 'sample', 'modifiers'] as const;

const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/** The tree of a text that is one SELECT, or why it is none. */
async function selectOf(connection: Connection, sql: string): Promise<Node | string> {
  const count = await connection.countStatements(sql);
  if (typeof count === 'string') return count;
  if (count !== 1) return `it is ${count} statements: write one`;
  const parsed = await connection.query(`SELECT json_serialize_sql(${literal(sql)}) AS tree`, 'query');
  if (!parsed.ok) return 'reason' in parsed.error ? parsed.error.reason : parsed.error.code;
  const tree: unknown = JSON.parse(String(parsed.value[0]?.tree));
  if (!isNode(tree)) return NO_SELECT;
  if (tree.error !== false) return tree.error_type === 'parser' ? String(tree.error_message) : NO_SELECT;
  const [only, ...others] = Array.isArray(tree.statements) ? (tree.statements as readonly Node[]) : [];
  return others.length === 0 && isNode(only?.node) ? only.node : NO_SELECT;
}

const NO_SELECT = 'it is no SELECT';

/** A text that DuckDB does not read has none: what is wrong with it is said elsewhere. */
export async function hasQuotedValue(connection: Connection, marked: string): Promise<boolean> {
  const tree = await selectOf(connection, marked);
  return (
    typeof tree !== 'string' && JSON.stringify(tree).includes(JSON.stringify('(SELECT 0 AS refit_value)').slice(1, -1))
  );
}
