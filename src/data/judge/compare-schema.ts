import type { Finding } from '../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import { makeFinding, percent } from './finding.js';
import { noRows, unfitOf, unfitPlace } from './read-faults.js';

/** What cannot be a changed world: columns gone, retyped, emptied. */
export function compareSchema(
  reference: TableProfile,
  current: TableProfile,
  options: { readonly dataset?: string; readonly ignore: readonly string[] },
): readonly Finding[] {
  const scope = options.dataset === undefined ? {} : { dataset: options.dataset };
  if (current.rows === 0) return [makeFinding({ ...scope, ...noRows(current) })];
  const watched = (column: ColumnProfile): boolean => !options.ignore.includes(column.name);
  const common = reference.columns.filter(watched).flatMap((column): readonly Finding[] => {
    const now = current.columns.find((one) => one.name === column.name);
    const faults = now === undefined ? [missingColumn(column, current)] : compareOne(column, now, current);
    return faults.map((fault) => makeFinding({ ...scope, column: column.name, ...fault }));
  });
  const added = current.columns
    .filter((column) => watched(column) && !reference.columns.some((one) => one.name === column.name))
    .map((column) =>
      makeFinding({
        ...scope,
        code: 'new-column',
        column: column.name,
        severity: 'warning',
        detail: 'the reference has no such column',
        evidence: { type: column.sqlType },
      }),
    );
  return [...common, ...added];
}

type Fault = Omit<Finding, 'id' | 'dataset' | 'column'>;

function missingColumn(column: ColumnProfile, current: TableProfile): Fault {
  const renamed = current.columns.find((one) => one.name.toLowerCase() === column.name.toLowerCase());
  return {
    code: 'missing-column',
    severity: 'error',
    detail: 'the column is gone',
    evidence: { type: column.sqlType },
    likelyCause: renamed === undefined ? undefined : `renamed to "${renamed.name}"`,
  };
}

const KINDS: Readonly<Record<string, string>> = { integer: 'number', number: 'number' };
const kindOf = (column: ColumnProfile): string => KINDS[column.type] ?? column.type;

function compareOne(before: ColumnProfile, now: ColumnProfile, current: TableProfile): readonly Fault[] {
  if (now.rows > 0 && now.missing === now.rows && before.missing < before.rows)
    return [{ code: 'all-missing', severity: 'error', detail: 'every value is missing', rows: now.rows, evidence: {} }];
  if (kindOf(before) !== kindOf(now) && before.missing < before.rows) return [typeChanged(before, now, current)];
  return [];
}

function typeChanged(before: ColumnProfile, now: ColumnProfile, current: TableProfile): Fault {
  const place = unfitPlace(current, now.name);
  const unfit = unfitOf(current, now.name);
  const present = now.rows - now.missing;
  const isMost = unfit === undefined || unfit.rows > present / 2;
  const ofValues = `${unfit?.rows} of ${present} values ${unfit?.rows === 1 ? 'does' : 'do'}`;
  const parses = now.text?.numberShare;
  const isText = now.type === 'text' && kindOf(before) === 'number';
  return {
    code: 'type-changed',
    severity: 'error',
    detail: `${before.sqlType} became ${now.sqlType}${isText && parses !== undefined && isMost ? `; ${percent(parses)} of it reads as a number` : ''}${place === undefined ? '' : `; ${ofValues} not fit, the first is ${place}`}`,
    rows: unfit?.rows,
    evidence: {
      before: before.sqlType,
      after: now.sqlType,
      reads_as_number: parses,
    },
    ...(isText && isMost && (parses ?? 0) > 0.9
      ? { likelyCause: 'numbers written as text, or with a decimal comma' }
      : {}),
  };
}
