import { type LocalDate, readLocalDate } from './dates.js';
import { KIND, KINDS, MARK } from './kinds.js';
import { createRowReader, type RowEnding, type RowReader } from './row-reader.js';
import type { Punctuation } from './value-kinds.js';

/** Why a row does not fit the table. */
type RowFault = 'short' | 'long' | 'quote' | 'header-again' | 'mark';

interface BrokenRow {
  readonly line: number;
  readonly why: RowFault;
  /** Number of its fields. */
  readonly fields: number;
  /** Good rows before it in the file. */
  readonly rowsBefore: number;
  readonly text: string;
  /** It is the last line and has no line break: it may still be written. */
  readonly isCut: boolean;
}

/** The first value of a kind in a column. */
interface ValuePlace {
  readonly line: number;
  readonly value: string;
}

/** How the dates of a column are written if the year comes last. */
interface LocalDates {
  readonly separators: ReadonlySet<string>;
  readonly times: ReadonlySet<string>;
  /** The first value whose day cannot come first, and the first whose month cannot. */
  readonly notDayFirst?: ValuePlace;
  readonly notMonthFirst?: ValuePlace;
}

export interface ColumnScan {
  /** Values by kind. */
  readonly counts: readonly number[];
  readonly first: readonly (ValuePlace | undefined)[];
  readonly localDates?: LocalDates;
  /** Whether some of its quoted values have spaces around them. */
  readonly isPadded: boolean;
  /** Whether some of its times have parts of a microsecond, and some dates lie where nanoseconds do not reach. */
  readonly isFine: boolean;
  readonly isFar: boolean;
}

interface LineEnds {
  readonly lineFeed: number;
  readonly both: number;
  readonly carriageReturn: number;
  /** The first line that does not end like the first line. */
  readonly mixedAt?: number;
}

export interface CsvScan {
  readonly rows: number;
  readonly columns: readonly ColumnScan[];
  /** The first of them. */
  readonly broken: readonly BrokenRow[];
  readonly brokenRows: number;
  readonly lineEnds: LineEnds;
  readonly longestRow: number;
  /** The line of the first good row, and of the last one. */
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Called for each row, with its line break. `bytes` is only valid during the call. */
export type TakeRow = (bytes: Uint8Array, start: number, end: number, isGood: boolean) => void;

export interface CsvScanner {
  /**
   * Reads the rows in the first `end` of these bytes, which must have room for one more byte. Returns where the next
   * row begins: the rest belongs before the next bytes. With `isLast` the rest is a row, too.
   */
  readonly add: (bytes: Uint8Array, end: number, isLast: boolean) => number;
  readonly linesRead: () => number;
  readonly finish: () => CsvScan;
}

/** Number of broken rows that are kept with their text. */
const KEPT_BROKEN = 1000;
const KEPT_TEXT = 80;
/** A longer row is a quote that was never closed. */
const LONGEST_ROW = 16 * 1024 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export interface CsvLayout extends Punctuation {
  readonly columns: number;
  /** The header line. The same line again begins a second table. */
  readonly header?: Uint8Array;
  /** How the header's line ends. */
  readonly headerBreak?: RowEnding;
  /** Lines before the first row. */
  readonly linesBefore: number;
}

/**
 * Reads rows byte by byte: the number of fields, how each value is written, and what is wrong, with the line of each.
 */
export function createCsvScanner(layout: CsvLayout, take?: TakeRow): CsvScanner {
  const reader = createRowReader(layout);
  const found = createFindings(layout, reader);
  let line = layout.linesBefore;
  let isAfterBlank = false;

  const takeRow = (bytes: Uint8Array, start: number, ending: RowEnding): void => {
    const { end } = reader;
    const why = found.faultOf(bytes, start, isAfterBlank);
    isAfterBlank = false;
    if (why === 'blank') isAfterBlank = true;
    if (why === undefined) found.commit(bytes, line, start);
    else if (why !== 'blank') found.breakRow(bytes, { line, start, end, why, isCut: ending === 'open' });
    take?.(bytes, start, end, why === undefined);
  };

  /** Skips only the first line of a row, because its quote may be a mistake. */
  const skipLine = (bytes: Uint8Array, start: number, end: number): number => {
    const at = bytes.indexOf(LINE_FEED, start);
    const next = at < 0 || at >= end ? end : at + 1;
    found.breakRow(bytes, { line, start, end: next, why: 'quote', isCut: at >= end });
    take?.(bytes, start, next, false);
    return next;
  };

  return {
    add: (bytes, end, isLast) => {
      // A line break behind the bytes ends every loop over them without a comparison of places.
      bytes[end] = LINE_FEED;
      for (let start = 0; start < end; ) {
        const ending = reader.read(bytes, start, end);
        const isOpen = ending === 'unclosed' || ending === 'open';
        if (isOpen && !isLast && end - start < LONGEST_ROW) return start;
        line++;
        if (ending === 'unclosed' || ending === 'misquoted') {
          start = skipLine(bytes, start, end);
          continue;
        }
        found.noteLineEnd(ending, line + reader.linesInside);
        takeRow(bytes, start, ending);
        line += reader.linesInside;
        start = reader.end;
      }
      return end;
    },
    linesRead: () => line,
    finish: found.finish,
  };
}

/** No kind yet. */
const NONE = 255;

interface RowPlace {
  readonly line: number;
  readonly start: number;
}

/** Notes what the rows hold, and which are none. */
function createFindings(layout: CsvLayout, reader: RowReader) {
  const { columns, header } = layout;
  const values = createValueCounts(columns, reader);
  const lineEnds = createLineEnds(layout);
  const broken: BrokenRow[] = [];
  let [brokenRows, longestRow, firstLine, lastLine] = [0, 0, 0, 0];
  return {
    noteLineEnd: lineEnds.note,
    commit: (bytes: Uint8Array, line: number, start: number): void => {
      if (reader.end - start > longestRow) longestRow = reader.end - start;
      if (lastLine === 0) firstLine = line;
      lastLine = line;
      values.addRow(bytes, line);
    },
    breakRow: (
      bytes: Uint8Array,
      { line, start, end, why, isCut }: RowPlace & { end: number; why: RowFault; isCut: boolean },
    ): void => {
      brokenRows++;
      const { fields } = reader;
      if (broken.length < KEPT_BROKEN)
        broken.push({ line, why, fields, rowsBefore: values.rows(), text: textOf(bytes, start, end), isCut });
    },
    /** Why the row that was just read is none; an empty line is no fault. */
    faultOf: (bytes: Uint8Array, start: number, isAfterBlank: boolean): RowFault | 'blank' | undefined => {
      const { fields, end } = reader;
      if (fields === columns) {
        const isOther = isAfterBlank && header !== undefined && values.areNewHeader();
        const isMarked = hasMark(bytes, start);
        const text = { start: isMarked ? start + BYTE_ORDER_MARK.length : start, end };
        if (isOther || isHeaderAgain(layout, bytes, text)) return 'header-again';
        return isMarked ? 'mark' : undefined;
      }
      if (fields > columns) return 'long';
      return fields === 1 && isLineEnd(bytes, start, end) ? 'blank' : 'short';
    },
    finish: (): CsvScan => ({
      rows: values.rows(),
      columns: values.scans(),
      broken,
      brokenRows,
      lineEnds: lineEnds.ends,
      longestRow,
      firstLine,
      lastLine,
    }),
  };
}

/** Counts the values of each column by their kind. */
function createValueCounts(columns: number, { kinds, starts, ends, padded, marks }: RowReader) {
  const counts = new Float64Array(columns * KINDS);
  const first: (ValuePlace | undefined)[] = new Array(columns * KINDS);
  const localDates: (MutableLocalDates | undefined)[] = new Array(columns);
  // Most values of a column are of one kind, its usual kind. They are not counted one by one: they are the rest of the rows.
  const usual = new Uint8Array(columns).fill(NONE);
  let rows = 0;

  const countsOf = (column: number): number[] => {
    const own = [...counts.subarray(column * KINDS, (column + 1) * KINDS)];
    const kind = usual[column] ?? NONE;
    if (kind !== NONE) own[kind] = rows - own.reduce((sum, count) => sum + count, 0);
    return own;
  };

  /** A value that is not of its column's usual kind. */
  const noteValue = (bytes: Uint8Array, column: number, line: number): void => {
    const kind = kinds[column] ?? 0;
    const at = column * KINDS + kind;
    counts[at] = (counts[at] ?? 0) + 1;
    if (first[at] !== undefined && kind !== KIND.localDate) return;
    if (usual[column] === NONE && kind !== KIND.empty && kind !== KIND.localDate) {
      usual[column] = kind;
      counts[at] = 0;
    }
    const place = { line, value: textOf(bytes, starts[column] ?? 0, ends[column] ?? 0) };
    first[at] ??= place;
    if (kind === KIND.localDate) localDates[column] = addLocalDate(localDates[column], place);
  };

  return {
    rows: () => rows,
    addRow: (bytes: Uint8Array, line: number): void => {
      rows++;
      for (let column = 0; column < columns; column++)
        if (kinds[column] !== usual[column]) noteValue(bytes, column, line);
    },
    /** Whether the row that was just read begins another table: a word in every column, and some column had none before. */
    areNewHeader: (): boolean => {
      if (rows === 0) return false;
      let isNew = false;
      for (let column = 0; column < columns; column++) {
        if (kinds[column] !== KIND.text) return false;
        const seen = countsOf(column);
        if (seen[KIND.text] === 0 && (seen[KIND.empty] ?? 0) < rows) isNew = true;
      }
      return isNew;
    },
    scans: (): readonly ColumnScan[] =>
      Array.from({ length: columns }, (_, i) => ({
        counts: countsOf(i),
        first: first.slice(i * KINDS, (i + 1) * KINDS),
        localDates: localDates[i],
        isPadded: padded[i] === 1,
        isFine: ((marks[i] ?? 0) & MARK.fine) > 0,
        isFar: ((marks[i] ?? 0) & MARK.far) > 0,
      })),
  };
}

/** Counts the line breaks by their kind, with that of the header. */
function createLineEnds({ headerBreak, linesBefore }: CsvLayout) {
  const ends: { -readonly [Key in keyof LineEnds]: LineEnds[Key] } = { lineFeed: 0, both: 0, carriageReturn: 0 };
  const note = (ending: RowEnding, line: number): void => {
    if (ending !== 'lineFeed' && ending !== 'both' && ending !== 'carriageReturn') return;
    ends[ending]++;
    const others = ends.lineFeed + ends.both + ends.carriageReturn - ends[ending];
    if (others > 0 && ends.mixedAt === undefined) ends.mixedAt = line;
  };
  if (headerBreak !== undefined) note(headerBreak, linesBefore);
  return { ends: ends as LineEnds, note };
}

/** The byte-order mark with which some programs begin a UTF-8 file. Further on it shows that files were joined. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** Whether the bytes at this place are the byte-order mark of UTF-8. */
export const hasMark = (bytes: Uint8Array, start: number): boolean =>
  bytes[start] === BYTE_ORDER_MARK[0] &&
  bytes[start + 1] === BYTE_ORDER_MARK[1] &&
  bytes[start + 2] === BYTE_ORDER_MARK[2];

function isHeaderAgain(
  { header, columns }: CsvLayout,
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  if (header === undefined || columns < 2 || end - start < header.length) return false;
  for (let i = 0; i < header.length; i++) if (bytes[start + i] !== header[i]) return false;
  return isLineEnd(bytes, start + header.length, end);
}

function isLineEnd(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) return false;
  return true;
}

const decoder = new TextDecoder();

const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  decoder.decode(bytes.subarray(start, Math.min(end, start + KEPT_TEXT))).trimEnd();

interface MutableLocalDates extends LocalDates {
  separators: Set<string>;
  times: Set<string>;
  notDayFirst?: ValuePlace;
  notMonthFirst?: ValuePlace;
}

function addLocalDate(known: MutableLocalDates | undefined, place: ValuePlace): MutableLocalDates {
  const dates = known ?? { separators: new Set<string>(), times: new Set<string>() };
  const read: LocalDate | undefined = readLocalDate(place.value);
  if (read === undefined) return dates;
  dates.separators.add(read.separator);
  dates.times.add(read.time);
  if (!read.isDayFirst) dates.notDayFirst ??= place;
  if (!read.isMonthFirst) dates.notMonthFirst ??= place;
  return dates;
}
