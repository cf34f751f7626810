import type { Finding } from '../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import { looksLike, type Rename, renamedColumn } from './columns/renamed-column.js';
import type { Fault } from './fault.js';
import { makeFinding, percent } from './finding.js';
import { presentRows, usualShare } from './past.js';
import { noRows, unfitOf, unfitPlace } from './read-faults.js';

export interface SchemaOptions {
  readonly dataset?: string;
  readonly ignore: readonly string[];
  /** The label column. It may arrive later than the rows. */
  readonly label?: string;
  /** Columns whose values come under another name in a part of the window. */
  readonly renames?: readonly Rename[];
}

/**
 * Faults that no change in the world explains: a column that is gone or has another type, an empty table. New columns
 * are warnings.
 */
export function compareSchema(
  reference: TableProfile,
  current: TableProfile,
  options: SchemaOptions,
): readonly Finding[] {
  const scope = options.dataset === undefined ? {} : { dataset: options.dataset };
  if (current.rows === 0) return [makeFinding({ ...scope, ...noRows(current) })];
  const { renames = [] } = options;
  const watched = (column: ColumnProfile): boolean => !options.ignore.includes(column.name);
  const common = reference.columns.filter(watched).flatMap((column): readonly Finding[] => {
    const now = current.columns.find((one) => one.name === column.name);
    const rename = renames.find((one) => one.column === column.name);
    const fault =
      now === undefined
        ? missingColumn(column, { reference, current, options })
        : rename !== undefined
          ? renamedColumn(rename, current)
          : retyped(column, now, current);
    return fault === undefined ? [] : [makeFinding({ ...scope, column: column.name, ...fault })];
  });
  const added = current.columns
    .filter((column) => watched(column) && !reference.columns.some((one) => one.name === column.name))
    .filter((column) => !renames.some((one) => one.to === column.name))
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

function missingColumn(
  column: ColumnProfile,
  tables: { readonly reference: TableProfile; readonly current: TableProfile; readonly options: SchemaOptions },
): Fault {
  const { current } = tables;
  const namesake = current.columns.find((one) => one.name.toLowerCase() === column.name.toLowerCase());
  if (namesake === undefined && isLabel(column, tables))
    return {
      code: 'missing-column',
      severity: 'warning',
      detail: 'the column is not there: a label that has not come yet, or a lost column',
      evidence: { type: column.sqlType },
    };
  const renamed = namesake ?? onlyLikeness(column, tables);
  return {
    code: 'missing-column',
    severity: 'error',
    detail: 'the column is gone',
    evidence: { type: column.sqlType },
    likelyCause: renamed === undefined ? undefined : `renamed to "${renamed.name}"`,
  };
}

/** The only new column, if it looks like the only one that is gone. */
function onlyLikeness(
  column: ColumnProfile,
  { reference, current }: { readonly reference: TableProfile; readonly current: TableProfile },
): ColumnProfile | undefined {
  const lacks = (table: TableProfile, one: ColumnProfile) => !table.columns.some((other) => other.name === one.name);
  const [added, ...others] = current.columns.filter((one) => lacks(reference, one));
  const isOnly = others.length === 0 && reference.columns.filter((one) => lacks(current, one)).length === 1;
  return added !== undefined && isOnly && looksLike(column, added) ? added : undefined;
}

/** Usual names of a label column, for pipelines that do not declare one. */
const LABELS = new Set(['label', 'labels', 'target', 'targets', 'y', 'y_true', 'class', 'outcome', 'ground_truth']);
/** A label with at most this many different values is a class. */
const CLASSES = 20;

/**
 * Whether a missing column is the label. That is the declared label. Without one, it is the only missing column, if it
 * has a usual label name, or if it is the last column and a class.
 */
function isLabel(
  column: ColumnProfile,
  {
    reference,
    current,
    options,
  }: { readonly reference: TableProfile; readonly current: TableProfile; readonly options: SchemaOptions },
): boolean {
  if (options.label !== undefined) return column.name === options.label;
  const gone = reference.columns.filter(
    (one) => !options.ignore.includes(one.name) && !current.columns.some((other) => other.name === one.name),
  );
  const isLastClass = reference.columns.at(-1)?.name === column.name && column.distinct <= CLASSES;
  return gone.length === 1 && (LABELS.has(column.name.toLowerCase()) || isLastClass);
}

const KINDS: Readonly<Record<string, string>> = { integer: 'number', number: 'number' };
const kindOf = (column: ColumnProfile): string => KINDS[column.type] ?? column.type;

/**
 * A text column has another type only if chance leaves out its other values less often than this: one time in a
 * million.
 */
const CHANCE = 1e-6;

function retyped(before: ColumnProfile, now: ColumnProfile, current: TableProfile): Fault | undefined {
  const isEmpty = presentRows(before) === 0 || presentRows(now) === 0;
  if (kindOf(before) === kindOf(now) || isEmpty) return undefined;
  // A text column reads as numbers, or as yes and no, where its few other values happen to be absent.
  if (before.type === 'text' && readableShare(before, now) ** presentRows(now) > CHANCE) return undefined;
  return typeChanged(before, now, current);
}

/** Share of the reference's texts that can be read as the column's current type, 0…1. */
function readableShare(before: ColumnProfile, now: ColumnProfile): number {
  const others = (share: number): number => 1 - usualShare((1 - share) * presentRows(before), presentRows(before));
  if (kindOf(now) === 'number') {
    const share = before.text?.numberShare ?? 0;
    return share === 0 ? 0 : others(share);
  }
  if (now.type !== 'boolean') return 0;
  const words = before.categories?.top.filter((one) => /^(true|false|t|f|yes|no|y|n|1|0)$/i.test(one.value)) ?? [];
  const rows = words.reduce((sum, one) => sum + one.count, 0);
  return rows === 0 ? 0 : others(rows / Math.max(1, presentRows(before)));
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
    likelyCause:
      isText && isMost && (parses ?? 0) > 0.9 ? 'numbers written as text, or with a decimal comma' : undefined,
  };
}
