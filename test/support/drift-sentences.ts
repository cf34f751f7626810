/** A value of a row; null where it is missing. */
export type RowValue = number | string | null;

/** The rows that a sentence about a column speaks of. */
export interface SentenceRows {
  readonly reference: readonly RowValue[];
  readonly current: readonly RowValue[];
}

/** A share that is shown with three digits; kept quantiles of long tables are right to a thousandth. */
const closeTo = (said: number, is: number): boolean => Math.abs(said - is) <= 0.006 * said + 0.0011;
const MEDIAN_RANK = 0.002;

const isMissing = (value: RowValue): value is null => value === null;

/**
 * What is untrue in the sentence that explains a column's drift: each part is recomputed from the rows. A part of no known
 * form is a fault too, so that no template goes unchecked.
 */
export function untrueParts(sentence: string, rows: SentenceRows): readonly string[] {
  return splitParts(sentence).flatMap((part) => {
    const fault = check(part, rows);
    return fault === undefined ? [] : [`${part} (${fault})`];
  });
}

/** At semicolons that no value contains: a value with one would be shown in one part. */
const splitParts = (sentence: string): readonly string[] =>
  sentence.split(/; (?=the median went |[\d.]+ % of the values are |\S.*: [\d.e-]+ % of the )/);

const SHARE = String.raw`([\d.e-]+) %`;

function check(part: string, rows: SentenceRows): string | undefined {
  const median = /^the median went from (\S+) to (\S+)$/.exec(part);
  if (median !== null) return checkMedians(Number(median[1]), Number(median[2]), rows);
  const news =
    new RegExp(`^${SHARE} of the values are new \\(${SHARE} expected\\)$`).exec(part) ??
    new RegExp(`^${SHARE} of the values are new; ${SHARE} were expected to be$`).exec(part);
  if (news !== null) return checkNews(Number(news[1]) / 100, Number(news[2]) / 100, rows);
  const missing = new RegExp(`^${SHARE} of the values are missing(?: or not finite)?, it was ${SHARE}$`).exec(part);
  if (missing !== null) return checkShares(Number(missing[2]), Number(missing[1]), rows, { holds: isMissing });
  const moved = new RegExp(`^(.*): ${SHARE} of the (rows|values), now ${SHARE}$`, 's').exec(part);
  if (moved === null) return 'no known form';
  const holds = cellOf(moved[1] ?? '', rows);
  if (holds === undefined) return 'no such cell';
  const isOfPresent = moved[3] === 'values';
  return checkShares(Number(moved[2]), Number(moved[4]), rows, { holds, isOfPresent });
}

function checkMedians(was: number, is: number, { reference, current }: SentenceRows): string | undefined {
  if (was === is) return 'no difference is shown';
  const rank = (value: number, rows: readonly RowValue[]): string | undefined => {
    const numbers = rows.filter((one) => typeof one === 'number');
    const share = (holds: (one: number) => boolean): number => numbers.filter(holds).length / numbers.length;
    // a rounded median is near rows that the exact one is among
    const margin = Math.abs(was - is) / 100;
    const [below, upTo] = [share((one) => one < value - margin), share((one) => one <= value + margin)];
    const isMiddle = below <= 0.5 + MEDIAN_RANK && upTo >= 0.5 - MEDIAN_RANK - 1 / numbers.length;
    return isMiddle ? undefined : `${value} has rank ${below} to ${upTo}`;
  };
  return rank(was, reference) ?? rank(is, current);
}

function checkNews(said: number, expected: number, { reference, current }: SentenceRows): string | undefined {
  const known = new Map<RowValue, number>();
  for (const value of reference) if (!isMissing(value)) known.set(value, (known.get(value) ?? 0) + 1);
  const present = current.filter((value) => !isMissing(value));
  const is = present.filter((value) => !known.has(value)).length / present.length;
  const once =
    [...known.values()].filter((count) => count === 1).length / reference.filter((v) => !isMissing(v)).length;
  if (!closeTo(said, is)) return `${is} are new`;
  return closeTo(expected, once) ? undefined : `${once} are expected`;
}

/** The rows of a cell by its name: a value, `missing`, `below a (under)`, `above b (over)`, `a … b`, `other`. */
function cellOf(name: string, { reference, current }: SentenceRows): ((value: RowValue) => boolean) | undefined {
  if (name === 'missing') return isMissing;
  if (name === 'other') return rareValues(reference);
  const isNumeric = [...reference, ...current].some((value) => typeof value === 'number');
  const under = /^below (\S+) \(under\)$/.exec(name);
  if (isNumeric && under !== null) return (value) => typeof value === 'number' && value < Number(under[1]);
  const over = /^above (\S+) \(over\)$/.exec(name);
  if (isNumeric && over !== null) return (value) => typeof value === 'number' && value > Number(over[1]);
  const range = /^(\S+) … (\S+)$/.exec(name);
  if (isNumeric && range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const least = Math.min(...reference.filter((value) => typeof value === 'number'));
    const isFirst = from <= least;
    return (value) => typeof value === 'number' && (isFirst ? value >= from : value > from) && value <= to;
  }
  const exact = (value: RowValue): boolean => value !== null && shown(value) === name;
  return [...reference, ...current].some(exact) ? exact : undefined;
}

/** Of a column of very many values the sentence puts those of fewer than 30 rows together. */
function rareValues(reference: readonly RowValue[]): (value: RowValue) => boolean {
  const counts = new Map<RowValue, number>();
  for (const value of reference) counts.set(value, (counts.get(value) ?? 0) + 1);
  return (value) => !isMissing(value) && (counts.get(value) ?? 0) < 30;
}

/** As a sentence names a value. */
function shown(value: string | number): string {
  const text = String(value);
  const quoted = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return text.trim() === text && !['', 'missing', 'other'].includes(text) ? quoted.slice(1, -1) : quoted;
}

function checkShares(
  before: number,
  after: number,
  { reference, current }: SentenceRows,
  { holds, isOfPresent = false }: { readonly holds: (value: RowValue) => boolean; readonly isOfPresent?: boolean },
): string | undefined {
  const share = (rows: readonly RowValue[]): number => {
    const all = isOfPresent ? rows.filter((value) => !isMissing(value)) : rows;
    return all.filter(holds).length / all.length;
  };
  const [was, is] = [share(reference), share(current)];
  return closeTo(before / 100, was) && closeTo(after / 100, is) ? undefined : `${was} and ${is}`;
}
