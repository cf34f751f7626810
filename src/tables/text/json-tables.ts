import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import type { KnownColumn } from '../../domain/ports/datasets.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Connection } from '../connection.js';
import { requireNumber } from '../connection.js';
import { identifier, literal } from '../quoted.js';
import type { PlacedValue, ReadAs } from './column-types.js';
import { DEEPEST, tooDeepAt } from './json-depth.js';
import type { JsonFile } from './json-file.js';
import { brokenElement, type Cleaned, cleanLines, hasNullLine, lineOfRow, suspectTypes } from './json-lines.js';
import { TooWide, tooWide } from './too-wide.js';

export interface JsonTable {
  readonly files: readonly JsonFile[];
  readonly types: ReadonlyMap<string, ReadAs>;
  readonly faults: readonly ReadFault[];
  /** Of a single file: its lines that are left out. */
  readonly brokenLines: ReadonlySet<number>;
}

export interface JsonOptions {
  readonly types: ReadonlyMap<string, KnownColumn> | undefined;
  readonly timeColumn: string | undefined;
  readonly name: string;
}

/** Every row decides on names and types: a key may appear late, and no object becomes a map because its keys vary. */
const ALL_ROWS =
  'sample_size = -1, map_inference_threshold = -1, field_appearance_threshold = 0, maximum_depth = -1, union_by_name = true';

/** Names and types of JSON files from all their values; lines that are no JSON object are left out and named. */
export async function readJsonTable(
  connection: Connection,
  files: readonly JsonFile[],
  options: JsonOptions,
): Promise<Result<JsonTable, Failure>> {
  const deep = await findTooDeep(connection, files);
  if (deep !== undefined) return err(deep);
  const described = await describe(connection, files, options.name);
  // DuckDB makes an empty row of such a line
  const isWhole = described.ok && !isOneColumn(described.value) && !(await hasNullLine(files));
  if (isWhole) return complete(connection, { files, ...SOUND }, described.value, options);
  const cleaned = await cleanLines(connection, files);
  if (!cleaned.ok) return cleaned;
  if (cleaned.value.faults.length === 0)
    return described.ok
      ? complete(connection, { files, ...SOUND }, described.value, options)
      : err(whyNot(files) ?? described.error);
  const again = await describe(connection, cleaned.value.files, options.name);
  return again.ok ? complete(connection, cleaned.value, again.value, options) : again;
}

type Described = ReadonlyMap<string, string>;

async function describe(
  connection: Connection,
  files: readonly JsonFile[],
  name: string,
): Promise<Result<Described, Failure>> {
  const paths = files.map((file) => literal(file.path)).join(', ');
  const rows = await connection.query(`DESCRIBE SELECT * FROM read_json([${paths}], ${ALL_ROWS})`, name);
  return rows.ok ? ok(new Map(rows.value.map((row) => [String(row.column_name), String(row.column_type)]))) : rows;
}

/** What DuckDB makes of lines that are not all objects. */
const isOneColumn = (described: Described): boolean => described.size === 1 && described.get('json') === 'JSON';

async function findTooDeep(connection: Connection, files: readonly JsonFile[]): Promise<Failure | undefined> {
  for (const { path, shown } of files) {
    const line = await tooDeepAt(connection, path).catch((error: unknown) => {
      if (error instanceof TooWide) return error;
      throw error;
    });
    if (line instanceof TooWide) return tooWide(shown, line.line);
    if (line !== undefined)
      return {
        code: 'data-unreadable',
        source: shown,
        reason: `values in line ${line} are nested deeper than ${DEEPEST} levels`,
      };
  }
  return undefined;
}

/** DuckDB says at which byte a file is broken; people look for the line. */
function whyNot(files: readonly JsonFile[]): Failure | undefined {
  for (const file of files) {
    const broken = brokenElement(file);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

const SOUND = { faults: [], brokenLines: new Set<number>() };

async function complete(
  connection: Connection,
  { files, faults, brokenLines }: Cleaned,
  described: Described,
  options: JsonOptions,
): Promise<Result<JsonTable, Failure>> {
  // SQL cannot name it: its text ends at a NUL
  const unnamed = [...described.keys()].find((name) => name.includes('\0'));
  if (unnamed !== undefined)
    return err({ code: 'table-malformed', path: options.name, problem: { kind: 'no-column-name', key: unnamed } });
  const lost = await findRenamedKey(connection, files, [...described.keys()]);
  if (lost !== undefined) return err(lost);
  const columns = [...described].map(([name, type]) => ({ name, type, wanted: wantedOf(name, options) }));
  const untold = columns.filter(({ wanted }) => wanted !== 'text');
  const suspects = await suspectTypes(
    files.map((file) => file.path),
    untold,
  );
  const open = columns.filter(({ type, wanted }) => isOpen(type, wanted, suspects));
  const looked = await lookAt(connection, files, open, options.name);
  if (!looked.ok) return looked;
  const types = new Map<string, ReadAs>();
  for (const column of columns) {
    const seen = looked.value.get(column.name);
    const read = readAs(column, seen);
    const unfit = seen === undefined || seen.unfit === 0 ? [] : await unfitValues(connection, files, column, seen);
    const isLocal = seen !== undefined && unfit.length === 0 && seen.present > 0 && seen.local === seen.present;
    const local = isLocal ? await localDates(connection, files, column) : [];
    types.set(column.name, { ...read, faults: [...unfit, ...local] });
  }
  const unfit = [...types.values()].flatMap((one) => one.faults);
  return ok({ files, types, faults: [...faults, ...unfit], brokenLines });
}

/** How DuckDB calls a key whose name another one has in other letters, and a key without a name. */
const RENAMED = /^(?:.+_|C)[0-9]+$/is;

/**
 * The first row with a key that DuckDB gives another name to: its values could not be found by that name. Keys that differ in
 * nothing but capital letters are one name to SQL.
 */
async function findRenamedKey(
  connection: Connection,
  files: readonly JsonFile[],
  names: readonly string[],
): Promise<Failure | undefined> {
  if (!names.some((name) => RENAMED.test(name))) return undefined;
  const known = `[${names.map(literal).join(', ')}]`;
  for (const { path, shown } of files) {
    const keys = `SELECT unnest(json_keys(json)) AS key, row_number() OVER () AS n FROM read_json_objects([${literal(path)}])`;
    const found = await connection.query(
      `SELECT n::DOUBLE AS n, key FROM (${keys}) WHERE NOT list_contains(${known}, key) ORDER BY n LIMIT 1`,
      shown,
    );
    const [first] = found.ok ? found.value : [];
    if (first === undefined) continue;
    const line = await lineOfRow(path, requireNumber(first.n));
    return {
      code: 'table-malformed',
      path: shown,
      line,
      problem: { kind: 'no-column-name', key: String(first.key) },
    };
  }
  return undefined;
}

type Wanted = 'text' | 'number' | 'boolean' | 'timestamp' | undefined;

function wantedOf(name: string, { types, timeColumn }: JsonOptions): Wanted {
  if (name === timeColumn) return 'timestamp';
  const type = types?.get(name)?.type;
  return type === 'integer' ? 'number' : type === 'other' ? undefined : type;
}

interface JsonColumn {
  readonly name: string;
  /** As DuckDB finds it. */
  readonly type: string;
  readonly wanted: Wanted;
}

const isText = (type: string): boolean => type === 'VARCHAR' || type === 'JSON';

/** Columns whose values must be looked at before their type is known. */
const isOpen = (type: string, wanted: Wanted, suspects: ReadonlySet<string>): boolean =>
  type === 'JSON' || (wanted !== 'text' && (suspects.has(type) || (isText(type) && wanted !== undefined)));

interface Looked {
  readonly nested: number;
  readonly present: number;
  readonly wholes: number;
  /** Numbers that neither an integer nor a double holds. */
  readonly huge: number;
  /** Numbers whose whole units a double would not keep. */
  readonly lost: number;
  readonly moments: number;
  /** Moments with a time of day. */
  readonly clocks: number;
  readonly nanos: number;
  readonly fine: number;
  /** Dates with their year last. */
  readonly local: number;
  /** Values that do not read as what is wanted. */
  readonly unfit: number;
}

const CASTS = { number: 'DOUBLE', boolean: 'BOOLEAN', timestamp: 'TIMESTAMPTZ' } as const;

const hugeSql = (id: string): string =>
  `regexp_full_match(${id}, '-?[0-9]{39,}') OR (regexp_full_match(${id}, '-?[0-9].*') AND NOT coalesce(isfinite(TRY_CAST(${id} AS DOUBLE)), false))`;

/** The digits of a number without the zeros around them. */
const digitsSql = (text: string): string =>
  `rtrim(ltrim(replace(regexp_extract(${text}, '^-?([0-9.]+)', 1), '.', ''), '0'), '0')`;

/** A double that is written with the same digits is the number, and so is one that is the same whole number. */
function lostSql(id: string): string {
  const double = `TRY_CAST(${id} AS DOUBLE)`;
  const isWhole = `coalesce(TRY_CAST(${double} AS HUGEINT) = TRY_CAST(${id} AS HUGEINT), false) AND NOT contains(${id}, '.')`;
  const isOther = `${digitsSql(id)} <> ${digitsSql(`${double}::VARCHAR`)} AND NOT (${isWhole})`;
  return `regexp_full_match(${id}, '-?[0-9]{16,}(\\.[0-9]+)?') AND ${isOther}`;
}

const LOCAL_DATE = '[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}([T ].*)?';

const unfitSql = (id: string, wanted: Wanted): string =>
  wanted === undefined || wanted === 'text'
    ? 'false'
    : `${id} IS NOT NULL AND TRY_CAST(${id} AS ${CASTS[wanted]}) IS NULL`;

async function lookAt(
  connection: Connection,
  files: readonly JsonFile[],
  columns: readonly JsonColumn[],
  name: string,
): Promise<Result<ReadonlyMap<string, Looked>, Failure>> {
  if (columns.length === 0) return ok(new Map());
  const counts = columns.flatMap(({ name: column, wanted }, i) => {
    const id = identifier(column);
    return [
      `count(${id})::DOUBLE AS present${i}`,
      `(count(*) FILTER (WHERE left(${id}, 1) IN ('{', '[')))::DOUBLE AS nested${i}`,
      `(count(*) FILTER (WHERE regexp_full_match(${id}, '-?[0-9]{1,38}')))::DOUBLE AS wholes${i}`,
      `(count(*) FILTER (WHERE ${hugeSql(id)}))::DOUBLE AS huge${i}`,
      `(count(*) FILTER (WHERE ${lostSql(id)}))::DOUBLE AS lost${i}`,
      `count(TRY_CAST(${id} AS TIMESTAMPTZ))::DOUBLE AS moments${i}`,
      `(count(*) FILTER (WHERE regexp_matches(${id}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:')))::DOUBLE AS clocks${i}`,
      `count(TRY_CAST(${id} AS TIMESTAMP_NS))::DOUBLE AS nanos${i}`,
      `(count(*) FILTER (WHERE regexp_matches(${id}, ':[0-9]{2}\\.[0-9]{6}[0-9]*[1-9]')))::DOUBLE AS fine${i}`,
      `(count(*) FILTER (WHERE regexp_full_match(${id}, '${LOCAL_DATE}')))::DOUBLE AS local${i}`,
      `(count(*) FILTER (WHERE ${unfitSql(id, wanted)}))::DOUBLE AS unfit${i}`,
    ];
  });
  const read = await connection.query(`SELECT ${counts.join(', ')} FROM ${asText(files, columns)}`, name);
  if (!read.ok) return read;
  const of = (key: string): number => requireNumber(read.value[0]?.[key]);
  return ok(
    new Map(
      columns.map((column, i) => [
        column.name,
        {
          present: of(`present${i}`),
          nested: of(`nested${i}`),
          wholes: of(`wholes${i}`),
          huge: of(`huge${i}`),
          lost: of(`lost${i}`),
          moments: of(`moments${i}`),
          clocks: of(`clocks${i}`),
          nanos: of(`nanos${i}`),
          fine: of(`fine${i}`),
          local: of(`local${i}`),
          unfit: of(`unfit${i}`),
        },
      ]),
    ),
  );
}

const asText = (files: readonly JsonFile[], columns: readonly { readonly name: string }[]): string => {
  const types = columns.map((column) => `${literal(column.name)}: 'VARCHAR'`).join(', ');
  return `read_json([${files.map((file) => literal(file.path)).join(', ')}], columns = {${types}})`;
};

function readAs({ name, type, wanted }: JsonColumn, seen: Looked | undefined): Omit<ReadAs, 'faults'> {
  const id = identifier(name);
  const isNested = seen !== undefined && seen.nested > 0;
  if (isNested && type === 'JSON') return { parsed: 'JSON' };
  if (wanted === 'text' && !/[[({]/.test(type)) return { parsed: 'VARCHAR' };
  if (seen !== undefined && seen.fine > 0 && seen.moments === seen.present) {
    const areKept = seen.nanos === seen.present;
    return { parsed: 'VARCHAR', ...(areKept ? { expression: `${id}::TIMESTAMP_NS` } : {}) };
  }
  if (type === 'TIMESTAMP') return { parsed: 'TIMESTAMPTZ', expression: `${id}::TIMESTAMP` };
  if (type === 'JSON' || type === 'UUID' || type === 'VARCHAR') {
    const areClocks = seen !== undefined && wanted === undefined && seen.clocks === seen.present;
    const areMoments =
      seen !== undefined && seen.present > 0 && seen.moments === seen.present && (wanted === 'timestamp' || areClocks);
    return areMoments ? { parsed: 'TIMESTAMPTZ', expression: `${id}::TIMESTAMP` } : { parsed: 'VARCHAR' };
  }
  if (type === 'DOUBLE' && seen !== undefined && seen.huge > 0) return { parsed: 'VARCHAR' };
  if (type === 'DOUBLE' && seen !== undefined && seen.wholes === seen.present) return { parsed: 'HUGEINT' };
  if (type === 'DOUBLE' && seen !== undefined && seen.lost > 0) return { parsed: 'VARCHAR' };
  return { parsed: type };
}

/** Text where something else is wanted: how many values do not read as it, and the first of them. */
async function unfitValues(
  connection: Connection,
  files: readonly JsonFile[],
  { name, wanted }: JsonColumn,
  { unfit }: Looked,
): Promise<readonly ReadFault[]> {
  if (wanted === undefined || wanted === 'text') return [];
  const first = await firstValue(connection, files, { name, where: unfitSql(identifier(name), wanted) });
  return first === undefined ? [] : [{ kind: 'unfit-values', column: name, wanted, rows: unfit, ...first }];
}

async function localDates(
  connection: Connection,
  files: readonly JsonFile[],
  { name }: JsonColumn,
): Promise<readonly ReadFault[]> {
  const first = await firstValue(connection, files, { name, where: `${identifier(name)} IS NOT NULL` });
  return first === undefined ? [] : [{ kind: 'local-dates', column: name, order: 'unread', ...first }];
}

/** The first value of a column for which a condition is true. */
async function firstValue(
  connection: Connection,
  files: readonly JsonFile[],
  { name, where }: { readonly name: string; readonly where: string },
): Promise<PlacedValue | undefined> {
  const id = identifier(name);
  for (const file of files) {
    const rows = `SELECT ${id}, row_number() OVER () AS n FROM ${asText([file], [{ name }])}`;
    const found = await connection.query(
      `SELECT n::DOUBLE AS n, left(${id}, 80) AS v FROM (${rows}) WHERE ${where} ORDER BY n LIMIT 1`,
      file.shown,
    );
    const [first] = found.ok ? found.value : [];
    if (first === undefined) continue;
    const line = await lineOfRow(file.path, requireNumber(first.n));
    return { file: file.shown, line, value: String(first.v) };
  }
  return undefined;
}

/** A SELECT with every type spelled out. */
export function jsonSelect(
  files: readonly JsonFile[],
  types: ReadonlyMap<string, ReadAs>,
  { fileColumn, isShown }: { readonly fileColumn?: string; readonly isShown?: boolean } = {},
): readonly string[] {
  const made = [...types].flatMap(([name, { expression }]) =>
    expression === undefined ? [] : [`${expression} AS ${identifier(name)}`],
  );
  const list = made.length === 0 ? '*' : `* REPLACE (${made.join(', ')})`;
  const columns = [...types].map(([name, { parsed }]) => `${literal(name)}: ${literal(parsed)}`).join(', ');
  const groups = files.some((file) => file.isCopy) ? files.map((file) => [file]) : [files];
  return groups.map((group) => {
    const [first] = group;
    const isCopy = first?.isCopy === true;
    const paths = group.map((file) => literal(isShown === true ? file.shown : file.path)).join(', ');
    const named =
      fileColumn !== undefined && isCopy ? `, ${literal(first?.shown ?? '')} AS ${identifier(fileColumn)}` : '';
    const filename = fileColumn !== undefined && !isCopy ? `, filename = ${literal(fileColumn)}` : '';
    const lenient = isShown === true && isCopy ? ', ignore_errors = true' : '';
    return `SELECT ${list}${named} FROM read_json([${paths}], columns = {${columns}}${lenient}${filename})`;
  });
}
