import type { ColumnProfile, TableProfile } from '../domain/data/profile.js';
import { isRecord } from '../domain/support/json.js';
import { err, ok, type Result } from '../domain/support/result.js';

/** Version of the form of an exported profile. */
export const PROFILE_FILE = 1;

const MARK = 'refit_profile';

/** As in tables. */
const MOST_COLUMNS = 5000;
/** Of a list in a column: refit writes a thousand quantiles and some thousand values. */
const MOST_ITEMS = 20_000;

type Fields = Readonly<Record<string, unknown>>;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): boolean => isNumber(value) && value >= 0;
const isText = (value: unknown): value is string => typeof value === 'string';
const isList = (value: unknown, isOne: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= MOST_ITEMS && value.every(isOne);
/** What a `Date` can hold, in milliseconds (ECMA-262, 21.4.1.1). */
const isInstant = (value: unknown): boolean => isNumber(value) && Math.abs(value) <= 8.64e15;
const isAbsentOr = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);
const have = (value: Fields, names: readonly string[], is: (value: unknown) => boolean): boolean =>
  names.every((name) => is(value[name]));

/** Whether a text is meant to be an exported profile, and no table in JSON. */
export const isProfileFile = (value: unknown): value is Fields => isRecord(value) && MARK in value;

/** The profile in an exported file. The text says what is wrong with it. */
export function readProfileFile(value: Fields): Result<TableProfile, string> {
  if (value[MARK] !== PROFILE_FILE)
    return err(`it has form ${JSON.stringify(value[MARK])}, and this refit reads form ${PROFILE_FILE}`);
  const { profile } = value;
  if (!isRecord(profile) || profile.format !== 2) return err('"profile" is missing, or of another format');
  if (!isCount(profile.rows) || !Array.isArray(profile.columns)) return err('"profile" has no rows or columns');
  if (profile.columns.length > MOST_COLUMNS)
    return err(`it has ${profile.columns.length} columns, and refit reads at most ${MOST_COLUMNS}`);
  const { time } = profile;
  if (!isAbsentOr(time, (one) => isRecord(one) && isText(one.column) && have(one, ['from', 'to'], isInstant)))
    return err('"profile.time" is no span of time');
  const wrong = profile.columns.findIndex((column) => !isColumn(column));
  if (wrong >= 0) return err(`"profile.columns[${wrong}]" is not the summary of a column`);
  // What was counted for another window means nothing here.
  const columns = (profile.columns as readonly ColumnProfile[]).map(({ counted: _, ...column }) => column);
  const { faults: _faults, countedFor: _for, ...rest } = profile as unknown as TableProfile;
  return ok({ ...rest, columns });
}

const TYPES = new Set(['number', 'integer', 'text', 'boolean', 'timestamp', 'other']);

const isColumn = (column: unknown): boolean =>
  isRecord(column) &&
  have(column, ['name', 'sqlType'], isText) &&
  isText(column.type) &&
  TYPES.has(column.type) &&
  have(column, ['rows', 'missing', 'notFinite', 'distinct'], isCount) &&
  isAbsentOr(column.numeric, isNumeric) &&
  isAbsentOr(column.categories, isCategories) &&
  isAbsentOr(column.text, (text) => isRecord(text) && have(text, TEXT, isNumber)) &&
  isAbsentOr(column.history, (spans) => isList(spans, (span) => isList(span, isCount)));

const TEXT = [
  'minLength',
  'maxLength',
  'meanLength',
  'upperShare',
  'digitShare',
  'paddedShare',
  'spaceShare',
  'nonAsciiShare',
  'numberShare',
];

const isNumeric = (numeric: unknown): boolean =>
  isRecord(numeric) &&
  have(numeric, ['min', 'max', 'mean', 'sd'], isNumber) &&
  have(numeric, ['zeros', 'negatives'], isCount) &&
  isList(numeric.quantiles, isNumber) &&
  isAscending(numeric.quantiles as readonly number[]) &&
  isAbsentOr(numeric.counts, (counts) => isList(counts, isCount));

const isAscending = (values: readonly number[]): boolean =>
  values.length > 0 && values.every((value, i) => i === 0 || value >= (values[i - 1] ?? value));

const isCategories = (categories: unknown): boolean =>
  isRecord(categories) &&
  isList(categories.top, (one) => isRecord(one) && isText(one.value) && isCount(one.count)) &&
  have(categories, ['otherRows', 'singletons'], isCount) &&
  isAbsentOr(categories.hashed, (cells) => isList(cells, isCount) && (cells as readonly unknown[]).length === 256);
