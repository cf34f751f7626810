import { createCsvScanner, hasMark } from './csv-scanner.js';
import { KIND, KINDS, NUMBERS } from './kinds.js';
import { isDecimalComma, isDoubled, type OtherDelimiter, otherDelimiter } from './other-delimiter.js';
import { createRowReader, type RowEnding } from './row-reader.js';
import { MOST_COLUMNS, TooWide } from './too-wide.js';
import type { Punctuation } from './value-kinds.js';

/** How a CSV file is laid out. */
export interface CsvDialect extends Punctuation {
  /** Of its columns; made up where the file names none. */
  readonly names: readonly string[];
  readonly hasHeader: boolean;
  /** The header's own bytes without its line break; absent where there is none. */
  readonly header?: Uint8Array;
  /** How the header's line ends. */
  readonly headerBreak?: RowEnding;
  /** Lines before the header or the first row: comments and empty ones. */
  readonly skippedLines: number;
  /** Lines before the first row. */
  readonly linesBefore: number;
  /** Where the first row begins, in bytes. */
  readonly bodyAt: number;
  /** Names that a column before has too, and what the later column is called. */
  readonly repeated: readonly { readonly name: string; readonly as: string }[];
  /** The only name of a first line above several columns of words: no header, but a title. */
  readonly title?: string;
  /** Rows have so many fields where the header has one name: a delimiter is missing in the header. */
  readonly rowFields?: number;
  /** What seems to separate the fields, where it is not the delimiter that refit reads. */
  readonly other?: OtherDelimiter;
  /** Each of these marks separates the header and the rows, and nothing tells which one is the delimiter. */
  readonly rivals?: readonly string[];
}

const QUOTE = 34;
const APOSTROPHE = 39;
const HASH = 35;
const COMMA = 44;
const SPACE = 32;
const LINE_FEED = 10;
export const BACKSLASH = 92;
const byteOf = (text: string): number => text.charCodeAt(0);
/** In order of preference. */
const DELIMITERS = [',', ';', '\t', '|'].map(byteOf);
/** A byte that no text file holds: what separates the fields of a file with one column. */
const NO_DELIMITER = 31;
/** Of the rows under a header of one name, so many must have the same number of fields for the header to be the fault. */
const MOST = 0.9;

/**
 * Finds the layout from the beginning of a file. The header decides: its delimiter is the one that gives it at least two names
 * and the following rows as many fields. `delimiter` fixes it. The bytes must have room for one more.
 */
export function findDialect(
  bytes: Uint8Array,
  end: number,
  { isWhole, ...options }: { readonly isWhole: boolean; readonly delimiter?: string },
): CsvDialect | undefined {
  const named = delimiterLine(bytes, skipMark(bytes));
  const delimiter = named?.delimiter ?? options.delimiter;
  const begin = named?.next ?? skipMark(bytes);
  const quote = quoteOf(bytes, begin);
  const candidates = (delimiter === undefined ? DELIMITERS : [byteOf(delimiter)]).map((one) => ({
    delimiter: one,
    quote,
    escapeByte: quote,
  }));
  const head = { bytes, end, isWhole, linesBefore: named === undefined ? 0 : 1 };
  const fits = candidates.map((punctuation) => fitOf(head, punctuation, begin)).filter((fit) => fit !== undefined);
  const [best] = fits
    .filter((fit) => fit.names.length > 1)
    .sort((a, b) => b.share - a.share || b.names.length - a.names.length);
  if (best !== undefined) {
    const { fit, rivals } = withoutProse(head, best, fits);
    return { ...finish(head, fit), other: doubledDelimiter(head, fit), rivals };
  }
  const alone = { delimiter: delimiter === undefined ? NO_DELIMITER : byteOf(delimiter), quote, escapeByte: quote };
  const single = fitOf(head, alone, begin);
  if (single === undefined) return undefined;
  const wider = fits.map((fit) => fieldsBelow(head, fit)).find((fields) => fields !== undefined);
  const [header = ''] = single.names;
  const other =
    named === undefined
      ? otherDelimiter(
          header,
          rowsBelow(head, single).map(([field = '']) => field),
        )
      : undefined;
  return { ...finish(head, single), rowFields: wider, other };
}

/**
 * Commas may separate every row by chance: they stand in numbers (`1,5`) and in names (`Price, EUR`). Where another mark
 * separates the rows too, it is the delimiter if all commas are of these kinds.
 */
function withoutProse(
  head: Head,
  best: Fit,
  fits: readonly Fit[],
): { readonly fit: Fit; readonly rivals?: readonly string[] } {
  if (best.punctuation.delimiter !== COMMA) return { fit: best };
  const [other] = fits
    .filter((fit) => fit !== best && fit.names.length > 1 && fit.share >= MOST)
    .sort((a, b) => b.share - a.share || b.names.length - a.names.length);
  if (other === undefined) return { fit: best };
  const values = rowsBelow(head, other).flat();
  const isProse = (text: string): boolean => !text.replaceAll(', ', '').includes(',');
  const areNumbers = values.length > 0 && values.every((value) => !value.includes(',') || isDecimalComma(value));
  if (areNumbers || [...other.names, ...values].every(isProse)) return { fit: other };
  return { fit: best, rivals: [other, best].map((fit) => String.fromCharCode(fit.punctuation.delimiter)) };
}

/** Of two equal marks in a row: each was read as a delimiter, with empty columns between them. */
function doubledDelimiter(head: Head, fit: Fit): OtherDelimiter | undefined {
  const mark = String.fromCharCode(fit.punctuation.delimiter);
  // Empty columns between commas come from spreadsheets.
  if (!'\t|'.includes(mark) || !isDoubled(fit.names, rowsBelow(head, fit))) return undefined;
  return { delimiter: `${mark}${mark}`, fields: (fit.names.length + 1) / 2 };
}

/** The fields of the first rows. */
function rowsBelow(head: Head, { punctuation, bodyAt }: Fit): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  for (let at = bodyAt; rows.length < 200; ) {
    const row = readRowBelow(head, punctuation, at);
    if (row === undefined) break;
    at = row.next;
    if (row.fields.some((field) => field !== '')) rows.push(row.fields);
  }
  return rows;
}

interface Head {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly isWhole: boolean;
  /** Before the layout is looked for. */
  readonly linesBefore: number;
}

const skipMark = (bytes: Uint8Array): number => (hasMark(bytes, 0) ? 3 : 0);

/** The line `sep=;` at the beginning of a file names its delimiter, for Excel. */
function delimiterLine(
  bytes: Uint8Array,
  begin: number,
): { readonly delimiter: string; readonly next: number } | undefined {
  const found = /^"?sep=([^\r\n])"?\r?\n/i.exec(Buffer.from(bytes.subarray(begin, begin + 16)).toString('latin1'));
  const [line, delimiter] = found ?? [];
  return line === undefined || delimiter === undefined ? undefined : { delimiter, next: begin + line.length };
}

/** Apostrophes quote where the file begins with a quoted name. */
const quoteOf = (bytes: Uint8Array, begin: number): number => {
  if (bytes[begin] !== APOSTROPHE) return QUOTE;
  const close = bytes.indexOf(APOSTROPHE, begin + 1);
  const next = bytes[close + 1];
  return close > 0 && (next === 10 || next === 13 || DELIMITERS.includes(next ?? 0)) ? APOSTROPHE : QUOTE;
};

interface Fit {
  readonly punctuation: Punctuation;
  readonly names: readonly string[];
  readonly headerAt: number;
  readonly headerEnd: number;
  readonly bodyAt: number;
  readonly skippedLines: number;
  readonly headerLines: number;
  readonly ending: RowEnding;
  /** Of the rows after the header, the share with as many fields. */
  readonly share: number;
}

interface Row {
  readonly fields: readonly string[];
  readonly kinds: readonly number[];
  /** Where its text ends, and where the next row begins. */
  readonly textEnd: number;
  readonly next: number;
  readonly lines: number;
  readonly ending: RowEnding;
}

/** The row at a place; undefined where there is none, or not all of it. Throws `TooWide`. */
function readRow({ bytes, end, isWhole }: Head, punctuation: Punctuation, at: number): Row | undefined {
  if (at >= end) return undefined;
  bytes[end] = 10;
  const counter = createRowReader({ ...punctuation, columns: 0 });
  const ending = counter.read(bytes, at, end);
  if (isFault(ending) || (ending === 'open' && !isWhole)) return undefined;
  if (counter.fields > MOST_COLUMNS) throw new TooWide(lineAt(bytes, at));
  const reader = createRowReader({ ...punctuation, columns: counter.fields });
  reader.read(bytes, at, end);
  const fields = Array.from({ length: counter.fields }, (_, i) =>
    decode(bytes.subarray(reader.starts[i], reader.ends[i]), punctuation),
  );
  const breakBytes = ending === 'open' ? 0 : ending === 'both' ? 2 : 1;
  return {
    fields,
    kinds: [...reader.kinds],
    textEnd: reader.end - breakBytes,
    next: reader.end,
    lines: reader.linesInside + 1,
    ending,
  };
}

const isFault = (ending: RowEnding): boolean => ending === 'unclosed' || ending === 'misquoted';

function decode(bytes: Uint8Array, { quote, escapeByte }: Punctuation): string {
  const mark = String.fromCharCode(quote);
  return new TextDecoder().decode(bytes).replaceAll(String.fromCharCode(escapeByte) + mark, mark);
}

/**
 * The header under this punctuation, behind empty lines and lines that begin with `#`. The last of those is the header itself if
 * it has as many fields as the row below it, and that row is no header.
 */
function fitOf(head: Head, punctuation: Punctuation, begin: number): Fit | undefined {
  const { bytes } = head;
  let at = begin;
  let skippedLines = head.linesBefore;
  let comment: { readonly row: Row; readonly at: number; readonly skippedLines: number } | undefined;
  for (;;) {
    const row = readRow(head, punctuation, at);
    if (row === undefined) return comment === undefined ? undefined : toFit(head, punctuation, comment);
    const isBlank = row.textEnd === at;
    const isComment = bytes[at] === HASH;
    if (!isBlank && !isComment) {
      const isNamed =
        comment !== undefined &&
        comment.row.fields.length > 1 &&
        comment.row.fields.length === row.fields.length &&
        !isNamesRow(head, punctuation, row);
      return toFit(head, punctuation, isNamed && comment !== undefined ? comment : { row, at, skippedLines });
    }
    if (isComment) comment = { row, at, skippedLines };
    skippedLines += row.lines;
    at = row.next;
  }
}

/** Whether a row names what stands below it: words, one of them above a column without any. */
function isNamesRow(head: Head, punctuation: Punctuation, { fields, kinds, next }: Row): boolean {
  if (kinds.some((kind) => kind !== KIND.text && kind !== KIND.empty)) return false;
  const { columns } = scanBody(head, punctuation, { at: next, columns: fields.length });
  return columns.some(({ counts }, i) => {
    const below = kindsIn(counts);
    return kinds[i] === KIND.text && below.length > 0 && !below.includes(KIND.text);
  });
}

function toFit(
  head: Head,
  punctuation: Punctuation,
  { row, at, skippedLines }: { readonly row: Row; readonly at: number; readonly skippedLines: number },
): Fit {
  const scanned = scanBody(head, punctuation, { at: row.next, columns: row.fields.length });
  const seen = scanned.rows + scanned.brokenRows;
  return {
    punctuation,
    names: row.fields,
    headerAt: at,
    headerEnd: row.textEnd,
    bodyAt: row.next,
    skippedLines,
    headerLines: row.lines,
    ending: row.ending,
    share: seen === 0 ? 1 : scanned.rows / seen,
  };
}

function scanBody(
  { bytes, end, isWhole }: Head,
  punctuation: Punctuation,
  { at, columns }: { readonly at: number; readonly columns: number },
) {
  const scanner = createCsvScanner({ ...punctuation, columns, linesBefore: 0 });
  scanner.add(bytes.subarray(at), end - at, isWhole);
  return scanner.finish();
}

const lineAt = (bytes: Uint8Array, at: number): number =>
  bytes.subarray(0, at).reduce((lines, byte) => lines + (byte === LINE_FEED ? 1 : 0), 1);

/** A long text of one column may hold any number of delimiters. */
function readRowBelow(head: Head, punctuation: Punctuation, at: number): Row | undefined {
  try {
    return readRow(head, punctuation, at);
  } catch (error) {
    if (error instanceof TooWide) return undefined;
    throw error;
  }
}

/** Under a header of one name: how many fields nearly all rows have, if that is more than one and no prose explains it. */
function fieldsBelow(head: Head, { punctuation, bodyAt }: Fit): number | undefined {
  const widths = new Map<number, number>();
  let rows = 0;
  for (let at = bodyAt; rows < 1000; ) {
    const row = readRowBelow(head, punctuation, at);
    if (row === undefined) break;
    at = row.next;
    // An empty line behind a title
    if (row.fields.length === 1 && row.fields[0] === '') continue;
    // "Smith, John" is one value
    const isProse = row.fields.slice(1).some((field) => field.charCodeAt(0) === SPACE);
    const width = isProse ? 1 : row.fields.length;
    widths.set(width, (widths.get(width) ?? 0) + 1);
    rows++;
  }
  const [width, count] = [...widths].sort((a, b) => b[1] - a[1])[0] ?? [1, 0];
  return rows > 1 && width > 1 && count >= MOST * rows ? width : undefined;
}

function finish(head: Head, fit: Fit): CsvDialect {
  const { punctuation, names, headerAt, headerEnd, bodyAt, skippedLines } = fit;
  const hasHeader = isHeader(head, fit);
  const base = { ...punctuation, hasHeader, skippedLines, repeated: [] };
  if (!hasHeader)
    return {
      ...base,
      names: names.map((_, i) => madeUpName(i, names.length)),
      linesBefore: skippedLines,
      bodyAt: headerAt,
    };
  const columns = columnNames(names);
  return {
    ...base,
    names: columns,
    repeated: columns.flatMap((as, i) => {
      const name = names[i]?.trim() ?? '';
      return name === '' || name === as ? [] : [{ name, as }];
    }),
    title: titleOf(head, fit),
    header: Uint8Array.from(head.bytes.subarray(headerAt, headerEnd)),
    headerBreak: fit.ending,
    linesBefore: skippedLines + fit.headerLines,
    bodyAt,
  };
}

function titleOf(head: Head, { punctuation, names, bodyAt }: Fit): string | undefined {
  const [first = '', ...others] = names.map((name) => name.trim());
  if (first === '' || others.length === 0 || others.some((name) => name !== '')) return undefined;
  const below = readRow(head, punctuation, bodyAt);
  return below?.fields.length === names.length && below.kinds.every((kind) => kind === KIND.text) ? first : undefined;
}

/**
 * The first row names the columns, unless it holds values: each of its cells is written like the column below it, and at
 * least one is a number or a date. Years (`country,2024,2025`) and counts (`0,1,2`) are names.
 */
function isHeader(head: Head, { punctuation, names, headerAt, bodyAt }: Fit): boolean {
  const row = readRow(head, punctuation, headerAt);
  if (row === undefined) return true;
  const { columns, rows } = scanBody(head, punctuation, { at: bodyAt, columns: names.length });
  const isNumber = (kind: number): boolean => NUMBERS.includes(kind);
  const isLike = (kind: number, i: number): boolean => {
    const below = kindsIn(columns[i]?.counts ?? []);
    if (kind === KIND.empty) return true;
    return isNumber(kind) ? below.every((one) => isNumber(one)) : below.includes(kind);
  };
  const isValue = row.kinds.some((kind) => kind !== KIND.text && kind !== KIND.empty && kind !== KIND.boolean);
  return rows === 0 || !isValue || areCounts(names, row.kinds) || !row.kinds.every(isLike);
}

const kindsIn = (counts: readonly number[]): readonly number[] =>
  Array.from({ length: KINDS }, (_, kind) => kind).filter((kind) => kind !== KIND.empty && (counts[kind] ?? 0) > 0);

function areCounts(names: readonly string[], kinds: readonly number[]): boolean {
  const others = kinds.filter((kind) => kind !== KIND.text && kind !== KIND.empty);
  const numbers = names.filter((_, i) => kinds[i] === KIND.integer).map(Number);
  if (others.length !== numbers.length || numbers.length < 2) return false;
  const areYears = numbers.every((one) => one >= 1900 && one <= 2100);
  return numbers.every((one, i) => i === 0 || one === (numbers[i - 1] ?? 0) + 1) && (areYears || numbers[0] === 0);
}

const madeUpName = (i: number, columns: number): string =>
  `column${String(i).padStart(String(Math.max(0, columns - 1)).length, '0')}`;

/** As DuckDB names them: trimmed, empty ones numbered, and repeated ones told apart whatever their letters' case. */
function columnNames(cells: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  const repeats = new Map<string, number>();
  return cells.map((cell, i) => {
    const wanted = cell.trim() === '' ? madeUpName(i, cells.length) : cell.trim();
    let name = wanted;
    while (taken.has(name.toLowerCase())) {
      const count = (repeats.get(wanted.toLowerCase()) ?? 0) + 1;
      repeats.set(wanted.toLowerCase(), count);
      name = `${wanted}_${count}`;
    }
    taken.add(name.toLowerCase());
    return name;
  });
}
