import { dateKind } from './dates.js';
import { isKept, isKeptInteger, isPlainReal } from './kept-digits.js';
import { KIND } from './kinds.js';

/** States of the automaton that reads a value byte by byte. Those from `EXIT` on end a value. */
const S = {
  start: 0,
  minus: 1,
  plus: 2,
  zero: 3,
  integer: 4,
  zeroLed: 5,
  zeroLedPoint: 6,
  plusInteger: 7,
  point: 8,
  integerPoint: 9,
  fraction: 10,
  exponent: 11,
  exponentSign: 12,
  exponentDigits: 13,
  dateLike: 14,
  letters: 15,
  leadingSpace: 16,
  trailingSpace: 17,
  text: 18,
  zeroLedFraction: 19,
} as const;

const STATES = 20;
/**
 * An exit is a multiple of this, plus the state in which the value ended. Text is an exit too: what a value is written like is
 * known then, and its end is found by `endTable` in half the time.
 */
export const EXIT = 32;
export const EXITS = { delimiter: 1, lineFeed: 2, carriageReturn: 3, quote: 4, escapeByte: 5, text: 6 } as const;

export const START = S.start;
export const TEXT = S.text;

const DIGITS = '0123456789';
const DATE_PARTS = `${DIGITS}-/:. TZUC+AaPpMm`;

type Transitions = Readonly<Record<number, readonly (readonly [characters: string, to: number])[]>>;

const NUMBER_START: readonly (readonly [string, number])[] = [
  ['0', S.zero],
  ['123456789', S.integer],
  ['.', S.point],
];

/** What is not listed leads to text. */
const TRANSITIONS: Transitions = {
  [S.start]: [...NUMBER_START, ['-', S.minus], ['+', S.plus], [' ', S.leadingSpace]],
  [S.leadingSpace]: [...NUMBER_START, ['-', S.minus], ['+', S.plus], [' ', S.leadingSpace]],
  [S.minus]: NUMBER_START,
  [S.plus]: [
    ['0', S.zero],
    ['123456789', S.plusInteger],
    ['.', S.point],
  ],
  [S.zero]: [
    [DIGITS, S.zeroLed],
    ['.', S.integerPoint],
    ['eE', S.exponent],
    [' ', S.trailingSpace],
    ['-/:', S.dateLike],
  ],
  [S.integer]: [
    [DIGITS, S.integer],
    ['.', S.integerPoint],
    ['eE', S.exponent],
    [' ', S.trailingSpace],
    ['-/:', S.dateLike],
  ],
  [S.zeroLed]: [
    [DIGITS, S.zeroLed],
    ['.', S.zeroLedPoint],
    ['-/:', S.dateLike],
  ],
  [S.zeroLedPoint]: [
    [DIGITS, S.zeroLedFraction],
    ['.', S.dateLike],
  ],
  [S.zeroLedFraction]: [
    [DIGITS, S.zeroLedFraction],
    ['.', S.dateLike],
  ],
  [S.plusInteger]: [
    [DIGITS, S.plusInteger],
    ['.', S.integerPoint],
    ['eE', S.exponent],
    [' ', S.trailingSpace],
  ],
  [S.point]: [[DIGITS, S.fraction]],
  [S.integerPoint]: [
    [DIGITS, S.fraction],
    ['eE', S.exponent],
    [' ', S.trailingSpace],
    ['.', S.dateLike],
  ],
  [S.fraction]: [
    [DIGITS, S.fraction],
    ['eE', S.exponent],
    [' ', S.trailingSpace],
    ['.', S.dateLike],
  ],
  [S.exponent]: [
    [DIGITS, S.exponentDigits],
    ['-+', S.exponentSign],
  ],
  [S.exponentSign]: [[DIGITS, S.exponentDigits]],
  [S.exponentDigits]: [
    [DIGITS, S.exponentDigits],
    [' ', S.trailingSpace],
  ],
  [S.trailingSpace]: [[' ', S.trailingSpace]],
  [S.dateLike]: [[DATE_PARTS, S.dateLike]],
  [S.letters]: [],
  [S.text]: [],
};

const isLetter = (byte: number): boolean => (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);

const LETTERS_FROM: readonly number[] = [S.start, S.minus, S.plus, S.letters];

function nextState(state: number, byte: number): number {
  const character = String.fromCharCode(byte);
  for (const [characters, to] of TRANSITIONS[state] ?? []) if (characters.includes(character)) return to;
  return isLetter(byte) && LETTERS_FROM.includes(state) ? S.letters : S.text;
}

const codeOf = (state: number): number => (state === S.text ? EXITS.text * EXIT + S.text : state);

const baseTable = (): Uint8Array => {
  const table = new Uint8Array(STATES << 8);
  for (let state = 0; state < STATES; state++)
    for (let byte = 0; byte < 256; byte++) table[(state << 8) | byte] = codeOf(nextState(state, byte));
  return table;
};

function addExit(table: Uint8Array, byte: number, exit: number, from?: readonly number[]): void {
  for (let state = 0; state < STATES; state++)
    if (from === undefined || from.includes(state)) table[(state << 8) | byte] = exit * EXIT + state;
}

export interface Punctuation {
  readonly delimiter: number;
  readonly quote: number;
  /** The byte before a quote that does not end a value: the quote itself, or a backslash. */
  readonly escapeByte: number;
}

const made = new Map<string, Uint8Array>();

/** A table takes a millisecond to make, and many small files have the same punctuation. */
function tableOf(key: string, fill: (table: Uint8Array) => void): Uint8Array {
  const known = made.get(key);
  if (known !== undefined) return known;
  const table = baseTable();
  fill(table);
  made.set(key, table);
  return table;
}

/** The automaton for values without quotes: index it by `(state << 8) | byte`. A quote opens a value only at its start. */
export const plainTable = ({ delimiter, quote }: Punctuation): Uint8Array =>
  tableOf(`plain ${delimiter} ${quote}`, (table) => {
    addExit(table, quote, EXITS.quote, [S.start, S.leadingSpace]);
    addExit(table, delimiter, EXITS.delimiter);
    addExit(table, 10, EXITS.lineFeed);
    addExit(table, 13, EXITS.carriageReturn);
  });

/** The automaton for what stands between quotes. Line feeds end nothing there, but lines are counted. */
export const quotedTable = ({ quote, escapeByte }: Punctuation): Uint8Array =>
  tableOf(`quoted ${quote} ${escapeByte}`, (table) => {
    addExit(table, 10, EXITS.lineFeed);
    addExit(table, quote, EXITS.quote);
    if (escapeByte !== quote) addExit(table, escapeByte, EXITS.escapeByte);
  });

/** By byte: how it ends text that stands without quotes, or 0. */
export const plainEnds = ({ delimiter }: Punctuation): Uint8Array =>
  endTable([
    [delimiter, EXITS.delimiter],
    [10, EXITS.lineFeed],
    [13, EXITS.carriageReturn],
  ]);

/** The same for text between quotes. */
export const quotedEnds = ({ quote, escapeByte }: Punctuation): Uint8Array =>
  endTable([
    [escapeByte, EXITS.escapeByte],
    [quote, EXITS.quote],
    [10, EXITS.lineFeed],
  ]);

function endTable(ends: readonly (readonly [byte: number, exit: number])[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const [byte, exit] of ends) table[byte] = exit;
  return table;
}

/** By end state: the kind, or `LOOK` where the value itself has to be looked at. */
export const LOOK = 255;
const KIND_OF_STATE: Readonly<Record<number, number>> = {
  [S.start]: KIND.empty,
  [S.zero]: KIND.integer,
  [S.integer]: LOOK,
  [S.zeroLed]: KIND.code,
  [S.zeroLedPoint]: KIND.code,
  [S.zeroLedFraction]: KIND.code,
  [S.plusInteger]: LOOK,
  [S.integerPoint]: LOOK,
  [S.fraction]: LOOK,
  [S.exponentDigits]: LOOK,
  [S.dateLike]: LOOK,
  [S.letters]: LOOK,
  [S.trailingSpace]: LOOK,
};

/** The kind that a value has whose scan ends in a state, by the number of the state. */
export const kindTable = (): Uint8Array => KIND_TABLE;

const KIND_TABLE = Uint8Array.from({ length: STATES }, (_, state) => KIND_OF_STATE[state] ?? KIND.text);

/** The same for values of fewer than `SHORT` characters: a double keeps all digits of such numbers. */
export const shortKindTable = (): Uint8Array => SHORT_KIND_TABLE;

const SHORT_KIND_TABLE = KIND_TABLE.map((kind, state) => {
  if (state === S.integer) return KIND.integer;
  return state === S.integerPoint || state === S.fraction ? KIND.real : kind;
});

export const SHORT = 16;
/** Digits that always fit 64 bits. */
const SAFE_DIGITS = 18;
/** Digits that always fit 128 bits. */
const BIG_DIGITS = 38;
/** `+` before more digits than this is a telephone number rather than a sign. */
const SIGNED_DIGITS = 6;

/** The kind of the value in `bytes` from `start` to `end`, whose automaton ended in `state`; of times with their marks. */
export function kindOf(bytes: Uint8Array, start: number, end: number, state: number): number {
  const kind = KIND_TABLE[state] ?? KIND.text;
  if (kind !== LOOK) return kind;
  if (state === S.integer && bytes[start] !== 32)
    return integerKind(bytes, bytes[start] === 45 ? start + 1 : start, end);
  if (state === S.letters) return wordKind(bytes, start, end);
  if (state === S.dateLike) return dateKind(bytes, start, end);
  if (state === S.plusInteger) return end - start - 1 <= SIGNED_DIGITS ? KIND.integer : KIND.code;
  if ((state === S.integerPoint || state === S.fraction) && isPlainReal(bytes, start, end)) return KIND.real;
  return writtenNumberKind(String.fromCharCode(...bytes.subarray(start, end)).trim());
}

function integerKind(bytes: Uint8Array, start: number, end: number): number {
  const digits = end - start;
  if (digits > BIG_DIGITS) return KIND.code;
  const isRound = isKeptInteger(bytes, start, end);
  if (digits <= SAFE_DIGITS) return isRound ? KIND.integer : KIND.exactInteger;
  return isRound ? KIND.bigInteger : KIND.exactBigInteger;
}

const INTEGER = /^-?[0-9]+$/;
const CODE = /^([-+]?[0-9]{2,}[eE][0-9]+|\+[0-9]{7,})$/;

/** Numbers with an exponent, with spaces around them or with many digits: rare enough to be read as text. */
function writtenNumberKind(text: string): number {
  if (INTEGER.test(text)) {
    const digits = new TextEncoder().encode(text.replace('-', ''));
    return integerKind(digits, 0, digits.length);
  }
  if (!Number.isFinite(Number(text))) return KIND.text;
  // No program writes 71e26: an exponent's mantissa has one digit before the point, or a point.
  return CODE.test(text) || !isKept(text) ? KIND.code : KIND.real;
}

const encode = (words: readonly string[]): readonly Uint8Array[] => words.map((word) => new TextEncoder().encode(word));
const BOOLEANS = encode(['true', 'false']);
const NOT_FINITE = encode(['nan', 'inf', 'infinity', '-inf', '-infinity', '+inf', '+infinity']);
const LONGEST_WORD = 9;

function wordKind(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 3 || length > LONGEST_WORD) return KIND.text;
  for (const word of BOOLEANS) if (isWord(bytes, start, length, word)) return KIND.boolean;
  for (const word of NOT_FINITE) if (isWord(bytes, start, length, word)) return KIND.notFinite;
  return KIND.text;
}

/** In small or capital letters; setting bit 32 makes a letter small and leaves a sign as it is. */
function isWord(bytes: Uint8Array, start: number, length: number, word: Uint8Array): boolean {
  if (length !== word.length) return false;
  for (let i = 0; i < length; i++) if (((bytes[start + i] ?? 0) | 32) !== word[i]) return false;
  return true;
}
