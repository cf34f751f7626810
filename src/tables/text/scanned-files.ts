import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { messageOf } from '../../domain/support/system-error.js';
import type { Connection } from '../connection.js';
import { literal } from '../quoted.js';
import { UnpackError } from './byte-source.js';
import { writeCleanCopy } from './clean-copy.js';
import type { CsvFile } from './csv-sql.js';
import { KIND, NUMBERS } from './kinds.js';
import { type CsvFileScan, glanceAtCsvFile, scanCsvFile } from './scan-csv-file.js';
import { TooWide, tooWide } from './too-wide.js';

/** A CSV file that was read once from end to end. */
export interface ScannedFile {
  readonly shown: string;
  /** Where its plain bytes are: the file itself, or an unpacked copy. */
  readonly plain: string;
  readonly scan: CsvFileScan;
  readonly csv: CsvFile;
  readonly faults: readonly ReadFault[];
}

type Scanned = Promise<Result<ScannedFile, Failure>>;

const known = new WeakMap<Connection, Map<string, Scanned>>();

/** Scans a file once for this connection; again where it has changed since. */
export function readCsvFile(connection: Connection, path: string): Scanned {
  const files = known.get(connection) ?? new Map<string, Scanned>();
  known.set(connection, files);
  const key = keyOf(resolve(connection.root, path));
  const found = files.get(key) ?? scan(connection, path);
  files.set(key, found);
  return found;
}

/** The file as its beginning looks, undefined where that is not enough to read it. */
export async function glanceAtCsv(connection: Connection, path: string): Promise<ScannedFile | undefined> {
  const plain = resolve(connection.root, path);
  if (/\.zst$/i.test(path)) return undefined;
  try {
    const scan = await glanceAtCsvFile(plain, delimiterOf(path));
    if (scan === undefined || needsCopy(scan)) return undefined;
    const csv = {
      original: path,
      shown: path,
      path,
      dialect: scan.dialect,
      longestRow: 0,
      isCopy: false,
      lineBreak: breakOf(scan),
    };
    return { shown: path, plain, scan, csv, faults: [] };
  } catch {
    return undefined;
  }
}

const needsCopy = ({ brokenRows, lineEnds, dialect, columns }: CsvFileScan): boolean =>
  brokenRows > 0 || lineEnds.mixedAt !== undefined || dialect.skippedLines > 0 || hasBareLines(columns);

/** DuckDB takes the first line break of a file for that of its lines, also one inside of quotes, and then finds no row. */
function breakOf({ dialect: { hasHeader, header }, lineEnds }: CsvFileScan, isCopy = false): string | undefined {
  if (hasHeader && header?.some((byte) => byte === LINE_FEED || byte === CARRIAGE_RETURN) !== true) return undefined;
  if (isCopy) return '\n';
  if (lineEnds.both > 0) return '\r\n';
  if (lineEnds.lineFeed > 0) return '\n';
  return lineEnds.carriageReturn > 0 ? '\r' : undefined;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** An empty line of a file with one column is a missing value, which DuckDB passes over at the end of some files. */
const hasBareLines = (columns: CsvFileScan['columns']): boolean =>
  columns.length === 1 && (columns[0]?.counts[KIND.empty] ?? 0) > 0;

function keyOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return JSON.stringify([path, stat?.ino, stat?.size, stat?.mtimeMs, stat?.ctimeMs]);
}

async function scan(connection: Connection, path: string): Scanned {
  const absolute = resolve(connection.root, path);
  const inside = relative(resolve(connection.root), absolute);
  const shown = inside.startsWith('..') ? path : inside;
  if (!existsSync(absolute)) return err({ code: 'data-unreadable', source: shown, reason: 'there is no such file' });
  try {
    const plain = await unpacked(connection, absolute);
    if (!plain.ok) return plain;
    const found = await scanCsvFile(plain.value, delimiterOf(path));
    if (!found.ok) return err({ code: 'table-malformed', path: shown, ...found.error });
    const problem = fitProblem(found.value);
    if (problem !== undefined) return err({ code: 'table-malformed', path: shown, ...problem });
    const csv = await toCsvFile(connection, { path, plain: plain.value }, found.value);
    return ok({ shown, plain: plain.value, scan: found.value, csv, faults: faultsOf(shown, found.value) });
  } catch (error) {
    if (error instanceof TooWide) return err(tooWide(shown, error.line));
    const reason = messageOf(error);
    if (error instanceof UnpackError)
      return err({ code: 'table-malformed', path: shown, problem: { kind: 'not-packed', reason } });
    return err({ code: 'data-unreadable', source: shown, reason });
  }
}

const delimiterOf = (path: string): { readonly delimiter?: string } =>
  /\.tsv(\.(gz|zst))?$/i.test(path) ? { delimiter: '\t' } : {};

/** Node 20 cannot unpack Zstandard, DuckDB can: line by line, as text. */
async function unpacked(connection: Connection, path: string): Promise<Result<string, Failure>> {
  if (!/\.zst$/i.test(path)) return ok(path);
  const to = connection.temporaryPath(/\.tsv\.zst$/i.test(path) ? '.tsv' : '.csv');
  const mark = literal(String.fromCharCode(1));
  const lines = `read_csv(${literal(path)}, auto_detect = false, header = false, delim = ${mark}, quote = '', escape = '',
    columns = {'line': 'VARCHAR'}, compression = 'zstd', strict_mode = false)`;
  const copied = await connection.query(
    `COPY (SELECT line FROM ${lines}) TO ${literal(to)} (FORMAT csv, HEADER false, DELIMITER ${mark}, QUOTE '', ESCAPE '')`,
    path,
  );
  return copied.ok ? ok(to) : copied;
}

/** A table of which no row has as many fields as the header has names is none. */
function fitProblem({ rows, brokenRows, broken, dialect }: CsvFileScan) {
  const names = dialect.names.length;
  if (dialect.other !== undefined)
    return { line: dialect.skippedLines + 1, problem: { kind: 'other-delimiter', ...dialect.other } as const };
  if (dialect.rowFields !== undefined)
    return {
      line: dialect.linesBefore + 1,
      problem: { kind: 'no-row-fits', names, fields: dialect.rowFields } as const,
    };
  if (dialect.title !== undefined)
    return { line: dialect.linesBefore, problem: { kind: 'title', text: dialect.title } as const };
  const [first] = broken;
  if (rows > 0 || first === undefined || (brokenRows === 1 && first.isCut)) return undefined;
  return first.why === 'quote'
    ? { line: first.line, problem: { kind: 'unclosed-quote' } as const }
    : { line: first.line, problem: { kind: 'no-row-fits', names, fields: first.fields } as const };
}

async function toCsvFile(
  connection: Connection,
  { path, plain }: { readonly path: string; readonly plain: string },
  scan: CsvFileScan,
): Promise<CsvFile> {
  const { dialect, longestRow } = scan;
  const isCopy = needsCopy(scan);
  const base = { original: path, shown: path, dialect, longestRow, isCopy, lineBreak: breakOf(scan, isCopy) };
  if (!isCopy) return { ...base, path: plain === resolve(connection.root, path) ? path : plain };
  const copy = connection.temporaryPath(`-${randomUUID()}.csv`);
  await writeCleanCopy(plain, scan, copy);
  return { ...base, path: copy };
}

/** Fewer numbers do not make a word in the last row odd. */
const FEWEST_NUMBERS = 10;

/** Columns of numbers whose only word is in the last row. */
const footersOf = (file: string, { columns, dialect, lastLine }: CsvFileScan): readonly ReadFault[] =>
  columns.flatMap(({ counts, first }, i) => {
    const word = first[KIND.text];
    const numbers = NUMBERS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
    const present = counts.reduce((sum, count, kind) => sum + (kind === KIND.empty ? 0 : count), 0);
    const isOdd = counts[KIND.text] === 1 && numbers === present - 1 && numbers >= FEWEST_NUMBERS;
    return isOdd && word?.line === lastLine
      ? [{ kind: 'footer' as const, file, line: lastLine, column: dialect.names[i] ?? '', value: word.value }]
      : [];
  });

function faultsOf(file: string, scan: CsvFileScan): readonly ReadFault[] {
  const { brokenRows, broken, lineEnds, dialect } = scan;
  const { mixedAt } = lineEnds;
  const first = broken.map(({ line, why, fields, text, isCut }) => ({
    file,
    line,
    why: isCut ? ('cut' as const) : why,
    fields,
    text,
  }));
  return [
    ...(brokenRows === 0
      ? []
      : [{ kind: 'broken-rows' as const, rows: brokenRows, names: dialect.names.length, first }]),
    ...(mixedAt === undefined ? [] : [{ kind: 'mixed-line-ends' as const, file, line: mixedAt }]),
    ...dialect.repeated.map((one) => ({ kind: 'repeated-name' as const, file, line: dialect.linesBefore, ...one })),
    ...footersOf(file, scan),
  ];
}
