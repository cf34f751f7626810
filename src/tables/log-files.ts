import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How far a file had been read. */
export interface ReadSource {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** Hash of the bytes before `size`, as far as they are looked at. */
  readonly tail: string;
  /** It ended with a line break: what comes later are whole lines. */
  readonly isWhole: boolean;
}

/** What is to be read of a file now. */
export interface ToRead {
  /** The file itself, or a copy of its new lines. */
  readonly path: string;
  readonly source: ReadSource;
  readonly isCopy: boolean;
}

/** Bytes before the end that must still be the same for a file to have only grown. */
const TAIL = 4096;
const PIECE = 1 << 20;

const canGrow = (path: string): boolean => /\.(csv|tsv|jsonl|ndjson)$/i.test(path);
const isCsv = (path: string): boolean => /\.(csv|tsv)$/i.test(path);

/** What is new since files were read; `undefined` where one of them changed otherwise than by growing, or is gone. */
export function newSince(
  known: ReadonlyMap<string, ReadSource>,
  paths: readonly string[],
): readonly ToRead[] | undefined {
  const present = new Set(paths);
  for (const path of known.keys()) if (!present.has(path)) return undefined;
  const found: ToRead[] = [];
  for (const path of paths) {
    const before = known.get(path);
    const { size, mtimeMs } = statSync(path);
    if (before !== undefined && before.size === size && before.mtimeMs === mtimeMs) continue;
    if (before === undefined) {
      found.push(whole(path));
      continue;
    }
    const isGrown = canGrow(path) && before.isWhole && size > before.size;
    if (!isGrown || tailOf(path, before.size) !== before.tail) return undefined;
    const grown = linesAfter(path, before.size);
    if (grown !== undefined) found.push(grown);
  }
  return found;
}

/** A whole file, but for a last line that is still being written. */
function whole(path: string): ToRead {
  const { size, mtimeMs } = statSync(path);
  if (!canGrow(path) || size === 0)
    return { path, isCopy: false, source: { path, size, mtimeMs, tail: tailOf(path, size), isWhole: size > 0 } };
  const end = endOfLines(path, 0, size);
  if (end === size || !isTorn(path, end, size))
    return { path, isCopy: false, source: { path, size, mtimeMs, tail: tailOf(path, size), isWhole: end === size } };
  return { ...copyLines(path, 0, end), source: { path, size: end, mtimeMs, tail: tailOf(path, end), isWhole: true } };
}

/** Copies that were made are read and gone. */
export function removeCopies(read: readonly ToRead[]): void {
  for (const { path, isCopy } of read) if (isCopy) rmSync(path, { force: true });
}

function linesAfter(path: string, from: number): ToRead | undefined {
  const { size, mtimeMs } = statSync(path);
  const end = endOfLines(path, from, size);
  if (end <= from) return undefined;
  return {
    ...copyLines(path, from, end),
    source: { path, size: end, mtimeMs, tail: tailOf(path, end), isWhole: true },
  };
}

/** Whether the last line, which has no end, is half a JSON document; of CSV that cannot be told. */
function isTorn(path: string, from: number, to: number): boolean {
  if (isCsv(path)) return false;
  try {
    JSON.parse(readBytes(path, from, to).toString('utf8'));
    return false;
  } catch {
    return true;
  }
}

/** The place after the last line break between two places; the first of them where there is none. */
function endOfLines(path: string, from: number, to: number): number {
  for (let end = to; end > from; end -= PIECE) {
    const start = Math.max(from, end - PIECE);
    const at = readBytes(path, start, end).lastIndexOf(10);
    if (at >= 0) return start + at + 1;
  }
  return from;
}

function copyLines(path: string, from: number, to: number): Pick<ToRead, 'path' | 'isCopy'> {
  const ending = /\.[^.]+$/.exec(path)?.[0] ?? '';
  const copy = join(tmpdir(), `refit-log-${randomUUID()}${ending}`);
  const out = openSync(copy, 'wx');
  try {
    if (from > 0 && isCsv(path)) writeSync(out, headerOf(path));
    for (let at = from; at < to; at += PIECE) writeSync(out, readBytes(path, at, Math.min(to, at + PIECE)));
  } finally {
    closeSync(out);
  }
  return { path: copy, isCopy: true };
}

function headerOf(path: string): Buffer {
  const start = readBytes(path, 0, Math.min(PIECE, statSync(path).size));
  return start.subarray(0, start.indexOf(10) + 1);
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
