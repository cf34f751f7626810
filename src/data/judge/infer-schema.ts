import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { ColumnChecks, DataChecks } from '../../domain/pipeline/data-checks.js';

/** A column with more values gets no list: nobody would read it, and the next batch would have other values. */
const LISTED_VALUES = 50;
/** The list counts as complete only if each value was seen this many times on average. */
const ROWS_PER_VALUE = 10;

/**
 * Columns that may be keys, because the profile estimates as many different values as rows. Count them before declaring
 * one.
 */
export const likelyKeys = (profile: TableProfile): readonly string[] =>
  profile.columns
    .filter((column) => column.type === 'integer' || column.type === 'text')
    .filter((column) => column.rows > 1 && column.missing === 0 && column.distinct >= 0.8 * column.rows)
    .map((column) => column.name);

/**
 * A schema that this data meets, as a start for one written by hand. Columns that were never missing are required, few
 * words become a list, numbers get their range, and at least half as many rows are expected.
 */
export function inferSchema(
  profile: TableProfile,
  options: { readonly keys: readonly string[]; readonly ignore: readonly string[] },
): DataChecks {
  const columns = profile.columns.filter((column) => !options.ignore.includes(column.name));
  return {
    ...(profile.rows < 2 ? {} : { rows: { min: Math.floor(profile.rows / 2) } }),
    columns: Object.fromEntries(
      columns.map((column) => [column.name, inferColumn(column, options.keys.includes(column.name))]),
    ),
    unique: [],
    rules: [],
    otherColumns: 'warn',
  };
}

function inferColumn(column: ColumnProfile, isKey: boolean): ColumnChecks {
  const missing = column.rows === 0 ? 0 : (column.missing + column.notFinite) / column.rows;
  const values = valuesOf(column);
  const { numeric } = column;
  return {
    ...(column.type === 'other' || missing === 1 ? {} : { type: column.type }),
    ...(missing === 0 ? { required: true } : { maxMissing: roundUp(missing) }),
    ...(isKey ? { unique: true } : {}),
    values,
    ...(numeric === undefined || isKey ? {} : { min: numeric.min, max: numeric.max }),
  };
}

/** Rounds up to whole percent, at least one percent more. */
const roundUp = (share: number): number => Math.min(1, Math.ceil((share + 0.01) * 100) / 100);

function valuesOf({ type, categories, rows, missing }: ColumnProfile): ColumnChecks['values'] | undefined {
  if (categories === undefined || categories.otherRows > 0 || type !== 'text') return undefined;
  const { length } = categories.top;
  if (length === 0 || length > LISTED_VALUES || (rows - missing) / length < ROWS_PER_VALUE) return undefined;
  return categories.top.map((one) => one.value).sort();
}
