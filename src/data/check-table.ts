import type { DataReport, Finding, OutlierColumn, RowOutliers } from '../domain/data/finding.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import type { DataChecks, OutlierPolicy } from '../domain/pipeline/data-checks.js';
import type {
  ConditionChecked,
  RowCondition,
  TableCheck,
  TableChecked,
  TableSource,
} from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { renamedColumns } from './judge/columns/file-columns.js';
import { judgeRows, profileChecks, type RowCheck, rowChecks } from './judge/declared-checks.js';
import { makeFinding, number, percent } from './judge/finding.js';
import { type Bounds, limitOf, outlierBounds } from './judge/outliers/bounds.js';
import { isTooMany, MAX_SHARE, shareOutside } from './judge/outliers/too-many.js';
import { presentRows } from './judge/past.js';
import { readFindings } from './judge/read-faults.js';
import { plantForest } from './windows/row-forest.js';

export interface TableToCheck {
  readonly dataset?: string;
  readonly source: TableSource;
  /** The same by paths as the reader knows them: findings name no others. */
  readonly shown: TableSource;
  readonly profile: TableProfile;
  readonly checks: DataChecks;
  readonly ignore: readonly string[];
  /** What is usual: the champion's data. Without it, the table itself is. */
  readonly reference?: TableProfile;
  readonly referenceRows?: TableSource;
  /** Findings that were made otherwise. */
  readonly found: readonly Finding[];
  readonly write?: { readonly quarantine?: string; readonly clean?: string };
  /** The command that would write the rows apart. */
  readonly separateWith?: string;
}

type Dependencies = Pick<Services, 'datasets'>;

/** Holds one table to its checks, and writes the rows that break them and the others where asked. */
export async function checkTable(services: Dependencies, table: TableToCheck): Promise<Result<DataReport, Failure>> {
  const { profile, ignore } = table;
  const over = overSource(table);
  if (over !== undefined) return err(over);
  const checks: DataChecks = {
    ...table.checks,
    columns: Object.fromEntries(Object.entries(table.checks.columns).filter(([name]) => !ignore.includes(name))),
  };
  const checked = { checks, isTyped: isTyped(table.source), ...scopeOf(table) };
  const rows = rowChecks(checked, profile);
  const outliers = outlierColumns(table, checks);
  const forest = await plantForest(services, table, checks);
  if (!forest.ok) return forest;
  const work: TableCheck = {
    conditions: [...rows.map(conditionOf), ...outliers.flatMap(outlierCondition)],
    shown: table.shown,
    rowOutliers: forest.value === undefined ? undefined : forest.value.work,
    write: table.write === undefined ? undefined : { ...table.write, caps: capsOf(outliers) },
  };
  const done = await services.datasets.check(table.source, work);
  if (!done.ok) return done;
  const problems = [
    ...readFindings(profile, {
      ...scopeOf(table),
      ignore,
      timeColumn: table.source.timeColumn,
      reference: table.reference,
      optional: toldColumns(table),
    }),
    ...table.found,
    ...profileChecks(checked, profile, ignore),
    ...rows.flatMap((check, i) => judgeRows(check, conditionAt(done.value, i), profile, scopeOf(table))),
  ];
  const judged = withConditions(outliers, done.value, rows.length);
  return ok(summarize(table, { problems, done: done.value, outliers: judged, forest: forest.value?.report }));
}

/** Columns that the checks call optional, and those whose new name is a finding. */
const toldColumns = ({ checks, found }: TableToCheck): readonly string[] => [
  ...Object.entries(checks.columns).flatMap(([name, { optional }]) => (optional === true ? [name] : [])),
  ...renamedColumns(found),
];

/** A source is read, never written over. */
function overSource({ source, write }: TableToCheck): Failure | undefined {
  const read = source.from.kind === 'files' ? source.from.paths : [];
  const path = [write?.quarantine, write?.clean].find((one) => one !== undefined && read.includes(one));
  return path === undefined
    ? undefined
    : { code: 'usage', problem: `${path} is a file of the data itself`, next: 'write to another file' };
}

const scopeOf = ({ dataset }: Pick<TableToCheck, 'dataset'>) => (dataset === undefined ? {} : { dataset });

const isTyped = ({ from }: TableSource): boolean =>
  from.kind === 'query' || from.paths.every((path) => /\.parquet$/i.test(path));

const conditionOf = ({ predicate, reason }: RowCheck): RowCondition => ({
  predicate,
  reason,
});

function conditionAt(done: TableChecked, i: number): ConditionChecked {
  const found = done.conditions[i];
  if (found === undefined) throw new Error('internal error: a condition was not checked');
  return found;
}

/** A column's policy with its bounds. */
interface Bounded extends Omit<OutlierColumn, 'count'> {
  /** More values lie outside than outliers can be: none of them is set aside or capped. */
  readonly isTooMany: boolean;
}

/** The policy of each number column with its bounds, from the reference's values where it has them. */
function outlierColumns({ profile, reference }: TableToCheck, checks: DataChecks): readonly Bounded[] {
  return Object.entries(checks.columns).flatMap(([name, { outliers: policy }]): readonly Bounded[] => {
    const column = profile.columns.find((one) => one.name === name);
    if (policy === undefined || column?.numeric === undefined) return [];
    const usual = reference?.columns.find((one) => one.name === name)?.numeric ?? column.numeric;
    const bounds = outlierBounds(usual.quantiles, policy);
    const base = { name, method: policy.method, limit: limitOf(policy), action: policy.action };
    if (bounds === undefined)
      return [{ ...base, isTooMany: false, detail: 'too many values are equal to say what is unusual' }];
    const share = shareOutside(column.numeric, bounds);
    if (!isTooMany(share, presentRows(column), policy)) return [{ ...base, ...bounds, isTooMany: false }];
    return [{ ...base, ...bounds, isTooMany: true, detail: tooManyDetail(policy, bounds, share) }];
  });
}

const tooManyDetail = (
  { method, action, maxShare = MAX_SHARE }: OutlierPolicy,
  bounds: Bounds,
  share: number,
): string =>
  `${percent(share)} of the values lie outside ${number(bounds.lower)} … ${number(bounds.upper)}, more than max_share (${percent(maxShare)}): ${method} does not fit a column of several groups or with a heavy tail${action === 'quarantine' || action === 'cap' ? ', so nothing is set aside' : ''}; use method quantile, a larger limit, or min and max`;

function outlierCondition({ name, method, action, lower, upper, isTooMany }: Bounded): readonly RowCondition[] {
  if (lower === undefined || upper === undefined) return [];
  const isSetAside = action === 'fail' || (action === 'quarantine' && !isTooMany);
  return [
    {
      predicate: { kind: 'in-range', column: name, lower, upper },
      isOutlier: true,
      ...(isSetAside ? { reason: `${name}: outside ${number(lower)} … ${number(upper)} (${method})` } : {}),
    },
  ];
}

const capsOf = (outliers: readonly Bounded[]) =>
  outliers.flatMap(({ name, action, lower, upper, isTooMany }) =>
    action === 'cap' && !isTooMany && lower !== undefined && upper !== undefined
      ? [{ column: name, lower, upper }]
      : [],
  );

interface JudgedColumn {
  readonly column: Bounded;
  /** Absent for a column without bounds. */
  readonly condition: ConditionChecked | undefined;
}

/** Each column with its condition as checked. `before`: so many conditions came before those of the outliers. */
function withConditions(outliers: readonly Bounded[], done: TableChecked, before: number): readonly JudgedColumn[] {
  const bounded = outliers.filter((column) => outlierCondition(column).length > 0);
  return outliers.map((column) => {
    const at = bounded.indexOf(column);
    return { column, condition: at < 0 ? undefined : conditionAt(done, before + at) };
  });
}

interface Outcome {
  readonly problems: readonly Finding[];
  readonly done: TableChecked;
  readonly outliers: readonly JudgedColumn[];
  readonly forest: Omit<RowOutliers, 'count'> | undefined;
}

function summarize(table: TableToCheck, { problems, done, outliers, forest }: Outcome): DataReport {
  const columns = outliers.map(({ column: { isTooMany: _, ...column }, condition }): OutlierColumn => {
    return { ...column, count: condition?.bad ?? 0 };
  });
  const failing = outliers.flatMap(({ column, condition }) => [
    ...(column.isTooMany ? [tooManyFinding(table, column, condition?.bad ?? 0)] : []),
    ...(column.action === 'fail' && condition !== undefined && condition.bad > 0
      ? [outlierFinding(table, column, condition)]
      : []),
  ]);
  const byRow = forest === undefined ? undefined : { ...forest, count: done.rowOutliers ?? 0 };
  if (byRow?.action === 'fail' && byRow.count > 0) failing.push(rowFinding(table, byRow));
  const isAsked = [...columns, ...(byRow === undefined ? [] : [byRow])].some(
    ({ action, count, ...one }) =>
      (action === 'quarantine' || action === 'cap') && count > 0 && !('detail' in one && one.detail !== undefined),
  );
  return reportOf(table, table.profile.rows, [...problems, ...failing], {
    outliers: { rows: done.outlierRows, columns, byRow },
    quarantined: done.quarantined ?? 0,
    ...(isAsked && table.write === undefined && table.separateWith !== undefined
      ? { separateWith: table.separateWith }
      : {}),
  });
}

const tooManyFinding = (table: TableToCheck, { name, method, detail = '' }: Bounded, rows: number): Finding =>
  makeFinding({
    ...scopeOf(table),
    column: name,
    code: 'outliers-unfit',
    severity: 'warning',
    detail,
    rows,
    evidence: { method, share: rows / Math.max(1, table.profile.rows) },
  });

const outlierFinding = (
  table: TableToCheck,
  { name, lower, upper, method }: Bounded,
  { bad, sql }: ConditionChecked,
): Finding =>
  makeFinding({
    ...scopeOf(table),
    column: name,
    code: 'outliers',
    severity: 'error',
    detail: `${bad} value${bad === 1 ? ' lies' : 's lie'} outside ${number(lower ?? 0)} … ${number(upper ?? 0)} (${method})`,
    rows: bad,
    sql,
    evidence: { lower: lower ?? null, upper: upper ?? null, method },
  });

const rowFinding = (table: TableToCheck, { count, threshold, columns }: RowOutliers): Finding =>
  makeFinding({
    ...scopeOf(table),
    code: 'row-outliers',
    severity: 'error',
    detail: `${count} row${count === 1 ? ' is' : 's are'} unlike the others, with a score above ${threshold}`,
    rows: count,
    evidence: { threshold, columns },
  });

/** The verdict follows from the findings; the same finding is said once. */
export function reportOf(
  { dataset }: Pick<TableToCheck, 'dataset'>,
  rows: number,
  findings: readonly Finding[],
  rest: Pick<DataReport, 'outliers' | 'quarantined' | 'separateWith'> = NOTHING,
): DataReport {
  const problems = [...new Map(findings.map((finding) => [finding.id, finding])).values()];
  const isBroken = problems.some((one) => one.severity === 'error');
  return {
    verdict: isBroken ? 'fail' : problems.length > 0 ? 'warn' : 'pass',
    ...scopeOf({ dataset }),
    rows,
    problems,
    ...rest,
  };
}

const NOTHING = { outliers: { rows: 0, columns: [] }, quarantined: 0 };
