import type { Finding } from '../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import { testAliens } from './alien-rows.js';
import { compareSchema } from './compare-schema.js';
import { testExchange } from './exchange.js';
import { makeFinding, percent } from './finding.js';
import { type ColumnPast, LEAST_PAST, pastOf } from './past.js';
import { type Fault, pointRules } from './point-rules.js';
import { hasNewFractions, testRepairs } from './repair-test.js';
import { testSpelling } from './spelling.js';

export interface TriageInput {
  readonly reference: TableProfile;
  readonly current: TableProfile;
  /** Earlier windows as long as the current one, none of them the current one; empty where there are none. */
  readonly history: readonly TableProfile[];
  readonly ignore: readonly string[];
  readonly dataset?: string;
  /** Without earlier windows because these are looked for only where something may be broken. */
  readonly isFirstLook?: boolean;
  /** Columns that drift: only a drift needs an explanation. Without it, all. */
  readonly isDrifting?: (column: string) => boolean;
}

export interface Triage {
  /** Data bugs: errors, each with its kind, evidence, repair and the rows. */
  readonly bugs: readonly Finding[];
  /** What is worth a word and holds nothing: new columns, drifts that a repair explains only in part (`unclear`). */
  readonly warnings: readonly Finding[];
}

/**
 * Data bug or changed world, from stored profiles alone: what breaks the schema, what one value or range says by itself,
 * and which drifts a trivial repair removes. What is left is drift.
 */
export function triage(input: TriageInput): Triage {
  const scope = input.dataset === undefined ? {} : { dataset: input.dataset };
  const schema = compareSchema(input.reference, input.current, input);
  if (input.current.rows === 0) return split(schema);
  const named = new Set(schema.filter((one) => one.severity === 'error').map((one) => one.column));
  const columns = pairs(input).filter((column) => !named.has(column.now.name));
  const numeric = columns.filter((column) => column.now.numeric !== undefined && column.before.distinct > 2);
  const exchanged = exchanges(numeric.filter((column) => input.isDrifting?.(column.now.name) ?? true));
  const found = columns.flatMap((column): readonly Finding[] =>
    faultsOf(column, input, exchanged).map((fault) => makeFinding({ ...scope, column: column.now.name, ...fault })),
  );
  // rows repeat each other, too, where what told them apart is gone: then that is the finding
  const isTold = [...schema, ...found].some((one) => one.severity === 'error');
  const table = [...(isTold ? [] : duplicates(input)), ...fewRows(input)];
  return split([
    ...schema,
    ...table.map((fault) => makeFinding({ ...scope, ...fault })),
    ...found.map(withCompany(found)),
  ]);
}

/** Columns that have the same fault at once point at one source upstream. */
const withCompany =
  (all: readonly Finding[]) =>
  (finding: Finding): Finding => {
    const also = all.flatMap((other) =>
      other.column !== undefined &&
      other.column !== finding.column &&
      other.code === finding.code &&
      other.repair === finding.repair
        ? [other.column]
        : [],
    );
    return also.length === 0 ? finding : { ...finding, evidence: { ...finding.evidence, also } };
  };

const split = (found: readonly Finding[]): Triage => ({
  bugs: found.filter((one) => one.severity === 'error'),
  warnings: found.filter((one) => one.severity === 'warning'),
});

/** Columns of both tables whose values can be compared. */
const pairs = ({ reference, current, history, ignore, isFirstLook = false }: TriageInput): readonly ColumnPast[] =>
  reference.columns.flatMap((before) => {
    const now = current.columns.find((one) => one.name === before.name);
    const isLeftOut = now === undefined || ignore.includes(before.name) || before.name === reference.time?.column;
    return isLeftOut ? [] : [{ before, now, past: pastOf(history, before.name), isFirstLook }];
  });

function faultsOf(
  column: ColumnPast,
  input: TriageInput,
  exchanged: ReadonlyMap<ColumnProfile, Fault>,
): readonly Fault[] {
  const fault = exchanged.get(column.now);
  if (fault !== undefined) return [fault];
  const isNumeric = column.before.numeric !== undefined && column.now.numeric !== undefined;
  const isDrifting = isNumeric && ((input.isDrifting?.(column.now.name) ?? true) || hasNewFractions(column));
  const explained = isDrifting ? testRepairs(column) : undefined;
  // the repair says more than that values are far away
  const points = pointRules(column);
  const aliens = points.length > 0 ? undefined : testAliens(column);
  if (explained?.verdict === 'data-bug' && !points.some((one) => one.code === 'sentinel' || one.code === 'constant'))
    return [explained.fault];
  if (points.length > 0) return points;
  if (aliens !== undefined) return [aliens];
  const spelled = testSpelling(column);
  if (spelled !== undefined) return [spelled];
  if (explained === undefined) return [];
  return [
    {
      ...explained.fault,
      code: 'unclear',
      severity: 'warning',
      detail: `drift, or a bug: ${explained.fault.detail}`,
    },
  ];
}

/** Pairs of drifting number columns that are each other; only drifting ones are tried, so this stays small. */
function exchanges(columns: readonly ColumnPast[]): ReadonlyMap<ColumnProfile, Fault> {
  const found = new Map<ColumnProfile, Fault>();
  columns.forEach((a, i) => {
    for (const b of columns.slice(i + 1)) {
      if (found.has(a.now) || found.has(b.now)) continue;
      const [one, other] = [testExchange(a, b), testExchange(b, a)];
      if (one === undefined || other === undefined) continue;
      found.set(a.now, one);
      found.set(b.now, other);
    }
  });
  return found;
}

const DUPLICATE_RISE = 0.05;
const ROWS_SHARE = 0.6;

/** Rows that came twice. */
function duplicates({ reference, current, history }: TriageInput): readonly Fault[] {
  const repeated = (table: TableProfile): number | undefined =>
    table.duplicateRows === undefined ? undefined : table.duplicateRows / Math.max(1, table.rows);
  const is = repeated(current);
  const was = [reference, ...history].flatMap((table) => repeated(table) ?? []);
  const most = Math.max(0, ...was);
  if (is === undefined || was.length === 0 || !(is > most + DUPLICATE_RISE && is > 2 * most)) return [];
  return [
    {
      code: 'duplicates',
      severity: 'error',
      detail: `${percent(is)} of the rows repeat an earlier one, it was at most ${percent(most)}`,
      rows: current.duplicateRows ?? 0,
      likelyCause: 'a delivery that came twice',
      repair: 'drop repeated rows',
      evidence: { before: most, after: is },
    },
  ];
}

/** Rows that did not come. */
function fewRows({ current, history }: TriageInput): readonly Fault[] {
  if (history.length < LEAST_PAST) return [];
  const rows = history.map((table) => table.rows).sort((a, b) => a - b);
  const [least, middle] = [rows[0] ?? 0, rows[Math.floor(rows.length / 2)] ?? 0];
  if (current.rows >= ROWS_SHARE * middle || current.rows >= least) return [];
  return [
    {
      code: 'rows-missing',
      severity: 'error',
      detail: `${current.rows} rows; earlier windows as long had ${least} to ${rows.at(-1)}`,
      rows: middle - current.rows,
      likelyCause: 'a delivery that was cut off, or has not come yet',
      evidence: { rows_now: current.rows, rows_usual: middle, share: 1 - current.rows / middle },
    },
  ];
}
