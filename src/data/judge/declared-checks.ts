import type { Finding } from '../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { RowSelection } from '../../domain/data/row-selection.js';
import type { ColumnChecks, DataChecks } from '../../domain/pipeline/data-checks.js';
import type { ConditionChecked } from '../../domain/ports/datasets.js';
import type { Predicate } from '../../domain/support/predicate.js';
import { formatDuration, formatDurationBeside, type Instant, toIso } from '../../domain/support/time.js';
import { makeFinding, percent } from './finding.js';
import { likelyCause } from './likely-cause.js';
import { unfitPlace } from './read-faults.js';

/** Bad rows up to this share are a warning, because every real table has some. More are an error. */
const TOLERATED_SHARE = 0.01;

/** What is checked, and where. */
export interface Checked {
  readonly dataset?: string;
  readonly checks: DataChecks;
  /**
   * Whether the file format stores types. In other formats a column's type is the one that all its values can be read
   * as.
   */
  readonly isTyped: boolean;
}

/** A condition on rows, and how rows that break it are judged. */
export interface RowCheck {
  readonly code: string;
  readonly column?: string;
  readonly predicate: Predicate;
  /** Continues the sentence that begins with "12 rows (3 %) ". */
  readonly says: string;
  /** Largest share of bad rows that is not an error. */
  readonly tolerated: number;
  /** Bad rows up to `tolerated` are not reported at all. */
  readonly isQuiet?: boolean;
  /** The reason in the quarantine file. Absent where bad rows are not set aside. */
  readonly reason?: string;
}

/** The declared checks that look at rows. Columns that are not there are another finding. */
export function rowChecks(checked: Checked, profile: TableProfile): readonly RowCheck[] {
  const { checks } = checked;
  const present = new Map(profile.columns.map((column) => [column.name, column]));
  const ofColumns = Object.entries(checks.columns).flatMap(([name, one]) => {
    const column = present.get(name);
    return column === undefined ? [] : columnChecks(column, one, checked);
  });
  const alone = Object.entries(checks.columns).flatMap(([name, one]) => (one.unique === true ? [[name]] : []));
  const keys = [...alone, ...checks.unique]
    .filter((columns) => columns.every((column) => present.has(column)))
    .map(uniqueCheck);
  return [...ofColumns, ...keys, ...checks.rules.map(ruleCheck)];
}

const uniqueCheck = (columns: readonly string[]): RowCheck => ({
  code: 'not-unique',
  column: columns.join(', '),
  predicate: { kind: 'unique', columns },
  says: `share their value${columns.length === 1 ? '' : 's'} with another`,
  tolerated: 0,
  reason: `${columns.join(', ')}: repeats an earlier row`,
});

const ruleCheck = (sql: string): RowCheck => ({
  code: 'rule',
  predicate: { kind: 'rule', sql },
  says: `do not satisfy ${sql}`,
  tolerated: TOLERATED_SHARE,
  reason: `rule: ${sql}`,
});

function columnChecks(profile: ColumnProfile, checks: ColumnChecks, checked: Checked): readonly RowCheck[] {
  const { name: column } = profile;
  const found: RowCheck[] = [];
  const { min, max, values, type } = checks;
  const missing = checks.maxMissing ?? (checks.required === true ? 0 : undefined);
  if (missing !== undefined)
    found.push({
      code: 'missing-values',
      column,
      predicate: { kind: 'present', column },
      says: `have no value, at most ${percent(missing)} may have none`,
      tolerated: missing,
      isQuiet: true,
      // Where some may be missing, no single row is one too many.
      ...(missing === 0 ? { reason: `${column}: missing` } : {}),
    });
  if (type !== undefined && !isOfType(profile, type) && !checked.isTyped)
    found.push({
      code: 'type-changed',
      column,
      predicate: { kind: 'reads-as', column, type },
      says: `do not read as ${type}; the column is ${profile.sqlType}`,
      tolerated: 0,
      reason: `${column}: not ${type}`,
    });
  if (min !== undefined || max !== undefined) found.push(rangeCheck(column, min, max));
  if (values !== undefined)
    found.push({
      code: 'unknown-value',
      column,
      predicate: { kind: 'one-of', column, values },
      says: 'have none of the declared values',
      tolerated: TOLERATED_SHARE,
      reason: `${column}: unknown value`,
    });
  return found;
}

function rangeCheck(column: string, min: number | undefined, max: number | undefined): RowCheck {
  const range = min === undefined ? `above ${max}` : max === undefined ? `below ${min}` : `outside ${min} … ${max}`;
  return {
    code: 'out-of-range',
    column,
    predicate: {
      kind: 'in-range',
      column,
      lower: min,
      upper: max,
    },
    says: `are ${range}`,
    tolerated: TOLERATED_SHARE,
    reason: `${column}: ${range}`,
  };
}

/** The verbs that `RowCheck.says` begins with, for one row. Rows that share their value are two or more. */
const OF_ONE: Readonly<Record<string, string>> = { are: 'is', have: 'has', do: 'does' };

const rowsText = (bad: number, share: number, says: string): string =>
  bad === 1
    ? `1 row (${percent(share)}) ${says.replace(/^\w+/, (verb) => OF_ONE[verb] ?? verb)}`
    : `${bad} rows (${percent(share)}) ${says}`;

/** The finding of one row check, if rows break it or if the condition could not be evaluated. */
export function judgeRows(check: RowCheck, found: ConditionChecked, profile: TableProfile, scope: Scope): Finding[] {
  const { bad, fault, examples } = found;
  const rule = check.predicate.kind === 'rule' ? check.predicate.sql : undefined;
  if (fault !== undefined)
    return [
      makeFinding({
        ...scope,
        code: 'rule-failed',
        severity: 'error',
        detail: `the rule ${rule ?? ''} cannot be checked: ${fault}`,
        evidence: { rule: rule ?? null, fault },
      }),
    ];
  const share = bad / Math.max(1, profile.rows);
  if (bad === 0 || (check.isQuiet === true && share <= check.tolerated)) return [];
  const cause = likelyCause(check, found, profile);
  const place = check.code === 'type-changed' ? unfitPlace(profile, check.column ?? '') : undefined;
  return [
    makeFinding({
      ...scope,
      column: check.column,
      code: check.code,
      severity: share > check.tolerated ? 'error' : 'warning',
      detail: `${rowsText(bad, share, check.says)}${place === undefined ? '' : `; the first is ${place}`}`,
      rows: bad,
      sql: found.sql,
      selects: found.isOfRows === true ? brokenRows(check.predicate, profile) : undefined,
      likelyCause: cause,
      evidence: {
        rows: profile.rows,
        bad,
        tolerated: check.tolerated,
        examples: examples.map(({ value, rows }) => ({ value, rows })),
        rule,
      },
    }),
  ];
}

function brokenRows(predicate: Predicate, profile: TableProfile): RowSelection | undefined {
  if (predicate.kind === 'unique') return undefined;
  if (predicate.kind === 'rule') return { kind: 'breaks', predicate };
  const sqlType = profile.columns.find((column) => column.name === predicate.column)?.sqlType;
  return { kind: 'breaks', predicate, sqlType };
}

interface Scope {
  readonly dataset?: string;
}

type Fault = Omit<Finding, 'id' | 'dataset'>;

/** Declared checks that need only the profile. */
export function profileChecks(checked: Checked, profile: TableProfile, ignore: readonly string[]): readonly Finding[] {
  const { checks, dataset } = checked;
  const present = new Map(profile.columns.map((column) => [column.name, column]));
  const wanted = [
    ...Object.entries(checks.columns).flatMap(([name, one]) => (one.optional === true ? [] : [name])),
    ...checks.unique.flat(),
    ...(checks.rowOutliers?.columns ?? []),
  ];
  const found = [
    ...[...new Set(wanted)].filter((name) => !present.has(name)).map((name) => missingColumn(name, profile)),
    ...Object.entries(checks.columns).flatMap(([name, one]) => typeCheck(present.get(name), one, checked)),
    ...otherColumns(checks, profile, ignore),
    ...rowCount(checks, profile),
  ];
  return found.map((fault) => makeFinding({ dataset, ...fault }));
}

function missingColumn(name: string, profile: TableProfile): Fault {
  const renamed = profile.columns.find((column) => column.name.trim().toLowerCase() === name.trim().toLowerCase());
  return {
    column: name,
    code: 'missing-column',
    severity: 'error',
    detail: 'the column is declared and not there',
    evidence: {},
    likelyCause: renamed === undefined ? undefined : `renamed to "${renamed.name}"`,
  };
}

const isOfType = (column: ColumnProfile, type: NonNullable<ColumnChecks['type']>): boolean =>
  type === column.type || (type === 'number' && column.type === 'integer');

function typeCheck(column: ColumnProfile | undefined, { type }: ColumnChecks, { isTyped }: Checked): readonly Fault[] {
  if (column === undefined || type === undefined || !isTyped || isOfType(column, type)) return [];
  return [
    {
      column: column.name,
      code: 'type-changed',
      severity: 'error',
      detail: `it must be ${type}, and is ${column.sqlType}`,
      evidence: { declared: type, found: column.sqlType },
    },
  ];
}

function otherColumns(checks: DataChecks, profile: TableProfile, ignore: readonly string[]): readonly Fault[] {
  if (checks.otherColumns === 'allow') return [];
  const severity = checks.otherColumns === 'fail' ? 'error' : 'warning';
  return profile.columns
    .filter((column) => checks.columns[column.name] === undefined && !ignore.includes(column.name))
    .map((column) => ({
      column: column.name,
      code: 'new-column',
      severity,
      detail: 'the schema has no such column',
      evidence: { type: column.sqlType },
    }));
}

function rowCount({ rows: limits }: DataChecks, { rows }: TableProfile): readonly Fault[] {
  const { min, max } = limits ?? {};
  if ((min === undefined || rows >= min) && (max === undefined || rows <= max)) return [];
  const allowed = min !== undefined && rows < min ? `at least ${min}` : `at most ${max}`;
  return [
    {
      code: 'row-count',
      severity: 'error',
      detail: `there are ${rows} rows, ${allowed} are allowed`,
      rows,
      evidence: { rows, min: min ?? null, max: max ?? null },
      likelyCause: min !== undefined && rows < min ? 'a file is missing or cut short' : 'a file is there twice',
    },
  ];
}

/** The finding of a feed whose newest row is too old. */
export function freshnessCheck(
  { name, checks }: { readonly name?: string; readonly checks: Pick<DataChecks, 'freshnessMs'> },
  newest: Instant | undefined,
  now: Instant,
): Finding | undefined {
  const limit = checks.freshnessMs;
  if (limit === undefined || newest === undefined || now - newest <= limit) return undefined;
  return makeFinding({
    dataset: name,
    code: 'stale',
    severity: 'error',
    detail: `the newest row is of ${toIso(newest)}, ${formatDurationBeside(now - newest, limit)} old; at most ${formatDuration(limit)} is allowed`,
    likelyCause: 'the feed has stopped',
    evidence: { newest: toIso(newest), age_ms: now - newest, limit_ms: limit },
  });
}
