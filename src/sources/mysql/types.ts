import type { SourceColumn } from '../../domain/ports/sources.js';
import type { TextValue } from '../row-text.js';

/** What MySQL says about a column of a result. */
export interface MysqlField {
  readonly name: string;
  readonly columnType?: number;
  readonly flags: number | readonly string[];
  readonly columnLength?: number;
  readonly decimals?: number;
  readonly characterSet?: number;
}

type Value = string | number | Buffer | null;

/** A column, and how its values become text. `unfit`: why a text cannot be kept exactly. */
export interface ReadColumn {
  readonly column: SourceColumn;
  readonly spell: (value: Value) => TextValue;
  readonly unfit?: (text: string) => string | undefined;
}

const UNSIGNED = 32;
/** The character set of columns that hold bytes. */
const BINARY = 63;

/** DuckDB's type by the number of MySQL's, with and without a sign. */
const NUMBERS: Readonly<Record<number, readonly [string, string]>> = {
  1: ['TINYINT', 'UTINYINT'],
  2: ['SMALLINT', 'USMALLINT'],
  3: ['INTEGER', 'UINTEGER'],
  4: ['FLOAT', 'FLOAT'],
  5: ['DOUBLE', 'DOUBLE'],
  8: ['BIGINT', 'UBIGINT'],
  9: ['INTEGER', 'UINTEGER'],
  13: ['SMALLINT', 'SMALLINT'],
};
const DECIMALS = new Set([0, 246]);
const MOMENTS: Readonly<Record<number, string>> = { 7: 'TIMESTAMPTZ', 10: 'DATE', 12: 'TIMESTAMP', 14: 'DATE' };
const BIT = 16;
/** Texts and bytes: varchar, the four sizes of blob, var_string and string. */
const STRINGS = new Set([15, 249, 250, 251, 252, 253, 254]);
/** Values that only functions of the server turn into text. */
const ODD: Readonly<Record<number, string>> = { 242: 'vector_to_string', 255: 'st_astext' };

const MOST_DIGITS = 38;

/** The function that turns a column into text if refit cannot read its values; `undefined` for other columns. */
export const functionFor = ({ columnType = 0 }: MysqlField): string | undefined => ODD[columnType];

export function readColumn(field: MysqlField): ReadColumn {
  const { name, columnType = 0 } = field;
  const number = NUMBERS[columnType]?.[isUnsigned(field) ? 1 : 0];
  if (number !== undefined) return { column: { name, type: number }, spell: spellNumber };
  const moment = MOMENTS[columnType];
  if (moment !== undefined)
    return { column: { name, type: moment }, spell: spellText, unfit: (text) => noMoment(text, field) };
  if (DECIMALS.has(columnType)) return readDecimal(field);
  if (columnType === BIT)
    return field.columnLength === 1
      ? { column: { name, type: 'BOOLEAN' }, spell: spellBit }
      : { column: { name, type: 'UBIGINT' }, spell: spellBits };
  if (STRINGS.has(columnType) && field.characterSet === BINARY)
    return { column: { name, type: 'BLOB', isHex: true }, spell: spellBytes };
  return { column: { name, type: 'VARCHAR' }, spell: spellText };
}

const isUnsigned = ({ flags }: MysqlField): boolean => typeof flags === 'number' && (flags & UNSIGNED) !== 0;

/** MySQL reports the number of characters: digits, a point and a sign. */
function readDecimal(field: MysqlField): ReadColumn {
  const { name, columnLength = 0, decimals = 0 } = field;
  const scale = Math.min(decimals, MOST_DIGITS);
  const precision = columnLength - (scale > 0 ? 1 : 0) - (isUnsigned(field) ? 0 : 1);
  const digits = Math.max(1, scale, Math.min(MOST_DIGITS, precision));
  const column = { name, type: `DECIMAL(${digits}, ${scale})` };
  if (precision <= MOST_DIGITS) return { column, spell: spellText };
  return { column, spell: spellText, unfit: (text) => tooLong(text, digits - scale) };
}

function tooLong(text: string, most: number): string | undefined {
  const [whole = ''] = text.replace('-', '').split('.');
  return whole.length > most ? `${text} has more than ${most} digits before the point` : undefined;
}

/** MySQL keeps days that do not exist: 0000-00-00, and a year or a month without a day. */
function noMoment(text: string, { decimals }: MysqlField): string | undefined {
  if (text.startsWith('0000') || text.slice(4, 10).includes('-00')) return `it holds ${text}, which no day is`;
  return decimals === 0 && text.includes('.') ? `${text} has a fraction, which its type does not have` : undefined;
}

const spellNumber = (value: Value): TextValue =>
  value === null ? null : Object.is(value, -0) ? '-0.0' : String(value);
const spellText = (value: Value): TextValue => (value === null ? null : String(value));
const spellBytes = (value: Value): TextValue => (value === null ? null : Buffer.from(value as Buffer).toString('hex'));
const spellBit = (value: Value): TextValue =>
  value === null ? null : String((value as Buffer).some((byte) => byte !== 0));
const spellBits = (value: Value): TextValue =>
  value === null ? null : String(BigInt(`0x0${(value as Buffer).toString('hex')}`));
