import { isFigure, type RowEvidence } from '../row-evidence.js';

type Values = readonly (number | string | null)[];

/** Codes in new places are evidence only if they would move another column's averages by this many standard errors. */
const TELLING = 6;
/** Averages may lie apart by this multiple of chance, or this share of what the fault would do. */
const NEAR = 2.5;
const NEAR_SHARE = 0.1;
/** Share of the columns with evidence that must agree. */
const AGREE = 0.8;
const MOST_COMPANIONS = 12;
/** Values of a text column that are looked at. */
const MOST_VALUES = 6;
/** Fewer rows with a code have no average. */
const LEAST_ROWS = 20;

interface Average {
  readonly mean: number;
  readonly variance: number;
}

/**
 * What other columns say of codes that may have changed places. `places` leads from each code to the one that is now written
 * for it. `fault`: the rows with the new code are as those with the old one were. `world`: each code still goes with
 * the same rows. `silent`: no column depends on the code, or they disagree.
 */
export function relationsSay(
  rows: RowEvidence,
  name: string,
  places: ReadonlyMap<string, string>,
): 'fault' | 'world' | 'silent' {
  const { reference, current } = rows;
  const [was, is] = [reference.get(name), current.get(name)];
  if (was === undefined || is === undefined) return 'silent';
  const others = [...reference].filter(([other]) => other !== name && current.has(other)).slice(0, MOST_COMPANIONS);
  const said = others.flatMap(([other]) => companionSays({ was, is }, scoresIn(rows, other), places));
  const share = (answer: 'fault' | 'world'): number => said.filter((one) => one === answer).length / said.length;
  if (said.length === 0) return 'silent';
  if (share('fault') >= AGREE) return 'fault';
  return share('world') >= AGREE ? 'world' : 'silent';
}

/** One column's answer; empty if it does not depend on the code. */
function companionSays(
  { was, is }: Readonly<Record<'was' | 'is', Values>>,
  scores: readonly Scores[],
  places: ReadonlyMap<string, string>,
): readonly ('fault' | 'world' | 'neither')[] {
  let [apart, fromWorld, fromFault, terms] = [0, 0, 0, 0];
  for (const score of scores) {
    const [earlier, later] = [averages(was, score.before), averages(is, score.now)];
    const codes = [...places.keys()].filter((code) => earlier.has(code) && later.has(code));
    if (codes.length < 2) continue;
    const centered = centering(earlier, later, codes);
    for (const code of codes) {
      const other = places.get(code) ?? code;
      const [own, moved] = [centered.earlier.get(code), centered.earlier.get(other)];
      const [same, placed] = [centered.later.get(code), centered.later.get(other)];
      if (own === undefined || moved === undefined || same === undefined || placed === undefined) continue;
      apart += differ(own, moved);
      fromWorld += differ(own, same);
      fromFault += differ(own, placed);
      terms++;
    }
  }
  if (terms === 0 || apart < TELLING ** 2 || apart < TELLING * terms) return [];
  const near = Math.max(NEAR * terms, NEAR_SHARE * apart);
  if (Math.min(fromWorld, fromFault) > near) return ['neither'];
  return [fromFault < fromWorld ? 'fault' : 'world'];
}

/** What is averaged of each row in both samples. */
type Scores = Readonly<Record<'before' | 'now', readonly (number | undefined)[]>>;

/** Scores of each column, kept as long as the samples: several columns ask for the same. */
const kept = new WeakMap<RowEvidence, Map<string, readonly Scores[]>>();

function scoresIn(rows: RowEvidence, name: string): readonly Scores[] {
  const all = kept.get(rows) ?? new Map<string, readonly Scores[]>();
  kept.set(rows, all);
  const before = rows.reference.get(name) ?? [];
  const known = all.get(name);
  const scores =
    known ??
    scoresOf(before).map((score) => ({ before: before.map(score), now: (rows.current.get(name) ?? []).map(score) }));
  all.set(name, scores);
  return scores;
}

/** Squared difference in units of chance. */
const differ = (a: Average, b: Average): number => (a.mean - b.mean) ** 2 / (a.variance + b.variance);

/**
 * The averages without the middle of all codes. A column that moved as a whole, or codes that have other shares, do not
 * change them.
 */
function centering(
  earlier: ReadonlyMap<string, Average>,
  later: ReadonlyMap<string, Average>,
  codes: readonly string[],
): Readonly<Record<'earlier' | 'later', ReadonlyMap<string, Average>>> {
  const centered = (all: ReadonlyMap<string, Average>): ReadonlyMap<string, Average> => {
    const kept = codes.flatMap((code) => {
      const own = all.get(code);
      return own === undefined ? [] : [[code, own] as const];
    });
    const middle = kept.reduce((sum, [, one]) => sum + one.mean, 0) / kept.length;
    return new Map(kept.map(([code, one]) => [code, { ...one, mean: one.mean - middle }]));
  };
  return { earlier: centered(earlier), later: centered(later) };
}

/** What is averaged: a figure's place in the reference, 0…1, or whether a text is this one, for each frequent text. */
function scoresOf(before: Values): readonly ((value: number | string | null) => number | undefined)[] {
  const figures = before.filter(isFigure).toSorted((a, b) => a - b);
  if (figures.length >= before.length / 2 && figures.length > 0)
    return [(value) => (isFigure(value) ? placeIn(figures, value) : undefined)];
  const counts = new Map<string, number>();
  for (const value of before) if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
  const frequent = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_VALUES);
  // A text that is in few rows only, such as an id, says nothing.
  return frequent
    .filter(([, count]) => count >= LEAST_ROWS)
    .map(
      ([text]) =>
        (value) =>
          typeof value === 'string' ? Number(value === text) : undefined,
    );
}

/** Middle of the ranks that a value has among sorted ones, 0…1. */
function placeIn(sorted: readonly number[], value: number): number {
  const below = firstNot(sorted, (one) => one < value);
  const upTo = firstNot(sorted, (one) => one <= value);
  return (below + upTo) / 2 / sorted.length;
}

function firstNot(sorted: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function averages(codes: Values, scores: readonly (number | undefined)[]): ReadonlyMap<string, Average> {
  const sums = new Map<string, { rows: number; sum: number; squares: number }>();
  codes.forEach((code, i) => {
    const score = scores[i];
    if (code === null || score === undefined) return;
    const own = sums.get(String(code)) ?? { rows: 0, sum: 0, squares: 0 };
    sums.set(String(code), { rows: own.rows + 1, sum: own.sum + score, squares: own.squares + score * score });
  });
  return new Map(
    [...sums].flatMap(([code, { rows, sum, squares }]) =>
      rows < LEAST_ROWS
        ? []
        : [[code, { mean: sum / rows, variance: Math.max(1e-6, squares / rows - (sum / rows) ** 2) / rows }] as const],
    ),
  );
}
