import { closeSync, openSync, writeSync } from 'node:fs';
import type { RowSizes } from '../domain/ports/sources.js';

/** A value as text, which is cast to the type of its column. */
export type TextValue = string | null;

export interface RowWriter {
  readonly write: (rows: readonly (readonly TextValue[])[]) => void;
  readonly rows: () => number;
  readonly sizes: () => { readonly sizes: RowSizes };
  readonly close: () => void;
}

const PIECE = 256 * 1024;
/** Rows whose size together is kept in mind. */
const BLOCK = 64;

/**
 * Writes rows as text that tables/write-snapshot.ts reads: each value in quotes, NULL as `\N` without them, so that an empty text
 * and a missing value stay apart. Memory is bounded by one piece and one row.
 */
export function openRowWriter(path: string): RowWriter {
  const file = openSync(path, 'wx', 0o600);
  let text = '';
  let count = 0;
  let largest = 0;
  let heaviest = 0;
  let block = 0;
  const flush = (): void => {
    if (text === '') return;
    const bytes = Buffer.from(text, 'utf8');
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    text = '';
  };
  return {
    write: (rows) => {
      for (const row of rows) {
        const before = text.length;
        for (let i = 0; i < row.length; i++) text += (i === 0 ? '' : ',') + quoted(row[i] ?? null);
        text += '\n';
        const size = text.length - before;
        largest = Math.max(largest, size);
        block = count % BLOCK === 0 ? size : block + size;
        heaviest = Math.max(heaviest, block);
        count++;
        if (text.length >= PIECE) flush();
      }
    },
    rows: () => count,
    // A character takes at most three bytes.
    sizes: () => ({ sizes: { largest: 3 * largest, average: Math.ceil(heaviest / BLOCK) } }),
    close: () => {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}

const quoted = (value: TextValue): string => {
  if (value === null) return '\\N';
  return value.includes('"') ? `"${value.replaceAll('"', '""')}"` : `"${value}"`;
};
