import type { Finding } from '../../domain/data/finding.js';
import type { ColumnProfile, TableProfile } from '../../domain/data/profile.js';
import type { Rename } from './columns/renamed-column.js';
import { compareSchema } from './compare-schema.js';
import { duplicates } from './duplicates.js';
import { isConfined, isDivided } from './explained.js';
import { DOUBTFUL, type Fault, unclear } from './fault.js';
import { makeFinding } from './finding.js';
import { copiedColumns, testLoneValue, testTwoLeft } from './odd-values.js';
import { type ColumnPast, missingShare, pastOf } from './past.js';
import { pointRules } from './point-rules.js';
import { testClipped } from './repairs/clipped.js';
import { testCoarse, testCoarser } from './repairs/coarse-repair.js';
import { testExchangedCodes } from './repairs/exchanged-codes.js';
import { exchangedTexts } from './repairs/exchanged-texts.js';
import { testHourShift } from './repairs/hour-shift.js';
import { testStrangers } from './repairs/part-repair.js';
import { testRecoding } from './repairs/recoding.js';
import { redelivered } from './repairs/redelivered.js';
import { hasNewFractions, testRepairs } from './repairs/repair-test.js';
import { testPlaceholder, testSpelling } from './repairs/spelling.js';
import { testExchange } from './repairs/swapped-columns.js';
import { testTextShape } from './repairs/text-shape.js';
import { testTruncation } from './repairs/truncation.js';
import type { RowEvidence } from './row-evidence.js';
import { missingRows, type RowParts } from './rows-missing.js';
import type { Triage } from './triage-result.js';

export interface TriageInput {
  readonly reference: TableProfile;
  readonly current: TableProfile;
  /** Earlier windows as long as the current one, without the current one. Empty if there are none. */
  readonly history: readonly TableProfile[];
  readonly ignore: readonly string[];
  readonly dataset?: string;
  /** The label column. It may arrive later than the rows. */
  readonly label?: string;
  /** Whether earlier windows have not been read yet. They are read only if something may be broken. */
  readonly isFirstLook?: boolean;
  /** Rows of both windows, for the relations between columns. */
  readonly rows?: RowEvidence;
  /** Rows by parts of the window, if it has fewer than usual. */
  readonly parts?: RowParts;
  /** Columns whose values come under another name in a part of the window. */
  readonly renames?: readonly Rename[];
  /** Whether a column drifts. Only drift needs an explanation. Without this function, all columns are examined. */
  readonly isDrifting?: (column: string) => boolean;
}

/**
 * Finds data bugs, as opposed to changes in the world, from stored profiles and, if given, a sample of rows: what
 * breaks the schema, what a column's own values show, and which drifts a simple repair removes. The rest is drift.
 */
export function triage(input: TriageInput): Triage {
  const scope = input.dataset === undefined ? {} : { dataset: input.dataset };
  const schema = compareSchema(input.reference, input.current, input);
  if (input.current.rows === 0) return split(schema);
  const named = new Set(schema.map((one) => one.column));
  const columns = pairs(input).filter((column) => !named.has(column.now.name));
  const found = columnFaults(columns, input).map(({ column, fault }) =>
    makeFinding({ ...scope, column: column.now.name, ...forRole(fault, column.now.name, input) }),
  );
  const clocks = (input.rows?.clocks ?? []).flatMap((clock) => {
    const isLeftOut = input.ignore.includes(clock.column) && clock.column !== input.reference.time?.column;
    const fault = input.rows === undefined || isLeftOut ? undefined : testHourShift(input.rows, clock);
    return fault === undefined ? [] : [makeFinding({ ...scope, column: clock.column, ...fault })];
  });
  // Rows also repeat each other if the values that distinguished them are gone. Then that is the finding.
  const isTold = [...schema, ...found].some((one) => one.severity === 'error');
  const table = [
    isTold ? undefined : repeatedRows(input, [...schema, ...found]),
    missingRows(input.current, input.history, input.parts),
  ].filter((fault) => fault !== undefined);
  return split([
    ...schema,
    ...table.map((fault) => makeFinding({ ...scope, ...fault })),
    ...found.filter((one) => !clocks.some((clock) => clock.column === one.column)).map(withCompany(found)),
    ...clocks,
  ]);
}

/** Rows that came twice: as they were, or, if no column is odd, under another time or key. */
function repeatedRows(
  { reference, current, history, rows }: TriageInput,
  found: readonly Finding[],
): Fault | undefined {
  const fault = duplicates(reference, current, history);
  const isOdd = found.some((one) => one.severity === 'unclear');
  return fault ?? (rows === undefined || isOdd ? undefined : redelivered(reference, current, rows));
}

interface Found {
  readonly column: ColumnPast;
  readonly fault: Fault;
}

/** Each column's fault, if any. Only columns without a fault of their own can explain another column. */
function columnFaults(columns: readonly ColumnPast[], input: TriageInput): readonly Found[] {
  const numeric = columns.filter((column) => column.now.numeric !== undefined && column.before.distinct > 2);
  const exchanged = exchanges(numeric.filter((column) => input.isDrifting?.(column.now.name) ?? true));
  const foreign = new Map([...exchangedTexts(columns), ...copiedColumns(columns)]);
  const judge = (column: ColumnPast): readonly Found[] => {
    const fault = exchanged.get(column.now) ?? faultOf(column, input, foreign.get(column.now));
    return fault === undefined ? [] : [{ column, fault }];
  };
  if (input.rows === undefined) return columns.flatMap(judge);
  const alone = columns.flatMap((column) => judge({ ...column, rows: undefined }));
  const suspects = new Set(alone.map((one) => one.column.now.name));
  return columns.flatMap((column) => judge({ ...column, suspects }));
}

/** A label that is missing in some or all rows has not come yet. */
function forRole(fault: Fault, column: string, { label }: TriageInput): Fault {
  const isMissing = fault.code === 'all-missing' || fault.code === 'missing-rose';
  if (column !== label || !isMissing) return fault;
  const { readings: _, ...rest } = fault;
  return { ...rest, severity: 'warning', detail: `${fault.detail}: labels that have not come yet` };
}

/** Columns with the same fault at the same time point to one source upstream. */
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
  unclear: found.filter((one) => one.severity === 'unclear'),
  warnings: found.filter((one) => one.severity === 'warning'),
});

/** Columns of both tables whose values can be compared. */
const pairs = (input: TriageInput): readonly ColumnPast[] =>
  input.reference.columns.flatMap((before) => {
    const { reference, current, history, ignore, isFirstLook = false, rows } = input;
    const now = current.columns.find((one) => one.name === before.name);
    const isLeftOut = now === undefined || ignore.includes(before.name) || before.name === reference.time?.column;
    if (isLeftOut) return [];
    const all = history.flatMap((table) => table.columns.filter((column) => column.name === before.name));
    const pastMissing = Math.max(0, ...all.map(missingShare));
    return [{ before, now, past: pastOf(history, before.name), pastMissing, isFirstLook, rows }];
  });

/**
 * The first test that finds a fault; otherwise the first that finds something unclear. The most certain tests come
 * first. `foreign`: that it has the values of another column.
 */
function faultOf(column: ColumnPast, input: TriageInput, foreign: Fault | undefined): Fault | undefined {
  const isNumeric = column.before.numeric !== undefined && column.now.numeric !== undefined;
  const isDrifting = isNumeric && ((input.isDrifting?.(column.now.name) ?? true) || hasNewFractions(column));
  const points = pointRules(column);
  // A code that stands apart needs no repair. Any other repair says more than that values are far away.
  const isCode = points.some((one) => one.severity === 'error' && (one.code === 'sentinel' || one.code === 'constant'));
  const tests = [
    ...(isDrifting && !isCode ? [() => testRepairs(column), () => testCoarse(column)] : []),
    ...(isNumeric ? [() => points[0] ?? testStrangers(column), () => testStrangers(column)] : [() => points[0]]),
    () => foreign,
    () => testSpelling(column),
    () => testTruncation(column),
    () => testRecoding(column),
    () => testExchangedCodes(column, input.isDrifting?.(column.now.name) ?? true),
    () => testPlaceholder(column),
    () => testTextShape(column),
    ...(isNumeric
      ? [() => testClipped(column), () => testLoneValue(column), () => testTwoLeft(column), () => testCoarser(column)]
      : []),
  ];
  let doubt: Fault | undefined;
  for (const test of tests) {
    const fault = withKind(column, test());
    if (fault?.severity === 'error') return fault.code === 'far-outside' ? explainFar(fault, doubt) : fault;
    doubt ??= fault;
  }
  return doubt;
}

/** Negative values that a kind of rows has, and no other, may be right: refunds, or energy that is fed in. */
function withKind(column: ColumnPast, fault: Fault | undefined): Fault | undefined {
  const isSign = fault?.code === 'negative' || fault?.code === 'sign-flipped';
  if (!isSign || fault.severity !== 'error' || column.before.numeric?.negatives !== 0) return fault;
  const isNegative = (value: number | string | null): boolean => typeof value === 'number' && value < 0;
  const isKind = isDivided(column, isNegative) || isConfined(column, isNegative);
  return isKind ? unclear(fault, 'a kind of rows that is below zero has come: refunds, returns, feeding in') : fault;
}

/** Absurd values are a fault. If a repair explains them, the finding names it. */
function explainFar(far: Fault, doubt: Fault | undefined): Fault {
  if (doubt?.code !== 'scaled') return far;
  const { readings: _, ...fault } = doubt;
  return { ...fault, severity: 'error', detail: fault.detail.replace(DOUBTFUL, '') };
}

/** Pairs of drifting number columns that look like each other. Only drifting columns are tried, so there are few. */
function exchanges(columns: readonly ColumnPast[]): ReadonlyMap<ColumnProfile, Fault> {
  const found = new Map<ColumnProfile, Fault>();
  columns.forEach((a, i) => {
    for (const b of columns.slice(i + 1)) {
      if (found.has(a.now) || found.has(b.now)) continue;
      const both = testExchange(a, b);
      if (both === undefined) continue;
      found.set(a.now, both[0]);
      found.set(b.now, both[1]);
    }
  });
  return found;
}
