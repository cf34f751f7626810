import type { Connection } from '../connection.js';
import { literal } from '../quoted.js';
import { DEEPEST, tooDeepAt } from '../text/json-depth.js';
import { MOST_COLUMNS, TooWide } from '../text/too-wide.js';
import { isNode, type Node, nodesIn } from './sql-tree.js';

/** Functions that find out the types of JSON by recursion, which ends the process where values are nested too deeply. */
const DETECTING = /^read_(nd)?json(_auto)?$/i;
/** They run a text, in which nothing can be looked for. */
const HIDING = /^query(_table)?$/i;
const JSON_NAME = /\.(json|jsonl|ndjson)(\.gz|\.zst)?$/i;

/** Why a query may not read its JSON files, or `undefined`. Files that refit reads for a query are checked elsewhere. */
export async function deepJsonFault(connection: Connection, tree: Node): Promise<string | undefined> {
  for (const node of nodesIn(tree)) {
    const patterns = patternsOf(node);
    if (typeof patterns === 'string') return patterns;
    for (const pattern of patterns) {
      const fault = await faultOf(connection, pattern);
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

/** The files whose types a node of a query finds out, or why they are not known. */
function patternsOf(node: Node): readonly string[] | string {
  if (node.type === 'BASE_TABLE') return JSON_NAME.test(String(node.table_name)) ? [String(node.table_name)] : [];
  if (node.type !== 'TABLE_FUNCTION' || !isNode(node.function)) return [];
  const name = String(node.function.function_name);
  if (HIDING.test(name)) return `${name}() hides what is read: write the query itself`;
  if (!DETECTING.test(name)) return [];
  const given = Array.isArray(node.function.children) ? (node.function.children as readonly Node[]) : [];
  if (given.some(isColumns)) return [];
  const [files] = given;
  const texts = files === undefined ? undefined : textsOf(files);
  return texts ?? `${name}() is given computed file names: write them as texts`;
}

/** With `columns` nothing is detected. */
const isColumns = ({ type, left }: Node): boolean =>
  type === 'COMPARE_EQUAL' &&
  isNode(left) &&
  Array.isArray(left.column_names) &&
  left.column_names.at(-1) === 'columns';

/** A text, or a list of texts. */
function textsOf(node: Node): readonly string[] | undefined {
  const { value } = node;
  if (node.type === 'VALUE_CONSTANT' && isNode(value))
    return typeof value.value === 'string' ? [value.value] : undefined;
  if (node.function_name !== 'list_value' || !Array.isArray(node.children)) return undefined;
  const texts = (node.children as readonly Node[]).map(textsOf);
  return texts.some((one) => one === undefined) ? undefined : texts.flatMap((one) => one ?? []);
}

async function faultOf(connection: Connection, pattern: string): Promise<string | undefined> {
  const found = await connection.query(`SELECT file FROM glob(${literal(pattern)})`, pattern);
  // Files that may not be read are refused when the query is run.
  for (const row of found.ok ? found.value : []) {
    const file = String(row.file);
    if (connection.placeFault(file, file) !== undefined) continue;
    const line = await tooDeepAt(connection, file).catch((error: unknown) => {
      if (error instanceof TooWide) return error;
      throw error;
    });
    if (line instanceof TooWide) return `line ${line.line} of ${file} has more than ${MOST_COLUMNS} names`;
    if (line !== undefined) return `values in line ${line} of ${file} are nested deeper than ${DEEPEST} levels`;
  }
  return undefined;
}
