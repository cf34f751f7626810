import { middleShare } from '../../../statistics/distribution.js';
import { isFigure, type RowEvidence } from '../row-evidence.js';

type Values = readonly (number | string | null)[];

/** Codes in new places are evidence only if they would move another column's averages by this many standard errors. */
const TELLING = 6;
/** Averages may lie apart by this multiple of chance, or this share of what the fault would do (squared): the world changes, too. */
const NEAR = 2.5;
const NEAR_SHARE = 0.1;
/** A fault moves the averages exactly. Effects that are others now often lie somewhere near the turned ones. */
const FAULT_SHARE = 0.02;
/** Share of the columns with evidence that must agree. */
const AGREE = 0.8;
const MOST_COMPANIONS = 30;
/** Values of a text column that are looked at. */
const MOST_VALUES = 6;
/** Fewer rows with a code have no average. */
const LEAST_ROWS = 20;
/** Rows that follow each other may be alike, as the hours of a day. Sampled rows keep their order, and are cut into so many parts. */
const PARTS = 12;

interface Average {
  readonly mean: number;
  /** If all rows are independent. */
  readonly variance: number;
  /** If the rows of a part are alike. */
  readonly widest: number;
  /** By how much each part of the rows moves the mean. */
  readonly parts: readonly number[];
}

type Averages = Readonly<Record<'earlier' | 'later', ReadonlyMap<string, Average>>>;

/**
 * What other columns say of codes that may have changed places. `fault`: the rows with the new code are as those with the old one
 * were. `world`: each code still goes with the same rows. `silent`: no column depends on the code, or they disagree.
 */
export interface Relations {
  readonly say: 'fault' | 'world' | 'silent';
  /** Other columns that depend on the codes. */
  readonly columns: number;
  /** Distance of all averages from those that the fault would cause. The least is the right order of the codes. */
  readonly misfit: number;
}

/**
 * Judges places by the columns that are not in `ignore`. Places lead from each code to the one that is now written for it. The
 * averages are made once for all places of these codes.
 */
export function relationsOf(
  { rows, name, codes }: { readonly rows: RowEvidence; readonly name: string; readonly codes: readonly string[] },
  ignore: ReadonlySet<string>,
): (places: ReadonlyMap<string, string>) => Relations {
  const { reference, current } = rows;
  const [was, is] = [reference.get(name), current.get(name)];
  if (was === undefined || is === undefined) return () => ({ say: 'silent', columns: 0, misfit: 0 });
  const [earlier, later] = [codesOf(was), codesOf(is)];
  const companions = [...reference.keys()]
    .filter((other) => other !== name && current.has(other) && !ignore.has(other))
    .slice(0, MOST_COMPANIONS)
    .map((other) =>
      scoresIn(rows, other).map((score) =>
        centering({ earlier: averages(earlier, score.before), later: averages(later, score.now) }, codes),
      ),
    );
  return (places) => {
    const answers = companions.map((companion) => companionSays(companion, places));
    const telling = answers.filter((one) => one.says !== undefined);
    const sum = (of: readonly Answer[], key: 'misfit' | 'apart'): number => of.reduce((all, one) => all + one[key], 0);
    const agree = (answer: 'fault' | 'world'): boolean =>
      telling.length > 0 && telling.filter((one) => one.says === answer).length >= AGREE * telling.length;
    const isFault = agree('fault') && sum(telling, 'misfit') <= NEAR_SHARE * sum(telling, 'apart');
    const say = isFault ? 'fault' : agree('world') ? 'world' : 'silent';
    return { say, columns: telling.length, misfit: sum(answers, 'misfit') };
  };
}

interface Answer {
  /** `undefined` if the column does not depend on the code. */
  readonly says: 'fault' | 'world' | 'neither' | undefined;
  readonly misfit: number;
  /** What the fault would do. */
  readonly apart: number;
}

function companionSays(scores: readonly Averages[], places: ReadonlyMap<string, string>): Answer {
  let [apart, surely, fromWorld, fromFault, terms] = [0, 0, 0, 0, 0];
  for (const { earlier, later } of scores) {
    // One of the centered averages follows from the others.
    const free = (earlier.size - 1) / earlier.size;
    for (const [code, own] of earlier) {
      const other = places.get(code) ?? code;
      const moved = earlier.get(other);
      const [same, placed] = [later.get(code), later.get(other)];
      if (moved === undefined || same === undefined || placed === undefined) continue;
      apart += free * differ(own, moved);
      surely += free * differ(own, moved, 'widest');
      fromWorld += free * differ(own, same);
      fromFault += free * differ(own, placed);
      terms++;
    }
  }
  const isTelling = terms > 0 && surely >= Math.max(TELLING ** 2, TELLING * terms);
  const isNear = (distance: number, share: number): boolean => distance <= Math.max(NEAR * terms, share * apart);
  const isFault = fromFault < fromWorld;
  const isSaid = isFault ? isNear(fromFault, FAULT_SHARE) : isNear(fromWorld, NEAR_SHARE);
  return {
    says: isTelling ? (isSaid ? (isFault ? 'fault' : 'world') : 'neither') : undefined,
    misfit: fromFault,
    apart,
  };
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
const differ = (a: Average, b: Average, by: 'variance' | 'widest' = 'variance'): number =>
  (a.mean - b.mean) ** 2 / (a[by] + b[by]);

/**
 * The averages of the codes that both samples have, without the middle of them. A column that moved as a whole, or codes that have other shares, do not
 * change them.
 */
function centering({ earlier, later }: Averages, all: readonly string[]): Averages {
  const codes = all.filter((code) => earlier.has(code) && later.has(code));
  const centered = (all: ReadonlyMap<string, Average>): ReadonlyMap<string, Average> => {
    const kept = codes.flatMap((code) => {
      const own = all.get(code);
      return own === undefined ? [] : [[code, own] as const];
    });
    const middleOf = (of: (one: Average) => number): number =>
      kept.reduce((sum, [, one]) => sum + of(one), 0) / kept.length;
    const middle = middleOf((one) => one.mean);
    const middles = Array.from({ length: PARTS }, (_, part) => middleOf((one) => one.parts[part] ?? 0));
    const common = middleOf((one) => one.variance) / kept.length;
    return new Map(
      kept.map(([code, one]) => {
        const variance = one.variance * (1 - 2 / kept.length) + common;
        // What all codes have in common does not count: a trend moves each of them.
        const byPart = one.parts.reduce((sum, own, part) => sum + (own - (middles[part] ?? 0)) ** 2, 0);
        return [code, { ...one, mean: one.mean - middle, variance, widest: Math.max(variance, byPart) }];
      }),
    );
  };
  return { earlier: centered(earlier), later: centered(later) };
}

/** What is averaged: a figure's place in the reference, 0…1, or whether a text is this one, for each frequent text. */
function scoresOf(before: Values): readonly ((value: number | string | null) => number | undefined)[] {
  const figures = before.filter(isFigure).toSorted((a, b) => a - b);
  if (figures.length >= before.length / 2 && figures.length > 0)
    return [(value) => (isFigure(value) ? middleShare(figures, value) : undefined)];
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

const codesOf = (values: Values): readonly (string | undefined)[] =>
  values.map((value) => (value === null ? undefined : String(value)));

/** Averages by code; none of a code with few rows. */
function averages(
  codes: readonly (string | undefined)[],
  scores: readonly (number | undefined)[],
): ReadonlyMap<string, Average> {
  const sums = new Map<string, Sums>();
  codes.forEach((code, i) => {
    const score = scores[i];
    if (code === undefined || score === undefined) return;
    let own = sums.get(code);
    if (own === undefined) {
      own = { rows: 0, sum: 0, squares: 0, parts: Array.from({ length: PARTS }, () => ({ rows: 0, sum: 0 })) };
      sums.set(code, own);
    }
    const part = own.parts[Math.floor((i / codes.length) * PARTS)];
    if (part === undefined) return;
    part.rows++;
    part.sum += score;
    own.rows++;
    own.sum += score;
    own.squares += score * score;
  });
  return new Map([...sums].flatMap(([code, own]) => (own.rows < LEAST_ROWS ? [] : [[code, averageOf(own)] as const])));
}

interface Sums {
  rows: number;
  sum: number;
  squares: number;
  readonly parts: readonly { rows: number; sum: number }[];
}

function averageOf({ rows, sum, squares, parts }: Sums): Average {
  const mean = sum / rows;
  const variance = Math.max(1e-6, squares / rows - mean ** 2) / rows;
  return { mean, variance, widest: variance, parts: parts.map((part) => (part.sum - mean * part.rows) / rows) };
}
