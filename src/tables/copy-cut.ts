import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { TableSource } from '../domain/ports/datasets.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { messageOf } from '../domain/support/system-error.js';
import { type Connection, numberOf } from './connection.js';
import { identifier, literal } from './quoted.js';
import { makeReadable } from './read-source.js';
import { formatOf, fromSql, nameOf, selectSql, whereSql } from './source-sql.js';
import { formatSql } from './table-format.js';
import { readElements } from './text/json-elements.js';
import { isLineFile, readLines } from './text/json-lines.js';
import { scanAgain } from './text/scan-csv-file.js';
import { readCsvFile } from './text/scanned-files.js';

/** The number of a row in its file. No column of a user has this name. */
const ROW = 'refit row 9b21e4';

/**
 * Copies the rows of one file that a source keeps, in the file's own format. Text keeps its very bytes: delimiter, quotes,
 * spelling of numbers and dates, header. Gives the rows written.
 */
export async function copyCut(
  connection: Connection,
  source: TableSource,
  to: string,
): Promise<Result<number, Failure>> {
  const format = /\.(gz|zst)$/i.test(to) ? undefined : formatSql(to);
  if (format === undefined)
    return err({
      code: 'unsupported',
      what: `cutting the compressed file ${nameOf(source)}`,
      next: 'store it uncompressed or as Parquet',
    });
  const path = source.from.kind === 'files' && source.from.paths.length === 1 ? source.from.paths[0] : undefined;
  const own = path === undefined ? undefined : formatOf(path);
  if (path === undefined || own === 'parquet') return copyTable(connection, source, { to, format });
  const kept = await keptRows(connection, source);
  if (!kept.ok) return kept;
  try {
    const written = await withFile(to, (put) => copyText(connection, path, { ...kept.value, put }));
    return written.ok ? ok(kept.value.count) : written;
  } catch (error) {
    return err({ code: 'file-unwritable', path: to, reason: messageOf(error) });
  }
}

async function copyTable(
  connection: Connection,
  source: TableSource,
  { to, format }: { readonly to: string; readonly format: string },
): Promise<Result<number, Failure>> {
  const readable = await makeReadable(connection, source);
  if (!readable.ok) return readable;
  const select = selectSql(readable.value.source);
  const copied = await connection.query(`COPY (${select}) TO ${literal(to)} (${format})`, nameOf(source));
  return copied.ok ? ok(numberOf(copied.value[0]?.Count) ?? 0) : copied;
}

interface Kept {
  /** Whether the row with this number, counted from 0, is kept. */
  readonly isKept: (row: number) => boolean;
  readonly count: number;
}

/** Asks DuckDB which rows of the file are kept. */
async function keptRows(connection: Connection, source: TableSource): Promise<Result<Kept, Failure>> {
  const readable = await makeReadable(connection, source);
  if (!readable.ok) return readable;
  const { from, ...cut } = readable.value.source;
  const sql = `SELECT *, row_number() OVER () AS ${identifier(ROW)} FROM ${fromSql({ from })}`;
  const numbered: TableSource = { ...cut, from: { kind: 'query', sql } };
  let bits = new Uint8Array(1024);
  let count = 0;
  const read = await connection.numbers(
    `SELECT ${identifier(ROW)}::DOUBLE FROM ${fromSql(numbered)}${whereSql(numbered)}`,
    nameOf(source),
    ([numbers], rows) => {
      for (let i = 0; i < rows; i++) {
        const row = (numbers?.values[i] ?? 0) - 1;
        if (row >= 8 * bits.length) bits = grown(bits, row);
        bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
      }
      count += rows;
    },
  );
  return read.ok ? ok({ count, isKept: (row) => ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0 }) : read;
}

function grown(bits: Uint8Array<ArrayBuffer>, row: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(2 * bits.length, (row >> 3) + 1));
  larger.set(bits);
  return larger;
}

interface Copying extends Kept {
  readonly put: (bytes: Uint8Array) => void;
}

/** A row that is broken or empty says nothing of itself: it stays with the row before it. */
async function copyText(connection: Connection, path: string, copying: Copying): Promise<Result<unknown, Failure>> {
  const absolute = resolve(connection.root, path);
  if (formatOf(path) !== 'json') return copyCsv(connection, path, copying);
  const json = await makeReadable(connection, { from: { kind: 'files', paths: [path] } });
  if (!json.ok) return json;
  if (isLineFile(path)) await copyLines(absolute, json.value.brokenLines, copying);
  else copyElements(absolute, copying);
  return ok(undefined);
}

async function copyCsv(
  connection: Connection,
  path: string,
  { isKept, put }: Copying,
): Promise<Result<unknown, Failure>> {
  const scanned = await readCsvFile(connection, path);
  if (!scanned.ok) return scanned;
  const { plain, scan } = scanned.value;
  let row = 0;
  let isTaken = true;
  await scanAgain(plain, scan.dialect, {
    delimiter: String.fromCharCode(scan.dialect.delimiter),
    takeHead: put,
    take: (bytes, start, end, isGood) => {
      if (isGood) isTaken = isKept(row++);
      if (isTaken) put(bytes.subarray(start, end));
    },
  });
  return ok(undefined);
}

async function copyLines(path: string, broken: ReadonlySet<number>, { isKept, put }: Copying): Promise<void> {
  let row = 0;
  let isTaken = true;
  await readLines(path, (bytes, line, isLast) => {
    const isBlank = bytes.every((byte) => byte === 32 || byte === 13);
    if (!isBlank && !broken.has(line)) isTaken = isKept(row++);
    if (!isTaken) return undefined;
    put(bytes);
    if (!isLast) put(LINE_END);
    return undefined;
  });
}

const LINE_END = Uint8Array.of(10);

function copyElements(path: string, { isKept, put }: Copying): void {
  const bytes = readFileSync(path);
  const { elements, isArray } = readElements(bytes);
  const kept = elements.filter((_, row) => isKept(row));
  if (isArray) put(Buffer.from('[\n'));
  kept.forEach(([start, end], i) => {
    put(bytes.subarray(start, end));
    put(Buffer.from(isArray && i < kept.length - 1 ? ',\n' : '\n'));
  });
  if (isArray) put(Buffer.from(']\n'));
}

const PIECE = 1024 * 1024;

/** Writes a new file in large pieces. */
async function withFile<T>(to: string, write: (put: (bytes: Uint8Array) => void) => Promise<T>): Promise<T> {
  const out = openSync(to, 'w');
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    if (size > 0) writeSync(out, Buffer.concat(pieces, size));
    pieces = [];
    size = 0;
  };
  try {
    const written = await write((bytes) => {
      pieces.push(Uint8Array.from(bytes));
      size += bytes.length;
      if (size >= PIECE) flush();
    });
    flush();
    return written;
  } finally {
    closeSync(out);
  }
}
