import { closeSync, openSync, writeSync } from 'node:fs';

/** A value as the text that its column's type is cast from. */
export type TextValue = string | null;

export interface RowWriter {
  readonly write: (rows: readonly (readonly TextValue[])[]) => void;
  readonly rows: () => number;
  readonly close: () => void;
}

const PIECE = 256 * 1024;

/**
 * Writes rows as text that tables/write-snapshot.ts reads: each value in quotes, NULL as `\N` without them, so that an empty text
 * and a missing value stay apart. Memory is bounded by one piece.
 */
export function openRowWriter(path: string): RowWriter {
  const file = openSync(path, 'wx', 0o600);
  let text = '';
  let count = 0;
  const flush = (): void => {
    if (text === '') return;
    const bytes = Buffer.from(text, 'utf8');
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    text = '';
  };
  return {
    write: (rows) => {
      for (const row of rows) {
        for (let i = 0; i < row.length; i++) text += (i === 0 ? '' : ',') + quoted(row[i] ?? null);
        text += '\n';
        if (text.length >= PIECE) flush();
      }
      count += rows.length;
    },
    rows: () => count,
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
