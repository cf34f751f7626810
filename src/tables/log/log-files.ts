import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { type CsvDialect, findDialect } from '../text/csv-dialect.js';
import { createRowReader } from '../text/row-reader.js';

/** How far a file has been read. */
export interface ReadSource {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Hash of the last bytes before `size`. */
  readonly tail: string;
  /** Whether it ended with a line break, so that only whole lines follow. */
  readonly isWhole: boolean;
}

/** The part of a file to read now. */
export interface ToRead {
  /** The file itself, or a copy of its new lines. */
  readonly path: string;
  readonly source: ReadSource;
  readonly isCopy: boolean;
  /**
   * For a copy without the beginning of the file: lines of the file before its first row, minus those of the header.
   */
  readonly linesBefore: () => number;
}

/** Bytes before the end that must be unchanged in a file that only grew. */
const TAIL = 4096;
const PIECE = 1 << 20;
const LINE_FEED = 10;

const canGrow = (path: string): boolean => /\.(csv|tsv|jsonl|ndjson)$/i.test(path);
const isCsv = (path: string): boolean => /\.(csv|tsv)$/i.test(path);

/** A new path for a copy of lines, with this ending. */
type CopyPath = (ending: string) => string;

/** The new lines since files were read. `undefined` if one of them has changed other than by growing, or is gone. */
export function newSince(
  known: ReadonlyMap<string, ReadSource>,
  paths: readonly string[],
  copyPath: CopyPath,
): readonly ToRead[] | undefined {
  const present = new Set(paths);
  for (const path of known.keys()) if (!present.has(path)) return undefined;
  const found: ToRead[] = [];
  for (const path of paths) {
    const before = known.get(path);
    const { size, mtimeMs } = statSync(path);
    if (before !== undefined && before.size === size && before.mtimeMs === mtimeMs) continue;
    if (before === undefined) {
      found.push(whole(path, copyPath));
      continue;
    }
    const isGrown = canGrow(path) && before.isWhole && size > before.size;
    if (!isGrown || tailOf(path, before.size) !== before.tail) return undefined;
    const grown = linesAfter(path, before.size, copyPath);
    if (grown !== undefined) found.push(grown);
  }
  return found;
}

/** A whole file, without a last line that is still being written. */
function whole(path: string, copyPath: CopyPath): ToRead {
  const { size, mtimeMs } = statSync(path);
  const linesBefore = () => 0;
  const itself = (isWhole: boolean): ToRead => ({
    path,
    isCopy: false,
    linesBefore,
    source: { path, size, mtimeMs, tail: tailOf(path, size), isWhole },
  });
  if (!canGrow(path) || size === 0) return itself(size > 0);
  const end = endOfLines(path, 0, size);
  if (end === size || !isTorn(path, end, size)) return itself(end === size);
  const source = { path, size: end, mtimeMs, tail: tailOf(path, end), isWhole: true };
  return { ...copyLines(path, { from: 0, to: end }, copyPath), linesBefore, source };
}

/** Removes the copies that were made. */
export function removeCopies(read: readonly ToRead[]): void {
  for (const { path, isCopy } of read) if (isCopy) rmSync(path, { force: true });
}

function linesAfter(path: string, from: number, copyPath: CopyPath): ToRead | undefined {
  const { size, mtimeMs } = statSync(path);
  const end = endOfLines(path, from, size);
  if (end <= from) return undefined;
  return {
    ...copyLines(path, { from, to: end }, copyPath),
    linesBefore: () => linesUntil(path, from),
    source: { path, size: end, mtimeMs, tail: tailOf(path, end), isWhole: true },
  };
}

/**
 * Whether the last line, which has no line break, is incomplete: an incomplete JSON document, or a CSV row with too few
 * fields or an open quote. If only a part of its last field is missing, it cannot be told from a whole row.
 */
function isTorn(path: string, from: number, to: number): boolean {
  if (isCsv(path)) return isTornRow(path, from, to);
  try {
    JSON.parse(readBytes(path, from, to).toString('utf8'));
    return false;
  } catch {
    return true;
  }
}

function isTornRow(path: string, from: number, to: number): boolean {
  const dialect = dialectOf(path);
  if (dialect === undefined || from === 0) return true;
  const line = Buffer.alloc(to - from + 1);
  readBytes(path, from, to).copy(line);
  line[to - from] = LINE_FEED;
  const row = createRowReader({ ...dialect, columns: 0 });
  const ending = row.read(line, 0, to - from);
  return ending !== 'open' || row.fields < dialect.names.length;
}

/** The layout according to the beginning of the file. `undefined` if it has no whole line yet. */
function dialectOf(path: string): CsvDialect | undefined {
  const read = readBytes(path, 0, Math.min(PIECE, statSync(path).size));
  const head = Buffer.alloc(read.length + 1);
  read.copy(head);
  const end = read.lastIndexOf(LINE_FEED) + 1;
  return findDialect(head, end, { isWhole: true, delimiter: /\.tsv$/i.test(path) ? '\t' : undefined });
}

/** The position after the last line break between `from` and `to`; `from` if there is none. */
function endOfLines(path: string, from: number, to: number): number {
  for (let end = to; end > from; end -= PIECE) {
    const start = Math.max(from, end - PIECE);
    const at = readBytes(path, start, end).lastIndexOf(LINE_FEED);
    if (at >= 0) return start + at + 1;
  }
  return from;
}

function copyLines(
  path: string,
  { from, to }: { readonly from: number; readonly to: number },
  copyPath: CopyPath,
): Pick<ToRead, 'path' | 'isCopy'> {
  const ending = /\.[^.]+$/.exec(path)?.[0] ?? '';
  const copy = copyPath(ending);
  const out = openSync(copy, 'wx');
  try {
    if (from > 0 && isCsv(path)) writeSync(out, readBytes(path, 0, dialectOf(path)?.bodyAt ?? 0));
    for (let at = from; at < to; at += PIECE) writeSync(out, readBytes(path, at, Math.min(to, at + PIECE)));
  } finally {
    closeSync(out);
  }
  return { path: copy, isCopy: true };
}

/** Line breaks before a place, without those of the header that a copy begins with. */
function linesUntil(path: string, to: number): number {
  let lines = isCsv(path) ? -(dialectOf(path)?.linesBefore ?? 0) : 0;
  for (let at = 0; at < to; at += PIECE) {
    const piece = readBytes(path, at, Math.min(to, at + PIECE));
    for (let feed = piece.indexOf(LINE_FEED); feed >= 0; feed = piece.indexOf(LINE_FEED, feed + 1)) lines++;
  }
  return lines;
}

const tailOf = (path: string, end: number): string =>
  createHash('sha256')
    .update(readBytes(path, Math.max(0, end - TAIL), end))
    .digest('hex');

function readBytes(path: string, from: number, to: number): Buffer {
  const bytes = Buffer.alloc(to - from);
  const file = openSync(path, 'r');
  try {
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(file, bytes, filled, bytes.length - filled, from + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}
