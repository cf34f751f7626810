import type { SourceColumn } from '../domain/ports/sources.js';

/** DuckDB's types by the type number of PostgreSQL. Values of other types stay text, as PostgreSQL writes them. */
const TYPES: Readonly<Record<number, string>> = {
  16: 'BOOLEAN',
  20: 'BIGINT',
  21: 'SMALLINT',
  23: 'INTEGER',
  26: 'UINTEGER',
  700: 'FLOAT',
  701: 'DOUBLE',
  1082: 'DATE',
  1083: 'TIME',
  1114: 'TIMESTAMP',
  1184: 'TIMESTAMPTZ',
  2950: 'UUID',
};
const BYTEA = 17;
const NUMERIC = 1700;

/** Of a numeric without a precision: so many digits before and after the point can be kept. */
const MOST_DIGITS = 38;
const FREE_SCALE = 9;

export interface PostgresField {
  readonly name: string;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
}

export function columnOf({ name, dataTypeID, dataTypeModifier }: PostgresField): SourceColumn {
  if (dataTypeID === BYTEA) return { name, type: 'BLOB', isHex: true };
  if (dataTypeID !== NUMERIC) return { name, type: TYPES[dataTypeID] ?? 'VARCHAR' };
  if (dataTypeModifier < 0) return { name, type: `DECIMAL(${MOST_DIGITS}, ${FREE_SCALE})` };
  const precision = precisionOf(dataTypeModifier);
  // Eleven bits with a sign: a negative scale rounds to tens, hundreds and so on.
  const scale = (((dataTypeModifier - 4) & 0x7ff) ^ 1024) - 1024;
  if (scale > MOST_DIGITS) return { name, type: 'VARCHAR' };
  const digits = Math.min(MOST_DIGITS, scale < 0 ? precision - scale : Math.max(precision, scale));
  return { name, type: `DECIMAL(${digits}, ${Math.max(0, scale)})` };
}

const precisionOf = (modifier: number): number => ((modifier - 4) >> 16) & 0xffff;

/** PostgreSQL knows numerics of 1 to 1000 digits. */
export function isForged({ dataTypeID, dataTypeModifier }: PostgresField): boolean {
  if (dataTypeID !== NUMERIC || dataTypeModifier < 0) return false;
  const precision = precisionOf(dataTypeModifier);
  return precision < 1 || precision > 1000;
}

/** Why a value of a numeric column cannot be kept exactly; `undefined` where it can. */
export function unfitNumeric(value: string, isFree: boolean): string | undefined {
  if (/[a-z]/i.test(value)) return `it holds ${value}, which no decimal number is`;
  if (!isFree) return undefined;
  const point = value.indexOf('.');
  const scale = point < 0 ? 0 : value.length - point - 1;
  const whole = (point < 0 ? value.length : point) - (value.startsWith('-') ? 1 : 0);
  return scale > FREE_SCALE && /[1-9]/.test(value.slice(point + 1 + FREE_SCALE))
    ? `it is a numeric without a precision, and ${value} has more than ${FREE_SCALE} decimals`
    : whole > MOST_DIGITS - FREE_SCALE
      ? `it is a numeric without a precision, and ${value} has more than ${MOST_DIGITS - FREE_SCALE} digits before the point`
      : undefined;
}

export const isNumeric = (field: PostgresField): boolean => field.dataTypeID === NUMERIC;
export const isBytea = (field: PostgresField): boolean => field.dataTypeID === BYTEA;
