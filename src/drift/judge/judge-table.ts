import { type DriftReport, type DriftVerdict, type FeatureDrift, hasMoved } from '../../domain/data/drift.js';
import type { Finding } from '../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import { AUTO, type MethodChoice, type MethodName } from '../../domain/pipeline/drift-method.js';
import { benjaminiHochberg } from './benjamini-hochberg.js';
import { compareColumn } from './compare-column.js';
import { withTimelyHistory } from './order/row-order.js';

/** Probability that a column without change is called drifted, … */
const COLUMN_ALARMS = 0.001;
/**
 * … and that a table without change is, over all its columns. It is well below 1 %, because the laws behind the limits
 * are approximate.
 */
const TABLE_ALARMS = 0.003;

/** False alarms per column for this many judged columns. Beyond three columns they are shared (Bonferroni). */
export const alphaFor = (columns: number): number => Math.min(COLUMN_ALARMS, TABLE_ALARMS / Math.max(1, columns));

export interface ComparedTable {
  readonly features: readonly FeatureDrift[];
  readonly verdict: DriftVerdict;
  readonly drifted: number;
  readonly total: number;
}

/**
 * Columns of both tables, except timestamps and ignored ones. They have histories only if the rows are ordered by time.
 */
export function comparableColumns(
  reference: TableProfile,
  current: TableProfile,
  ignore: readonly string[],
): readonly { readonly reference: ColumnProfile; readonly current: ColumnProfile }[] {
  const pairs = reference.columns.flatMap((column) => {
    const other = current.columns.find((one) => one.name === column.name);
    const isCompared = column.type !== 'timestamp' && column.type !== 'other' && !ignore.includes(column.name);
    const isTime = column.name === reference.time?.column || column.name === current.time?.column;
    return other !== undefined && isCompared && !isTime ? [{ reference: column, current: other }] : [];
  });
  return withTimelyHistory(reference, current, pairs);
}

export interface TableOptions {
  readonly ignore: readonly string[];
  /** Columns that are not features. */
  readonly label?: string;
  readonly prediction?: string;
  readonly dataBugs: readonly Finding[];
  /** Findings of columns that either a fault or the world has moved. */
  readonly unclear?: readonly Finding[];
  /** Columns that have not arrived yet, such as labels. */
  readonly waiting?: readonly string[];
  readonly methods?: MethodChoice;
  /** Number of tables in the same check (segments). They share the false alarms. */
  readonly tables?: number;
}

/** Judges every common column, the worst first. A column with a data bug is a finding, even if the column is gone. */
export function compareTables(reference: TableProfile, current: TableProfile, options: TableOptions): ComparedTable {
  const columns = comparableColumns(reference, current, options.ignore);
  const buggy = new Set(options.dataBugs.flatMap((bug) => (bug.column === undefined ? [] : [bug.column])));
  const unclear = new Set((options.unclear ?? []).flatMap((one) => (one.column === undefined ? [] : [one.column])));
  const alpha = alphaFor(columns.length * (options.tables ?? 1));
  const compared = columns.map((pair): FeatureDrift => {
    const judged = compareColumn(pair.reference, pair.current, {
      alpha,
      role: roleOf(pair.reference.name, options),
      method: methodOf(pair.reference.name, options.methods ?? AUTO),
    });
    if (buggy.has(judged.name)) return { ...judged, verdict: 'finding' };
    return unclear.has(judged.name) ? { ...judged, verdict: 'unclear' } : judged;
  });
  const gone = reference.columns
    .filter((column) => buggy.has(column.name) || unclear.has(column.name))
    .filter((column) => !columns.some((pair) => pair.reference.name === column.name))
    .map((column): FeatureDrift => {
      const kind = column.numeric === undefined ? 'categorical' : 'numeric';
      const verdict = buggy.has(column.name) ? 'finding' : 'unclear';
      return { name: column.name, kind, role: roleOf(column.name, options), method: 'none', verdict };
    });
  const waiting = reference.columns
    .filter(
      (column) => options.waiting?.includes(column.name) && !current.columns.some((one) => one.name === column.name),
    )
    .map((column): FeatureDrift => {
      const kind = column.numeric === undefined ? 'categorical' : 'numeric';
      const base = { name: column.name, kind, role: roleOf(column.name, options), method: 'none' } as const;
      return { ...base, verdict: 'undecided', detail: 'the column has not come yet' };
    });
  const features = ranked(
    withAdjusted([...compared, ...gone, ...waiting, ...nestedColumns(reference, current, options)]),
  );
  return { features, ...summarize(features) };
}

/** Lists, structs and maps that both tables have. They are named, so that nobody assumes that they were compared. */
function nestedColumns(reference: TableProfile, current: TableProfile, options: TableOptions): readonly FeatureDrift[] {
  const isNested = (column: ColumnProfile): boolean => column.type === 'other' && !options.ignore.includes(column.name);
  const buggy = new Set(options.dataBugs.map((bug) => bug.column));
  return reference.columns
    .filter((column) => isNested(column) && !buggy.has(column.name))
    .filter((column) => current.columns.some((one) => one.name === column.name))
    .map((column) => ({
      name: column.name,
      kind: 'categorical',
      role: roleOf(column.name, options),
      method: 'none',
      verdict: 'undecided',
      detail: describeNested(column.sqlType),
    }));
}

const LONGEST_TYPE = 60;

function describeNested(sqlType: string): string {
  const type = sqlType.length > LONGEST_TYPE ? `${sqlType.slice(0, LONGEST_TYPE)}…` : sqlType;
  const isNested = /[[(]|^JSON$/.test(sqlType);
  return isNested ? `${NESTED}: ${type} is not compared` : `${type} is not compared`;
}

/** Beginning of the detail of a column that holds lists, structs or maps. */
export const NESTED = 'nested';

const roleOf = (name: string, options: TableOptions): FeatureDrift['role'] =>
  name === options.label ? 'label' : name === options.prediction ? 'prediction' : 'feature';

const methodOf = (name: string, methods: MethodChoice): MethodName | 'auto' =>
  (Object.hasOwn(methods.columns, name) ? methods.columns[name] : undefined) ?? methods.table;

function withAdjusted(features: readonly FeatureDrift[]): readonly FeatureDrift[] {
  const tested = features.filter((feature) => feature.pValue !== undefined);
  const adjusted = benjaminiHochberg(tested.map((feature) => feature.pValue ?? 1));
  return features.map((feature) => {
    const at = tested.indexOf(feature);
    return at < 0 ? feature : { ...feature, adjustedPValue: adjusted[at] ?? 1 };
  });
}

const RANKS = { finding: 0, unclear: 1, drift: 1, stable: 2, undecided: 3 } as const;

/** Findings first, then columns by how far they lie above or below their threshold. */
const ranked = (features: readonly FeatureDrift[]): readonly FeatureDrift[] => {
  const excess = (feature: FeatureDrift): number => (feature.score ?? 0) / Math.max(1e-12, feature.threshold ?? 1);
  return [...features].sort((a, b) => RANKS[a.verdict] - RANKS[b.verdict] || excess(b) - excess(a));
};

/** `drift` if at least one column drifts; `undecided` if none drifts and none could be judged. */
function summarize(features: readonly FeatureDrift[]): Pick<DriftReport, 'verdict' | 'drifted' | 'total'> {
  const drifted = features.filter(hasMoved).length;
  const total = drifted + features.filter((feature) => feature.verdict === 'stable').length;
  return { drifted, total, verdict: drifted > 0 ? 'drift' : total > 0 ? 'stable' : 'undecided' };
}

/** Replaces the verdicts of the columns, and derives the table's verdict from them. */
export function withVerdicts(report: DriftReport, judged: readonly FeatureDrift[]): DriftReport {
  const features = ranked(withAdjusted(judged));
  return { ...report, features, unclear: stillUnclear(report.unclear, features), ...summarize(features) };
}

/** Findings of columns that are unclear. A column that turns out to be a season, an event or a fault is no longer unclear. */
export const stillUnclear = (findings: readonly Finding[], features: readonly FeatureDrift[]): readonly Finding[] =>
  findings.filter((one) => features.some((feature) => feature.name === one.column && feature.verdict === 'unclear'));

/** Adds features to a judged table. One that drifts makes the table drift; a stable one does not make it stable. */
export function withFeatures(report: DriftReport, more: readonly FeatureDrift[]): DriftReport {
  const features = ranked(withAdjusted([...report.features, ...more]));
  const { drifted, total } = summarize(features);
  const { undecidedBecause: _, ...bare } = report;
  if (more.some(hasMoved)) return { ...bare, features, drifted, total, verdict: 'drift' };
  return { ...report, features, drifted, total };
}
