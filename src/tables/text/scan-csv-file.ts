import { isUtf8 } from 'node:buffer';
import { statSync } from 'node:fs';
import type { TableProblem } from '../../domain/data/read-fault.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { type ByteSource, openBytes } from './byte-source.js';
import { BACKSLASH, type CsvDialect, findDialect } from './csv-dialect.js';
import { type CsvScan, createCsvScanner, type TakeRow } from './csv-scanner.js';
import { encodingProblem, firstBadLine } from './encoding.js';

/** Everything that is known of a CSV file after all of it was read once. */
export interface CsvFileScan extends CsvScan {
  readonly dialect: CsvDialect;
  /** DOS's mark for the end of a text stands behind the last line. */
  readonly hasEndMark: boolean;
}

/** Why a file cannot be read as CSV at all. */
export interface CsvProblem {
  readonly problem: TableProblem;
  readonly line?: number;
}

const PIECE = 4 * 1024 * 1024;
/** Of a file that is packed nobody knows how much comes out. */
const HEAD = 1024 * 1024;
/** No header is longer. */
const LONGEST_HEAD = 64 * 1024 * 1024;

export interface CsvScanOptions {
  /** Fixed for files whose name says it. */
  readonly delimiter?: string;
  /** Called for each row. */
  readonly take?: TakeRow;
  /** Called once with what stands before the first row. */
  readonly takeHead?: (bytes: Uint8Array) => void;
}

/** Reads a CSV file from its first byte to its last. Errors of the file system are thrown. */
export async function scanCsvFile(
  path: string,
  options: CsvScanOptions = {},
): Promise<Result<CsvFileScan, CsvProblem>> {
  const scanned = await scanWith(path, options);
  if (!scanned.ok || !scanned.value.broken.some((row) => row.why === 'quote') || options.take !== undefined)
    return scanned;
  // A quote before which stands a backslash may be meant as a part of the value.
  const again = await scanWith(path, { ...options, escapeByte: BACKSLASH });
  return again.ok && again.value.brokenRows < scanned.value.brokenRows ? again : scanned;
}

/** What the beginning of a CSV file looks like; later rows may look different. */
export async function glanceAtCsvFile(
  path: string,
  options: Pick<CsvScanOptions, 'delimiter'>,
): Promise<CsvFileScan | undefined> {
  await using source = await openBytes(path);
  const start = await readHead(source, Math.min(HEAD, sizeOf(path)) + 1, options);
  if (!start.ok) return undefined;
  const { dialect, buffer, filled, isWhole, hasEndMark } = start.value;
  const scanner = createCsvScanner({ ...dialect, columns: dialect.names.length });
  scanner.add(buffer.subarray(dialect.bodyAt), filled - dialect.bodyAt, isWhole);
  return { ...scanner.finish(), dialect, hasEndMark };
}

/** The same rows again, as an earlier scan has found them. */
export const scanAgain = (
  path: string,
  { escapeByte, quote }: CsvDialect,
  options: CsvScanOptions,
): Promise<Result<CsvFileScan, CsvProblem>> =>
  scanWith(path, { ...options, ...(escapeByte === quote ? {} : { escapeByte }) });

async function scanWith(
  path: string,
  options: CsvScanOptions & { readonly escapeByte?: number },
): Promise<Result<CsvFileScan, CsvProblem>> {
  await using source = await openBytes(path);
  const start = await readHead(source, Math.min(PIECE, sizeOf(path) + 1), options);
  if (!start.ok) return start;
  const { dialect, buffer, filled, isWhole } = start.value;
  options.takeHead?.(buffer.subarray(0, dialect.bodyAt));
  const scanner = createCsvScanner({ ...dialect, columns: dialect.names.length }, options.take);
  const body = await scanBody(source, { buffer, filled, isWhole, scanner, ...dialect });
  return body.ok
    ? ok({ ...scanner.finish(), dialect, hasEndMark: start.value.hasEndMark || body.value.hasEndMark })
    : body;
}

const sizeOf = (path: string): number => (/\.gz$/i.test(path) ? HEAD : statSync(path).size);

interface Start {
  readonly dialect: CsvDialect;
  readonly buffer: Uint8Array;
  readonly filled: number;
  readonly isWhole: boolean;
  readonly hasEndMark: boolean;
}

const END_MARK = 26;

/** The end of a file's text, before DOS's mark for it (Ctrl-Z), which is no value. */
function textEnd(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > 0 && bytes[at - 1] === END_MARK) at--;
  return at;
}

/** Reads until the header and a row are there, and finds the layout. */
async function readHead(
  source: ByteSource,
  size: number,
  { delimiter, escapeByte }: CsvScanOptions & { readonly escapeByte?: number },
): Promise<Result<Start, CsvProblem>> {
  let buffer: Uint8Array = new Uint8Array(size + 1);
  let filled = 0;
  for (;;) {
    const room = buffer.length - 1 - filled;
    const read = await source.fill(buffer, filled, room);
    const isWhole = read < room;
    const end = filled + read;
    filled = isWhole ? textEnd(buffer, end) : end;
    if (filled === 0) return err({ problem: { kind: 'empty' } });
    const encoding = encodingProblem(buffer.subarray(0, filled));
    if (encoding !== undefined) return err(encoding);
    const dialect = layoutOf(buffer, filled, { isWhole, delimiter });
    const unnamed = dialect?.names.find((name) => name.includes('\0'));
    if (dialect !== undefined && unnamed !== undefined)
      return err({ problem: { kind: 'no-column-name', key: unnamed }, line: dialect.skippedLines + 1 });
    if (dialect !== undefined)
      return ok({
        dialect: escapeByte === undefined ? dialect : { ...dialect, escapeByte },
        buffer,
        filled,
        isWhole,
        hasEndMark: filled < end,
      });
    if (isWhole || buffer.length > LONGEST_HEAD) return err(headProblem(buffer.subarray(0, filled)));
    const larger = new Uint8Array(2 * buffer.length);
    larger.set(buffer.subarray(0, filled));
    buffer = larger;
  }
}

/** Bytes that the layout is found from where they hold the header and a row. */
const LAYOUT = 64 * 1024;

/** The layout from a few bytes where they tell it, else from all that were read. */
function layoutOf(
  buffer: Uint8Array,
  filled: number,
  options: { readonly isWhole: boolean; readonly delimiter: string | undefined },
): CsvDialect | undefined {
  if (filled <= LAYOUT) return findDialect(buffer, filled, options);
  // A copy, since a byte is written behind the last one.
  const found = findDialect(buffer.slice(0, LAYOUT + 1), LAYOUT, { ...options, isWhole: false });
  return found ?? findDialect(buffer, filled, options);
}

/** Line breaks, spaces, and the mark at the beginning of some files. */
const EMPTY_BYTES = new Set([10, 13, 32, 0xef, 0xbb, 0xbf]);

/** Without a first row: nothing but empty lines, or a quote in the header that is never closed. */
const headProblem = (bytes: Uint8Array): CsvProblem =>
  bytes.every((byte) => EMPTY_BYTES.has(byte))
    ? { problem: { kind: 'empty' } }
    : { problem: { kind: 'unclosed-quote' }, line: 1 };

interface Body {
  readonly buffer: Uint8Array;
  readonly filled: number;
  readonly isWhole: boolean;
  readonly scanner: ReturnType<typeof createCsvScanner>;
  readonly bodyAt: number;
}

async function scanBody(source: ByteSource, body: Body): Promise<Result<Pick<CsvFileScan, 'hasEndMark'>, CsvProblem>> {
  const { scanner } = body;
  let { buffer, filled, isWhole } = body;
  let from = body.bodyAt;
  let hasEndMark = false;
  for (;;) {
    const linesBefore = scanner.linesRead();
    const used = from + scanner.add(buffer.subarray(from), filled - from, isWhole);
    const piece = buffer.subarray(from, used);
    if (!isUtf8(piece)) return err(firstBadLine(piece, linesBefore));
    if (isWhole) return ok({ hasEndMark });
    if (filled - used > (buffer.length - 1) / 2) {
      const larger = new Uint8Array(2 * buffer.length);
      larger.set(buffer.subarray(used, filled));
      [filled, buffer] = [filled - used, larger];
    } else {
      buffer.copyWithin(0, used, filled);
      filled -= used;
    }
    const room = buffer.length - 1 - filled;
    const read = await source.fill(buffer, filled, room);
    isWhole = read < room;
    const end = filled + read;
    filled = isWhole ? textEnd(buffer, end) : end;
    hasEndMark = filled < end;
    from = 0;
  }
}
