import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { BrokenRowAt, ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import { isRecord } from '../../domain/support/json.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { Connection } from '../connection.js';
import { openBytes } from './byte-source.js';
import { encodingProblem, firstBadLine } from './encoding.js';
import { readElements } from './json-elements.js';
import type { JsonFile } from './json-file.js';

const PIECE = 4 * 1024 * 1024;
const KEPT_BROKEN = 1000;
const KEPT_TEXT = 80;
const LINE_FEED = 10;

/** A line without its line break; `isLast` where no line break follows. */
type TakeLine = (bytes: Uint8Array, line: number, isLast: boolean) => 'stop' | undefined;

/** Hands over the lines of a file, one by one. */
export async function readLines(path: string, take: TakeLine): Promise<void> {
  await using source = await openBytes(path);
  let buffer: Uint8Array = new Uint8Array(PIECE);
  let filled = 0;
  let line = 0;
  for (;;) {
    const room = buffer.length - filled;
    const read = await source.fill(buffer, filled, room);
    filled += read;
    let at = 0;
    for (let feed = buffer.indexOf(LINE_FEED); feed >= 0 && feed < filled; feed = buffer.indexOf(LINE_FEED, at)) {
      if (take(buffer.subarray(at, feed), ++line, false) === 'stop') return;
      at = feed + 1;
    }
    if (read < room) {
      if (at < filled) take(buffer.subarray(at, filled), line + 1, true);
      return;
    }
    if (at === 0) {
      const larger = new Uint8Array(2 * buffer.length);
      larger.set(buffer);
      buffer = larger;
    } else buffer.copyWithin(0, at, filled);
    filled -= at;
  }
}

/** Whether a file's name says that each of its lines is a value. */
export const isLineFile = (path: string): boolean => /\.(jsonl|ndjson)(\.gz)?$/i.test(path);

export interface Cleaned {
  readonly files: readonly JsonFile[];
  readonly faults: readonly ReadFault[];
  /** Lines that are left out, of the last file that has some. */
  readonly brokenLines: ReadonlySet<number>;
}

/** Files of JSON lines without the lines that are no JSON object, and those lines as faults. */
export async function cleanLines(
  connection: Connection,
  files: readonly JsonFile[],
): Promise<Result<Cleaned, Failure>> {
  const cleaned: JsonFile[] = [];
  const first: BrokenRowAt[] = [];
  let rows = 0;
  let brokenLines: ReadonlySet<number> = new Set();
  for (const file of files) {
    const found = await brokenLinesOf(file);
    if (!found.ok) return found;
    rows += found.value.count;
    first.push(...found.value.first);
    const isBroken = found.value.count > 0;
    if (isBroken) brokenLines = found.value.lines;
    cleaned.push(isBroken ? await copyWithout(file, found.value.lines, connection.temporaryPath('.jsonl')) : file);
  }
  return ok({ files: cleaned, faults: rows === 0 ? [] : [{ kind: 'broken-rows', rows, first }], brokenLines });
}

interface BrokenLines {
  readonly count: number;
  readonly lines: ReadonlySet<number>;
  readonly first: readonly BrokenRowAt[];
}

const NONE: BrokenLines = { count: 0, lines: new Set(), first: [] };

/** The lines of a file that are no JSON object, where it is a file of JSON lines. */
export async function brokenLinesOf(file: JsonFile): Promise<Result<BrokenLines, Failure>> {
  if (!(isLineFile(file.path) || (await isByLines(file.path)))) return ok(NONE);
  const decoder = new TextDecoder();
  const lines = new Set<number>();
  const first: BrokenRowAt[] = [];
  let good = 0;
  let malformed: Failure | undefined;
  await readLines(file.path, (bytes, line, isLast) => {
    const encoding = line === 1 ? encodingProblem(bytes) : undefined;
    if (encoding !== undefined || !isUtf8(bytes)) {
      malformed = {
        code: 'table-malformed',
        path: file.shown,
        line,
        problem: encoding?.problem ?? { kind: 'encoding', found: 'Latin-1' },
      };
      return 'stop';
    }
    const text = decoder.decode(bytes);
    if (text.trim() === '') return undefined;
    if (isObject(text)) good++;
    else {
      lines.add(line);
      const why = isLast ? 'cut' : 'not-json';
      if (first.length < KEPT_BROKEN)
        first.push({ file: file.shown, line, why, text: text.slice(0, KEPT_TEXT).trimEnd() });
    }
    return undefined;
  });
  if (malformed !== undefined) return err(malformed);
  const [one] = first;
  if (good === 0 && one !== undefined)
    return err({
      code: 'table-malformed',
      path: file.shown,
      line: one.line,
      problem: { kind: 'not-json', text: one.text },
    });
  return ok({ count: lines.size, lines, first });
}

/** The failure of a file of JSON that is not by lines: the first element that is no JSON, with its line. */
export function brokenElement(file: JsonFile): Failure | undefined {
  if (/\.(gz|zst)$/i.test(file.path)) return undefined;
  const bytes = readFileSync(file.path);
  const fault = (at: number, text: string): Failure => {
    const line = bytes.subarray(0, at).reduce((lines, byte) => lines + Number(byte === LINE_FEED), 1);
    return { code: 'table-malformed', path: file.shown, line, problem: { kind: 'not-json', text } };
  };
  const encoding = encodingProblem(bytes);
  if (encoding !== undefined) return { code: 'table-malformed', path: file.shown, problem: encoding.problem };
  if (!isUtf8(bytes)) return { code: 'table-malformed', path: file.shown, ...firstBadLine(bytes, 0) };
  for (const [start, end] of readElements(bytes).elements) {
    const text = bytes.subarray(start, end).toString('utf8');
    if (!isObject(text)) return fault(start, text.slice(0, KEPT_TEXT));
  }
  return undefined;
}

/** Whether the first line is an object by itself: an array, or one object over many lines, is not. */
async function isByLines(path: string): Promise<boolean> {
  let found = false;
  await readLines(path, (bytes) => {
    const text = new TextDecoder().decode(bytes).trim();
    if (text === '') return undefined;
    found = isObject(text);
    return 'stop';
  });
  return found;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value);
  } catch {
    // DuckDB reads these, which JSON does not have
    return /\b(NaN|-?Infinity)\b/.test(text) && isObject(text.replace(/\b(NaN|-?Infinity)\b/g, '0'));
  }
}

async function copyWithout(file: JsonFile, broken: ReadonlySet<number>, to: string): Promise<JsonFile> {
  const out = openSync(to, 'wx');
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    if (size > 0) writeSync(out, Buffer.concat(pieces, size));
    pieces = [];
    size = 0;
  };
  try {
    await readLines(file.path, (bytes, line) => {
      if (broken.has(line)) return undefined;
      pieces.push(Uint8Array.from(bytes), LINE_END);
      size += bytes.length + 1;
      if (size > PIECE) flush();
      return undefined;
    });
    flush();
  } finally {
    closeSync(out);
  }
  return { ...file, path: to, isCopy: true };
}

const LINE_END = Uint8Array.of(LINE_FEED);

/** The line that holds a row, counted from 1; of a file that is not by lines the first. */
export async function lineOfRow(path: string, row: number): Promise<number> {
  let [at, rows] = [1, 0];
  await readLines(path, (bytes, line) => {
    if (bytes.every((byte) => byte === 32 || byte === 13)) return undefined;
    at = line;
    rows++;
    return rows === row ? 'stop' : undefined;
  });
  return rows === row ? at : 1;
}

/** Whether some line is `null`, and nothing else. */
export async function hasNullLine(files: readonly JsonFile[]): Promise<boolean> {
  let isFound = false;
  for (const { path } of files)
    await readLines(path, (bytes) => {
      // a text is made of short lines only
      isFound = isFound || (bytes.length < SHORT_LINE && Buffer.from(bytes).toString('latin1').trim() === 'null');
      return isFound ? 'stop' : undefined;
    });
  return isFound;
}

const SHORT_LINE = 20;

/** What a number or a time of JSON may lose in the type that DuckDB gives its column, as it is written. */
const LOSSES = {
  /** Whole units beyond 2^53, or an exponent that a double may not reach. */
  DOUBLE: '-?(?:[0-9]{16}|[0-9.]+[eE]\\+?[0-9]{3})',
  /** Parts of a microsecond. */
  TIMESTAMP: '"[^"]*:[0-9]{2}\\.[0-9]{7}',
  /** No loss: times with various offsets, and dates with their year last. */
  VARCHAR: '"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4})',
} as const;

const hasLosses = (type: string): type is keyof typeof LOSSES => Object.hasOwn(LOSSES, type);

/** The types of columns of which some value must be looked at. */
export async function suspectTypes(
  paths: readonly string[],
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const type of new Set(columns.map((column) => column.type)))
    if (hasLosses(type)) {
      const names = columns.flatMap((column) => (column.type === type ? [column.name] : []));
      if (await hasMatch(paths, new RegExp(`${keyPattern(names)}"\\s*:\\s*${LOSSES[type]}`))) found.add(type);
    }
  return found;
}

/** The keys of these columns; any key where one of them may be spelled in several ways. */
const keyPattern = (names: readonly string[]): string =>
  names.every((name) => /^[ -~]+$/.test(name) && !/["\\/]/.test(name))
    ? `"(?:${names.map((name) => name.replace(/[.*+?^${}()|[\]]/g, '\\$&')).join('|')})`
    : '';

async function hasMatch(paths: readonly string[], pattern: RegExp): Promise<boolean> {
  let isFound = false;
  for (const path of paths)
    await readLines(path, (bytes) => {
      isFound = isFound || pattern.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
      return isFound ? 'stop' : undefined;
    });
  return isFound;
}
