import { realpathSync, type Stats, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { foreignEnding, foreignStart } from '../domain/data/foreign-format.js';
import type { ReadFault } from '../domain/data/read-fault.js';
import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { Connection } from './connection.js';
import { parquetColumnFaults } from './parquet/parquet-columns.js';
import { widestParquet } from './parquet/parquet-width.js';
import { literal } from './quoted.js';
import { type Format, formatOf, nameOf, startOf } from './source-sql.js';
import { sqlFault } from './sql/user-sql.js';
import { UnpackError } from './text/byte-source.js';
import { columnFaults } from './text/column-faults.js';
import { mergeSeen, type PlacedValue, type ReadAs, readAs } from './text/column-types.js';
import { type CsvFile, type CsvSqlOptions, csvSelects } from './text/csv-sql.js';
import { type JsonTable, jsonSelect, readJsonTable } from './text/json-tables.js';
import { glanceAtCsv, readCsvFile, type ScannedFile } from './text/scanned-files.js';
import { tooWide } from './text/too-wide.js';
import { unlistedFolder } from './unlisted-folder.js';

/** A source that DuckDB can read as it stands: Parquet, or a query in which every type is spelled out. */
export interface Readable {
  readonly source: TableSource;
  /** What is wrong with its files. */
  readonly faults: readonly ReadFault[];
  /** Columns of dates with the year last, and whether their day comes first. */
  readonly dayFirst: ReadonlyMap<string, boolean>;
  /** Of a single file of JSON lines: the lines that are left out. */
  readonly brokenLines: ReadonlySet<number>;
  /** The same with other paths in the places of its own, for people, or with a column of file names. */
  readonly spell: (options: SpellOptions) => TableSource;
}

interface SpellOptions {
  /** In the order of the source's own paths. */
  readonly shown?: readonly string[];
  readonly fileColumn?: string;
}

/**
 * Makes the files of a source readable: every text file is read once from end to end, so that names, layout and types follow
 * from all its values. Broken rows are left out and become faults; a file that is no table is a failure.
 */
export async function makeReadable(connection: Connection, source: TableSource): Promise<Result<Readable, Failure>> {
  if (source.from.kind === 'query') {
    const fault = await sqlFault(connection, source.from.sql, 'query');
    if (fault !== undefined) return err({ code: 'data-unreadable', source: nameOf(source), reason: fault });
    return ok({ ...asItIs(source), faults: source.from.faults ?? [] });
  }
  const expanded = await expandPaths(connection, source.from.paths);
  if (!expanded.ok) return expanded;
  for (const path of expanded.value) {
    const fault = connection.placeFault(path, shownPath(connection, path));
    if (fault !== undefined) return err(fault);
  }
  const foreign = foreignFile(connection, expanded.value);
  if (foreign !== undefined) return err(foreign);
  const groups = groupByFormat(expanded.value);
  const twice = sameFiles(connection, expanded.value);
  const csv = await readCsv(connection, source, csvOf(groups));
  if (!csv.ok) return csv;
  const json = await readJson(connection, source, groups.get('json') ?? []);
  if (!json.ok) return json;
  const parquet = groups.get('parquet') ?? [];
  const wide = await widestParquet(connection, parquet);
  if (wide !== undefined) return err(tooWide(shownPath(connection, wide), undefined));
  const columns = await parquetColumnFaults(
    connection,
    parquet.map((path) => ({ path, shown: shownPath(connection, path), stat: statOf(connection, path) })),
  );
  const parts: Parts = { csv: csv.value, json: json.value, parquet };
  return ok({
    source: spell(source, parts, {}),
    faults: [...twice, ...csv.value.faults, ...json.value.faults, ...columns],
    dayFirst: new Map(
      [...csv.value.types].flatMap(([name, { isDayFirst }]) => (isDayFirst === undefined ? [] : [[name, isDayFirst]])),
    ),
    brokenLines: json.value.brokenLines,
    spell: (options) => spell(source, parts, options),
  });
}

/** Paths with the files that patterns stand for in their places; a file may have the characters of a pattern in its name. */
async function expandPaths(
  connection: Connection,
  paths: readonly string[],
): Promise<Result<readonly string[], Failure>> {
  const expanded: string[] = [];
  for (const path of paths) {
    const isPattern = /[*?[{]/.test(path) && statOf(connection, path) === undefined;
    if (!isPattern) {
      expanded.push(path);
      continue;
    }
    const unlisted = unlistedFolder(connection, path);
    if (unlisted !== undefined) return err(unlisted);
    const found = await connection.query(`SELECT file FROM glob(${literal(path)}) ORDER BY file`, path);
    if (!found.ok) return found;
    if (found.value.length === 0)
      return err({ code: 'data-empty', source: path, detail: 'no file matches this pattern' });
    expanded.push(...found.value.map((row) => String(row.file)));
  }
  return ok(expanded);
}

/** The first file of a format that refit does not read. */
function foreignFile(connection: Connection, paths: readonly string[]): Failure | undefined {
  for (const path of paths) {
    if (statOf(connection, path)?.isFile() !== true) continue;
    const format = foreignEnding(path) ?? foreignStart(startOf(resolve(connection.root, path)));
    if (format === undefined) continue;
    return { code: 'table-malformed', path: shownPath(connection, path), problem: { kind: 'foreign', format } };
  }
  return undefined;
}

/** Files that are listed twice, under one name or several: links to others, or further names of the same file. */
function sameFiles(connection: Connection, paths: readonly string[]): readonly ReadFault[] {
  const known = new Map<string, string>();
  return paths.flatMap((path): readonly ReadFault[] => {
    const stat = statOf(connection, path);
    if (stat?.isFile() !== true) return [];
    // The size as well: numbers of files may be too large for a double.
    const key = `${stat.dev} ${stat.ino} ${stat.size}`;
    const as = known.get(key);
    if (as === undefined) known.set(key, path);
    if (as === undefined || stat.size === 0 || !areOne(connection, path, as, stat.nlink)) return [];
    return [{ kind: 'same-file', file: shownPath(connection, path), as: shownPath(connection, as) }];
  });
}

/** Whether two names lead to one file. With several names of its own (`links`), its real path does not tell. */
const areOne = ({ root }: Connection, path: string, as: string, links: number): boolean =>
  links > 1 || realpathSync(resolve(root, path)) === realpathSync(resolve(root, as));

const asItIs = (source: TableSource): Omit<Readable, 'faults'> => ({
  source,
  dayFirst: new Map(),
  brokenLines: new Set(),
  spell: () => source,
});

/** What stands for files that are all empty: no row of a column without a name. */
const NO_ROWS = 'SELECT NULL::VARCHAR AS column0 WHERE false';

interface Parts {
  readonly csv: { readonly files: readonly CsvFile[]; readonly types: ReadonlyMap<string, ReadAs> };
  readonly json: JsonTable;
  readonly parquet: readonly string[];
}

const csvOf = (groups: ReadonlyMap<Format, readonly string[]>): readonly string[] => [
  ...(groups.get('csv') ?? []),
  ...(groups.get('tsv') ?? []),
];

function groupByFormat(paths: readonly string[]): ReadonlyMap<Format, readonly string[]> {
  const groups = new Map<Format, string[]>();
  for (const path of paths) {
    const format = formatOf(path);
    groups.set(format, [...(groups.get(format) ?? []), path]);
  }
  return groups;
}

function spell(source: TableSource, parts: Parts, { shown, fileColumn }: SpellOptions): TableSource {
  const paths = source.from.kind === 'files' ? source.from.paths : [];
  const names = new Map(paths.map((path, i) => [path, shown?.[i] ?? path]));
  const isShown = shown !== undefined;
  const renamed = <T extends { readonly original: string }>(file: T) => ({
    ...file,
    shown: isShown ? (names.get(file.original) ?? file.original) : file.original,
  });
  const { csv, json, parquet } = parts;
  const hasText = csv.files.length > 0 || json.files.length > 0;
  if (!hasText && parquet.length === 0)
    return { ...source, from: { kind: 'query', sql: NO_ROWS, name: nameOf(source) } };
  if (!hasText && fileColumn === undefined)
    return { ...source, from: { kind: 'files', paths: parquet.map((path) => names.get(path) ?? path) } };
  const options: CsvSqlOptions = { fileColumn, isShown };
  const filename = fileColumn === undefined ? '' : `, filename = ${literal(fileColumn)}`;
  const selects = [
    ...csvSelects(csv.files.map(renamed), csv.types, options),
    ...(json.files.length === 0 ? [] : jsonSelect(json.files.map(renamed), json.types, options)),
    ...(parquet.length === 0
      ? []
      : [
          `SELECT * FROM read_parquet([${parquet.map((path) => literal(names.get(path) ?? path)).join(', ')}], union_by_name = true${filename})`,
        ]),
  ];
  return { ...source, from: { kind: 'query', sql: selects.join(' UNION ALL BY NAME '), name: nameOf(source) } };
}

interface CsvTable {
  readonly files: readonly CsvFile[];
  readonly types: ReadonlyMap<string, ReadAs>;
  readonly faults: readonly ReadFault[];
}

/** The SELECT that the source will most likely be read by, as the first rows of its files look; undefined where nothing is likely. */
export async function likelySource(connection: Connection, source: TableSource): Promise<TableSource | undefined> {
  if (source.from.kind !== 'files') return undefined;
  const { paths } = source.from;
  if (csvOf(groupByFormat(paths)).length !== paths.length || source.typedWith !== undefined) return undefined;
  const files: ScannedFile[] = [];
  if (paths.some((path) => connection.placeFault(path, path) !== undefined)) return undefined;
  for (const path of paths) {
    const file = await glanceAtCsv(connection, path);
    if (file === undefined) return undefined;
    files.push(file);
  }
  const { types } = typesOf(source, files, files);
  return spell(source, { csv: { files: files.map((file) => file.csv), types }, json: NO_JSON, parquet: [] }, {});
}

const NO_JSON: JsonTable = { files: [], types: new Map(), faults: [], brokenLines: new Set() };

/** The types of all columns from the values of all files; the first column of times that cannot be told. */
function typesOf(
  { types: known, timeColumn }: TableSource,
  scanned: readonly ScannedFile[],
  all: readonly ScannedFile[],
): {
  readonly types: ReadonlyMap<string, ReadAs>;
  readonly ambiguous?: { readonly column: string; readonly at: PlacedValue };
} {
  const types = new Map<string, ReadAs>();
  for (const name of new Set(scanned.flatMap(({ scan }) => scan.dialect.names))) {
    const parts = all.flatMap(({ shown, scan }) => {
      const column = scan.columns[scan.dialect.names.indexOf(name)];
      return column === undefined ? [] : [{ file: shown, scan: column }];
    });
    const read = readAs(name, mergeSeen(parts), known?.get(name), name === timeColumn);
    if (read.ambiguous !== undefined) return { types, ambiguous: { column: name, at: read.ambiguous } };
    types.set(name, read);
  }
  return { types };
}

async function readCsv(
  connection: Connection,
  source: TableSource,
  paths: readonly string[],
): Promise<Result<CsvTable, Failure>> {
  const scanned: ScannedFile[] = [];
  const faults: ReadFault[] = [];
  for (const path of paths) {
    const file = await readCsvFile(connection, path);
    if (!file.ok) {
      // One empty file among others is a fault of the table, not its end.
      if (file.error.code !== 'table-malformed' || file.error.problem.kind !== 'empty') return file;
      faults.push({ kind: 'empty-file', file: file.error.path });
      continue;
    }
    scanned.push(file.value);
    faults.push(...file.value.faults);
  }
  const others: ScannedFile[] = [];
  for (const path of csvOf(groupByFormat((source.typedWith ?? []).filter((one) => !paths.includes(one))))) {
    const file = await readCsvFile(connection, path);
    if (file.ok) others.push(file.value);
  }
  const { types, ambiguous } = typesOf(source, scanned, [...scanned, ...others]);
  if (ambiguous !== undefined) {
    const { column, at } = ambiguous;
    const problem = { kind: 'ambiguous-dates', column, value: at.value } as const;
    return err({ code: 'table-malformed', path: at.file, line: at.line, problem });
  }
  faults.push(...[...types.values()].flatMap((one) => one.faults));
  faults.push(
    ...columnFaults(
      scanned.map(({ shown, scan: { dialect } }) => ({
        file: shown,
        names: dialect.names,
        hasHeader: dialect.hasHeader,
      })),
    ),
  );
  return ok({ files: scanned.map((file) => file.csv), types, faults });
}

async function readJson(
  connection: Connection,
  source: TableSource,
  paths: readonly string[],
): Promise<Result<JsonTable, Failure>> {
  const files: { path: string; original: string; shown: string; isCopy: boolean }[] = [];
  const faults: ReadFault[] = [];
  for (const path of paths) {
    const shown = shownPath(connection, path);
    if (statOf(connection, path)?.size === 0) faults.push({ kind: 'empty-file', file: shown });
    else files.push({ path, original: path, shown, isCopy: false });
  }
  if (files.length === 0) return ok({ ...NO_JSON, faults });
  const options = { types: source.types, timeColumn: source.timeColumn, name: nameOf(source) };
  const table = await readJsonTable(connection, files, options).catch((error: unknown) => {
    if (!(error instanceof UnpackError)) throw error;
    const problem = { kind: 'not-packed', reason: error.message } as const;
    return err({ code: 'table-malformed', path: shownPath(connection, error.path), problem } as const);
  });
  return table.ok ? ok({ ...table.value, faults: [...faults, ...table.value.faults] }) : table;
}

/** Relative to the root where it lies below it. */
export function shownPath({ root }: Connection, path: string): string {
  const inside = relative(resolve(root), resolve(root, path));
  return inside.startsWith('..') ? path : inside;
}

/** What the file system says of a path; `undefined` if it says nothing, for whatever reason. */
export function statOf({ root }: Connection, path: string): Stats | undefined {
  try {
    return statSync(resolve(root, path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
