import { closeSync, openSync, writeSync } from 'node:fs';
import type { CsvFileScan } from './scan-csv-file.js';
import { scanAgain } from './scan-csv-file.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const PIECE = 1024 * 1024;

/** Writes the rows of a CSV file that are whole, each ended by a line feed, behind its header. */
export async function writeCleanCopy(path: string, scan: CsvFileScan, to: string): Promise<void> {
  const out = openSync(to, 'wx');
  const pieces: Uint8Array[] = [];
  let size = 0;
  const flush = (): void => {
    if (size > 0) writeSync(out, Buffer.concat(pieces, size));
    pieces.length = 0;
    size = 0;
  };
  const put = (bytes: Uint8Array): void => {
    pieces.push(Uint8Array.from(bytes), LINE_END);
    size += bytes.length + 1;
    if (size >= PIECE) flush();
  };
  try {
    if (scan.dialect.header !== undefined) put(scan.dialect.header);
    await scanAgain(path, scan.dialect, {
      delimiter: String.fromCharCode(scan.dialect.delimiter),
      take: (bytes, start, end, isGood) => {
        if (!isGood) return;
        const row = bytes.subarray(start, withoutBreak(bytes, start, end));
        put(row.length === 0 ? EMPTY : row);
      },
    });
    flush();
  } finally {
    closeSync(out);
  }
}

const LINE_END = Uint8Array.of(LINE_FEED);
/** A missing value of a file with one column: an empty line may be passed over. */
const EMPTY = Buffer.from('""');

/** The end of a row's text, before its line break. */
function withoutBreak(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  if (at > start && bytes[at - 1] === LINE_FEED) at--;
  if (at > start && bytes[at - 1] === CARRIAGE_RETURN) at--;
  return at;
}
