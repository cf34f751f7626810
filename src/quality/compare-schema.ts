import type { Finding } from '../domain/finding.js';
import type { ColumnProfile, TableProfile } from '../domain/profile.js';
import { makeFinding, number, percent } from './finding.js';

/** A rise of the missing share by less than this is not worth a word; the z-test keeps small windows quiet. */
const MISSING_RISE = 0.05;
const MISSING_Z = 6;
const SPIKE_SHARE = 0.12;

/** What cannot be a changed world: columns gone, retyped, emptied, frozen, or flooded by one value. */
export function compareSchema(
  reference: TableProfile,
  current: TableProfile,
  options: { readonly dataset?: string; readonly ignore: readonly string[] },
): readonly Finding[] {
  const scope = options.dataset === undefined ? {} : { dataset: options.dataset };
  if (current.rows === 0)
    return [makeFinding({ ...scope, code: 'empty', severity: 'error', detail: 'there are no rows', evidence: {} })];
  const watched = (column: ColumnProfile): boolean => !options.ignore.includes(column.name);
  const common = reference.columns.filter(watched).flatMap((column): readonly Finding[] => {
    const now = current.columns.find((one) => one.name === column.name);
    const faults = now === undefined ? [missingColumn(column, current)] : compareOne(column, now);
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
    ...(renamed === undefined ? {} : { likelyCause: `renamed to "${renamed.name}"` }),
  };
}

const KINDS: Readonly<Record<string, string>> = { integer: 'number', number: 'number' };
const kindOf = (column: ColumnProfile): string => KINDS[column.type] ?? column.type;

function compareOne(before: ColumnProfile, now: ColumnProfile): readonly Fault[] {
  if (now.rows > 0 && now.missing === now.rows && before.missing < before.rows)
    return [{ code: 'all-missing', severity: 'error', detail: 'every value is missing', rows: now.rows, evidence: {} }];
  if (kindOf(before) !== kindOf(now) && before.missing < before.rows) return [typeChanged(before, now)];
  return [...missingRise(before, now), ...becameConstant(before, now), ...signFlip(before, now), ...spike(before, now)];
}

function typeChanged(before: ColumnProfile, now: ColumnProfile): Fault {
  const parses = now.text?.numberShare;
  const isText = now.type === 'text' && kindOf(before) === 'number';
  return {
    code: 'type-changed',
    severity: 'error',
    detail: `${before.sqlType} became ${now.sqlType}${isText && parses !== undefined ? `; ${percent(parses)} of it reads as a number` : ''}`,
    evidence: {
      before: before.sqlType,
      after: now.sqlType,
      ...(parses === undefined ? {} : { reads_as_number: parses }),
    },
    ...(isText && (parses ?? 0) > 0.9 ? { likelyCause: 'numbers written as text, or with a decimal comma' } : {}),
  };
}

const missingShare = (column: ColumnProfile): number =>
  column.rows === 0 ? 0 : (column.missing + column.notFinite) / column.rows;

function missingRise(before: ColumnProfile, now: ColumnProfile): readonly Fault[] {
  const [was, is] = [missingShare(before), missingShare(now)];
  const pooled = (before.missing + before.notFinite + now.missing + now.notFinite) / (before.rows + now.rows);
  const z = (is - was) / Math.sqrt(pooled * (1 - pooled) * (1 / before.rows + 1 / now.rows));
  if (!(is - was > MISSING_RISE && z > MISSING_Z)) return [];
  return [
    {
      code: 'missing-rose',
      severity: 'error',
      detail: `${percent(is)} of the values are missing, it was ${percent(was)}`,
      rows: now.missing + now.notFinite,
      evidence: { before: was, after: is },
    },
  ];
}

function becameConstant(before: ColumnProfile, now: ColumnProfile): readonly Fault[] {
  // a window of one day has one date
  if (before.type === 'timestamp') return [];
  const isConstant = now.distinct === 1 && before.distinct > 2 && now.rows - now.missing >= 50;
  if (!isConstant) return [];
  const value = now.numeric === undefined ? now.categories?.top[0]?.value : number(now.numeric.min);
  return [
    {
      code: 'constant',
      severity: 'error',
      detail: `every value is ${value ?? 'the same'}; the reference has ${before.distinct} different ones`,
      rows: now.rows,
      evidence: { value: value ?? null },
    },
  ];
}

function signFlip(before: ColumnProfile, now: ColumnProfile): readonly Fault[] {
  if (before.numeric === undefined || now.numeric === undefined) return [];
  const share = now.numeric.negatives / Math.max(1, now.rows - now.missing);
  // a constant that comes alive is a changed world: it says nothing of the values it may take
  const isConstant = before.numeric.min === before.numeric.max;
  if (isConstant || before.numeric.negatives > 0 || before.numeric.max <= 0 || share < 0.002) return [];
  return [
    {
      code: 'negative',
      severity: 'error',
      detail: `${percent(share)} of the values are negative; the reference has none`,
      rows: now.numeric.negatives,
      evidence: { lowest: now.numeric.min },
      likelyCause: 'a flipped sign, or a code for "missing"',
    },
  ];
}

/** One value takes far more than its share: a default or a code for "missing" (−1, 0, 9999). */
function spike(before: ColumnProfile, now: ColumnProfile): readonly Fault[] {
  if (before.numeric === undefined || now.numeric === undefined || now.distinct === 1) return [];
  const { value, share } = commonest(now.numeric.quantiles);
  const was = shareOf(before.numeric.quantiles, value);
  if (!(share - was > SPIKE_SHARE && share > 2 * was)) return [];
  return [
    {
      code: 'sentinel',
      severity: 'error',
      detail: `${percent(share)} of the values are ${number(value)}, it was ${percent(was)}`,
      rows: Math.round(share * now.rows),
      evidence: { value, before: was, after: share },
      likelyCause: 'a default or a code for "missing"',
    },
  ];
}

const shareOf = (quantiles: readonly number[], value: number): number =>
  quantiles.filter((one) => one === value).length / Math.max(1, quantiles.length);

function commonest(quantiles: readonly number[]): { readonly value: number; readonly share: number } {
  let best = { value: 0, count: 0 };
  let count = 0;
  quantiles.forEach((value, i) => {
    count = value === quantiles[i - 1] ? count + 1 : 1;
    if (count > best.count) best = { value, count };
  });
  return { value: best.value, share: best.count / Math.max(1, quantiles.length) };
}
