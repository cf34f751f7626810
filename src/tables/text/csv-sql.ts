import { identifier, literal } from '../quoted.js';
import type { ReadAs } from './column-types.js';
import type { CsvDialect } from './csv-dialect.js';

/** A file as DuckDB is to read it. */
export interface CsvFile {
  /** The file itself, or a copy without its broken rows. */
  readonly path: string;
  /** Its path as it was asked for. */
  readonly original: string;
  /** What people know it by. */
  readonly shown: string;
  readonly dialect: CsvDialect;
  readonly longestRow: number;
  /** Rows were left out of the copy. */
  readonly isCopy: boolean;
  /** How lines end, where DuckDB would take a line break inside of the first row for it. */
  readonly lineBreak?: string;
}

export interface CsvSqlOptions {
  /** Adds a column that says which file a row is of. */
  readonly fileColumn?: string;
  /** For people: with the paths that they know, leaving out broken rows. */
  readonly isShown?: boolean;
}

/** DuckDB refuses longer lines unless it is told. */
const USUAL_LINE = 2_000_000;

/** One SELECT for each layout, with every type spelled out: nothing is guessed. */
export function csvSelects(
  files: readonly CsvFile[],
  types: ReadonlyMap<string, ReadAs>,
  options: CsvSqlOptions = {},
): readonly string[] {
  const groups = new Map<string, CsvFile[]>();
  for (const file of files) {
    const key = JSON.stringify([layoutOf(file.dialect), file.isCopy ? file.path : '', file.lineBreak]);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].map((group) => selectGroup(group, types, options));
}

const layoutOf = ({ delimiter, quote, escapeByte, hasHeader, skippedLines, names }: CsvDialect): unknown => [
  delimiter,
  quote,
  escapeByte,
  hasHeader,
  skippedLines,
  names,
];

function selectGroup(
  group: readonly CsvFile[],
  types: ReadonlyMap<string, ReadAs>,
  { fileColumn, isShown }: CsvSqlOptions,
): string {
  const [first] = group;
  if (first === undefined) throw new Error('internal error: a group of no files');
  const { names } = first.dialect;
  const made = names.flatMap((name) => {
    const expression = types.get(name)?.expression;
    return expression === undefined ? [] : [`${expression} AS ${identifier(name)}`];
  });
  const list = made.length === 0 ? '*' : `* REPLACE (${made.join(', ')})`;
  const named =
    fileColumn === undefined ? '' : first.isCopy ? `, ${literal(first.shown)} AS ${identifier(fileColumn)}` : '';
  const isNamed = fileColumn !== undefined && !first.isCopy;
  const paths = group.map((file) => literal(isShown === true ? file.shown : file.path)).join(', ');
  const options = [
    ...optionsOf(first.dialect, types),
    ...(first.lineBreak === undefined ? [] : [`new_line = ${literal(JSON.stringify(first.lineBreak).slice(1, -1))}`]),
    ...(isShown === true && first.isCopy ? shownOptions(first.dialect) : []),
    ...sizeOf(group),
    ...(isNamed ? [`filename = ${literal(fileColumn)}`] : []),
  ];
  return `SELECT ${list}${named} FROM read_csv([${paths}], ${options.join(', ')})`;
}

function optionsOf(dialect: CsvDialect, types: ReadonlyMap<string, ReadAs>): readonly string[] {
  const columns = dialect.names.map((name) => `${literal(name)}: ${literal(types.get(name)?.parsed ?? 'VARCHAR')}`);
  return [
    'auto_detect = false',
    `header = ${dialect.hasHeader}`,
    `delim = ${character(dialect.delimiter)}`,
    `quote = ${character(dialect.quote)}`,
    `escape = ${character(dialect.escapeByte)}`,
    `columns = {${columns.join(', ')}}`,
  ];
}

/** People read the file itself, in which DuckDB is to pass over what the copy leaves out. */
const shownOptions = ({ skippedLines }: CsvDialect): readonly string[] => [
  ...(skippedLines === 0 ? [] : [`skip = ${skippedLines}`]),
  'strict_mode = false',
  'ignore_errors = true',
];

const character = (byte: number): string => literal(String.fromCharCode(byte));

function sizeOf(group: readonly CsvFile[]): readonly string[] {
  const longest = group.reduce((most, file) => Math.max(most, file.longestRow), 0);
  return longest < USUAL_LINE ? [] : [`max_line_size = ${longest + 1}`, `buffer_size = ${32 * (longest + 1)}`];
}
