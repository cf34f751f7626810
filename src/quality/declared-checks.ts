import type { Finding } from '../domain/finding.js';
import type { ColumnChecks, Dataset } from '../domain/pipeline.js';
import type { ColumnProfile, TableProfile } from '../domain/profile.js';
import { formatDuration, type Instant, toIso } from '../domain/time.js';
import { makeFinding, number, percent } from './finding.js';

/** Bad rows up to this share are a warning: every real table has some; beyond it the data is broken. */
const TOLERATED_SHARE = 0.01;

/** A condition that good rows meet, as SQL, and the finding if too many do not. */
export interface RowCheck {
  readonly code: string;
  readonly column?: string;
  /** True for good rows; missing values are `max_missing`'s business and pass. */
  readonly sql: string;
  readonly says: string;
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);

/** The declared checks that count rows; columns that are not there are another finding. */
export function rowChecks(dataset: Dataset, present: readonly string[]): readonly RowCheck[] {
  const ofColumns = Object.entries(dataset.checks.columns)
    .filter(([column]) => present.includes(column))
    .flatMap(([column, checks]) => columnChecks(column, checks));
  const rules = dataset.checks.rules.map((sql): RowCheck => ({ code: 'rule', sql, says: `do not satisfy ${sql}` }));
  return [...ofColumns, ...rules];
}

function columnChecks(column: string, checks: ColumnChecks): readonly RowCheck[] {
  const id = identifier(column);
  const orMissing = (sql: string): string => `${id} IS NULL OR ${sql}`;
  const base = { column, code: 'out-of-range' };
  return [
    ...(checks.min === undefined
      ? []
      : [{ ...base, sql: orMissing(`${id} >= ${checks.min}`), says: `are below ${checks.min}` }]),
    ...(checks.max === undefined
      ? []
      : [{ ...base, sql: orMissing(`${id} <= ${checks.max}`), says: `are above ${checks.max}` }]),
    ...(checks.values === undefined
      ? []
      : [
          {
            column,
            code: 'unknown-value',
            sql: orMissing(`${id} IN (${checks.values.map(literal).join(', ')})`),
            says: 'are none of the declared values',
          },
        ]),
  ];
}

/** The finding of one row check, if rows fail it. */
export function judgeRows(check: RowCheck, bad: number, rows: number, dataset?: string): Finding | undefined {
  if (bad === 0) return undefined;
  return makeFinding({
    ...(dataset === undefined ? {} : { dataset }),
    ...(check.column === undefined ? {} : { column: check.column }),
    code: check.code,
    severity: bad / Math.max(1, rows) > TOLERATED_SHARE ? 'error' : 'warning',
    detail: `${bad} rows (${percent(bad / rows)}) ${check.says}`,
    rows: bad,
    sql: `NOT (${check.sql})`,
    evidence: { rows, bad, tolerated: TOLERATED_SHARE },
  });
}

/** Declared checks that the profile alone answers. */
export function profileChecks(dataset: Dataset, profile: TableProfile): readonly Finding[] {
  const found = Object.entries(dataset.checks.columns).flatMap(([name, checks]): readonly Fault[] => {
    const column = profile.columns.find((one) => one.name === name);
    if (column === undefined)
      return [
        {
          column: name,
          code: 'missing-column',
          severity: 'error',
          detail: 'the column is declared and not there',
          evidence: {},
        },
      ];
    return [...missingCheck(column, checks), ...typeCheck(column, checks), ...uniqueCheck(column, checks)];
  });
  return found.map((fault) => makeFinding({ dataset: dataset.name, ...fault }));
}

type Fault = Omit<Finding, 'id' | 'dataset'>;

function missingCheck(column: ColumnProfile, checks: ColumnChecks): readonly Fault[] {
  const limit = checks.maxMissing ?? (checks.required === true ? 0 : undefined);
  const share = column.missing / Math.max(1, column.rows);
  if (limit === undefined || share <= limit) return [];
  return [
    {
      column: column.name,
      code: 'missing-values',
      severity: 'error',
      detail: `${percent(share)} of the values are missing, at most ${percent(limit)} may be`,
      rows: column.missing,
      evidence: { share, limit },
    },
  ];
}

function typeCheck(column: ColumnProfile, checks: ColumnChecks): readonly Fault[] {
  const isRight =
    checks.type === undefined || checks.type === column.type || (checks.type === 'number' && column.type === 'integer');
  if (isRight) return [];
  return [
    {
      column: column.name,
      code: 'type-changed',
      severity: 'error',
      detail: `it must be ${checks.type}, and is ${column.sqlType}`,
      evidence: { declared: checks.type ?? null, found: column.sqlType },
    },
  ];
}

function uniqueCheck(column: ColumnProfile, checks: ColumnChecks): readonly Fault[] {
  const present = column.rows - column.missing;
  // counts of distinct values are approximate: 5 % is well beyond their error
  if (checks.unique !== true || column.distinct >= present * 0.95) return [];
  return [
    {
      column: column.name,
      code: 'not-unique',
      severity: 'error',
      detail: `about ${number(column.distinct)} different values in ${present} rows`,
      evidence: { distinct: column.distinct, rows: present },
    },
  ];
}

/** A feed whose newest row is older than it may be. */
export function freshnessCheck(dataset: Dataset, newest: Instant | undefined, now: Instant): Finding | undefined {
  const limit = dataset.checks.freshnessMs;
  if (limit === undefined || newest === undefined || now - newest <= limit) return undefined;
  return makeFinding({
    dataset: dataset.name,
    code: 'stale',
    severity: 'error',
    detail: `the newest row is of ${toIso(newest)}, ${formatDuration(now - newest)} old; at most ${formatDuration(limit)} is allowed`,
    likelyCause: 'the feed has stopped',
    evidence: { newest: toIso(newest), age_ms: now - newest, limit_ms: limit },
  });
}
