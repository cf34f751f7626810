import { KIND_BITS } from './kinds.js';
import {
  EXIT,
  EXITS,
  kindOf,
  kindTable,
  LOOK,
  type Punctuation,
  plainEnds,
  plainTable,
  quotedEnds,
  quotedTable,
  SHORT,
  START,
  shortKindTable,
  TEXT,
} from './value-kinds.js';

/**
 * How a row ended: with one of three line breaks; `open` at the end of the bytes; `unclosed` there, too, but inside a
 * quote; `misquoted` if something other than a delimiter follows a closing quote.
 */
export type RowEnding = 'lineFeed' | 'both' | 'carriageReturn' | 'open' | 'unclosed' | 'misquoted';

export interface RowReader {
  /** Reads the row that begins at `start`; behind the last of the bytes there must be a line feed. */
  readonly read: (bytes: Uint8Array, start: number, end: number) => RowEnding;
  /** Of the row that was read: the place behind its line break, its fields, and the line breaks inside its quotes. */
  readonly end: number;
  readonly fields: number;
  readonly linesInside: number;
  /** Kind and place of its values, of as many as there are columns. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By column: whether spaces stood around a quoted value, which DuckDB casts to no number. */
  readonly padded: Uint8Array;
  /** By column: the marks of its values. */
  readonly marks: Uint8Array;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/**
 * The hot loop of reading. Everything in it is a local variable or a typed array, since a closure's variables cost three times
 * as much; `as number` instead of a default value saves a comparison for each byte.
 */
export function createRowReader(layout: Punctuation & { readonly columns: number }): RowReader {
  const { columns, delimiter, quote, escapeByte } = layout;
  const plain = plainTable(layout);
  const quoted = quotedTable(layout);
  const plainEnd = plainEnds(layout);
  const quotedEnd = quotedEnds(layout);
  const simple = kindTable();
  const short = shortKindTable();
  const kinds = new Uint8Array(columns);
  const starts = new Int32Array(columns);
  const ends = new Int32Array(columns);
  const padded = new Uint8Array(columns);
  const marks = new Uint8Array(columns);
  const row = { end: 0, fields: 0, linesInside: 0 };

  /** Looks at a value itself. */
  const look = (bytes: Uint8Array, from: number, to: number, state: number, field: number): void => {
    const kind = kindOf(bytes, from, to, state & 31);
    kinds[field] = kind & KIND_BITS;
    if (kind > KIND_BITS) marks[field] = (marks[field] as number) | (kind & ~KIND_BITS);
  };

  /** Reads a quoted value from behind its first quote; gives the place of what follows it. */
  const readQuoted = (bytes: Uint8Array, from: number, end: number, field: number): number => {
    let at = from;
    let state: number = START;
    for (;;) {
      do state = quoted[(state << 8) | (bytes[at++] as number)] as number;
      while (state < EXIT);
      let exit = state >> 5;
      if (exit === EXITS.text)
        do exit = quotedEnd[bytes[at++] as number] as number;
        while (exit === 0);
      if (at > end) return UNCLOSED;
      if (exit === EXITS.quote && !(escapeByte === quote && bytes[at] === quote && at < end)) break;
      if (exit === EXITS.lineFeed) row.linesInside++;
      else at++;
      state = TEXT;
    }
    if (field < columns) {
      look(bytes, from, at - 1, state, field);
      starts[field] = from;
      ends[field] = at - 1;
      if (bytes[at] === SPACE || bytes[from - 2] === SPACE) padded[field] = 1;
    }
    while (bytes[at] === SPACE && at < end) at++;
    const next = bytes[at];
    return next === delimiter || next === LINE_FEED || next === CARRIAGE_RETURN ? at : MISQUOTED;
  };

  const endRow = (bytes: Uint8Array, at: number, end: number, exit: number): RowEnding => {
    row.end = Math.min(at, end);
    if (at > end || (exit === EXITS.carriageReturn && at === end)) return 'open';
    if (exit === EXITS.lineFeed) return 'lineFeed';
    if (bytes[at] !== LINE_FEED) return 'carriageReturn';
    row.end = at + 1;
    return 'both';
  };

  const read = (bytes: Uint8Array, start: number, end: number): RowEnding => {
    let at = start;
    let field = 0;
    row.linesInside = 0;
    for (;;) {
      const from = at;
      let state: number = START;
      do state = plain[(state << 8) | (bytes[at++] as number)] as number;
      while (state < EXIT);
      let exit = state >> 5;
      if (exit === EXITS.text)
        do exit = plainEnd[bytes[at++] as number] as number;
        while (exit === 0);
      if (exit === EXITS.quote) {
        at = readQuoted(bytes, at, end, field);
        if (at < 0) return at === UNCLOSED ? 'unclosed' : 'misquoted';
        const next = bytes[at++];
        exit = next === delimiter ? EXITS.delimiter : next === LINE_FEED ? EXITS.lineFeed : EXITS.carriageReturn;
      } else if (field < columns) {
        const kind = (at - from <= SHORT ? short : simple)[state & 31] as number;
        if (kind === LOOK) look(bytes, from, at - 1, state, field);
        else kinds[field] = kind;
        starts[field] = from;
        ends[field] = at - 1;
      }
      field++;
      if (exit !== EXITS.delimiter) {
        row.fields = field;
        return endRow(bytes, at, end, exit);
      }
    }
  };

  return {
    read,
    kinds,
    starts,
    ends,
    padded,
    marks,
    get end() {
      return row.end;
    },
    get fields() {
      return row.fields;
    },
    get linesInside() {
      return row.linesInside;
    },
  };
}

const UNCLOSED = -1;
const MISQUOTED = -2;
