import { type Quantiles, quantileDistance } from '../../../statistics/distribution.js';
import { type Fault, unclear } from '../fault.js';
import { number, percent } from '../finding.js';
import { type ColumnPast, ksLimit, pastDistance, presentRows } from '../past.js';
import { decimalStep, decimalsOf, isOnGrid, shareOnGrid } from './decimal-grid.js';
import { type Repair, repairsFor } from './repairs.js';
import { dimensionOf } from './unit-names.js';

/** A distance below which the column is not moving. */
const GATE_KS = 0.1;
/** Of the distance, what may be left. */
const RESIDUAL = 0.2;
/** Fewer different values, or one that most rows have, look like too much else. */
const LEAST_DISTINCT = 3;
const MOST_OF_ONE = 0.8;
/** The fault has to leave so much fewer different values: otherwise the values themselves can be repaired. */
const COARSER = 0.5;

/** With fewer rows, or where so many of the values were multiples of ten steps before, all may be so by chance. */
const LEAST_ROWS = 100;
const MOST_COARSE = 0.5;
/** Log odds beyond chance: one in a million. */
const SURPRISE = Math.log(1e6);
/** The coarsest of these multiples of ten steps is what the values were rounded to. */
const STEPS = [1, 10, 100, 1000];

/**
 * Values that were divided and whose rest was cut off or rounded away, as by integer division: multiplying brings only a few
 * of the former values back, so the reference is divided instead. Growth and collapse could look the same by chance.
 */
export function testCoarse(column: ColumnPast): Fault | undefined {
  const { before, now } = column;
  const [reference, current] = [before.numeric?.quantiles, now.numeric?.quantiles];
  if (reference === undefined || current === undefined || !hasShape(current)) return undefined;
  const decimals = decimalsOf(current);
  if (decimals === undefined) return undefined;
  const sampling = ksLimit(presentRows(before), presentRows(now));
  const distance = quantileDistance(reference, current);
  if (distance <= Math.max(GATE_KS, sampling, pastDistance(column))) return undefined;
  const [best] = repairsFor(dimensionOf(now.name), reference)
    .filter((one) => (one.factor ?? 0) > 1)
    .flatMap((repair) => madeBy(repair, reference, 10 ** decimals))
    .map((one) => ({ ...one, residual: quantileDistance(one.values, current) }))
    .filter((one) => one.residual <= Math.min(sampling, RESIDUAL * distance))
    .sort((a, b) => a.residual - b.residual);
  if (best !== undefined) return asFault(column, { ...best, distance });
  const residual = roundedResidual(reference, current, decimals);
  return residual <= Math.min(sampling, RESIDUAL * distance) ? asRounded(column, { residual, distance }) : undefined;
}

/** What is left of the distance when the reference gets as few decimals as the values have now; 1 if it has no more of them. */
function roundedResidual(reference: Quantiles, current: Quantiles, decimals: number): number {
  const perUnit = 10 ** decimals;
  if ((decimalsOf(reference) ?? decimals + 1) <= decimals) return 1;
  return Math.min(
    ...[cutOff, Math.round, Math.floor, Math.ceil].map((shorten) =>
      quantileDistance(
        reference.map((value) => shorten(value * perUnit) / perUnit),
        current,
      ),
    ),
  );
}

/**
 * Values that are all multiples of ten times the reference's own step, where few were: rounding to tens moves a wide column too little to
 * drift.
 */
export function testCoarser(column: ColumnPast): Fault | undefined {
  const { before, now, past } = column;
  const [reference, current] = [before.numeric?.quantiles, now.numeric?.quantiles];
  if (reference === undefined || current === undefined || presentRows(now) < LEAST_ROWS) return undefined;
  const step = 10 * (decimalStep(reference) ?? 0);
  const isCoarse = (values: Quantiles): boolean => values.every((value) => isOnGrid(value, step));
  const distinct = new Set(current).size;
  const own = Math.max(
    shareOnGrid(reference, step),
    reference.filter((value) => isOnGrid(value, step)).length / reference.length,
  );
  // So many different values lie on the coarser step by chance with a probability of the share to the power of their number.
  const isTelling = own < MOST_COARSE && distinct * -Math.log(Math.max(own, 1 / reference.length)) > SURPRISE;
  if (step === 0 || !isTelling || !isCoarse(current)) return undefined;
  if (past.some((one) => one.numeric !== undefined && isCoarse(one.numeric.quantiles))) return undefined;
  const steps = STEPS.map((times) => times * step).filter((one) => current.every((value) => isOnGrid(value, one)));
  const rounded = steps.map((one) => reference.map((value) => Math.round(value / one) * one));
  const residual = Math.min(...rounded.map((values) => quantileDistance(values, current)));
  const distance = quantileDistance(reference, current);
  if (residual > Math.max(ksLimit(presentRows(before), presentRows(now)), pastDistance(column))) return undefined;
  const coarsest = steps.at(-1) ?? step;
  const had = reference.filter((value) => isOnGrid(value, coarsest)).length / reference.length;
  const detail = `all values are multiples of ${number(coarsest)}, of the reference ${percent(had)}`;
  return asRounded(column, { residual, distance }, detail);
}

const asRounded = (
  { now }: ColumnPast,
  { residual, distance }: { readonly residual: number; readonly distance: number },
  detail = `the drift (KS ${number(distance)}) falls to ${number(residual)} when the reference is rounded as the values are now`,
): Fault =>
  unclear(
    {
      code: 'rounded',
      severity: 'error',
      detail,
      likelyCause: 'decimals that were lost on the way',
      repair: 'deliver the values with all their digits',
      rows: presentRows(now),
      selects: { kind: 'present', column: now.name },
      evidence: { distance, residual },
    },
    'the values are measured, or set, in larger steps',
  );

const asFault = (
  { now }: ColumnPast,
  { repair, residual, distance }: { readonly repair: Repair; readonly residual: number; readonly distance: number },
): Fault =>
  unclear(
    {
      code: 'scaled',
      severity: 'error',
      detail: `the drift (KS ${number(distance)}) falls to ${number(residual)} when the reference is divided by ${number(repair.factor ?? 1)} and the rest is dropped`,
      likelyCause: `${repair.cause}, and digits were lost, as by integer division`,
      repair: 'deliver the values with all their digits',
      rows: presentRows(now),
      selects: { kind: 'present', column: now.name },
      evidence: { distance, residual, factor: repair.factor },
    },
    'the values have fallen, and few different ones are left',
  );

function hasShape(values: Quantiles): boolean {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts.size >= LEAST_DISTINCT && Math.max(...counts.values()) <= MOST_OF_ONE * values.length;
}

/** What products of decimals may be beside the true one. */
const NOISE = 1e-9;
const cutOff = (value: number): number => Math.trunc(value + Math.sign(value) * NOISE);

/** The reference as the fault would leave it, cut off and rounded to the digits that the file has now. */
function madeBy(repair: Repair, reference: Quantiles, perUnit: number) {
  const made = [cutOff, Math.round].map((shorten) =>
    reference.map((value) => shorten(repair.undo(value) * perUnit) / perUnit),
  );
  return made
    .filter((values) => new Set(values).size < COARSER * new Set(reference).size)
    .map((values) => ({ repair, values }));
}
