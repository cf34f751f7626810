import type { ColumnProfile } from '../../../domain/data/profile.js';
import { type Fault, unclear } from '../fault.js';
import { percent } from '../finding.js';
import { listDistance, listLimit } from '../new-values.js';
import { type ColumnPast, presentRows } from '../past.js';
import { relationsOf } from './code-relations.js';

/** A list of codes has at most this many values. All their orders are tried up to the second number. */
const MOST_CODES = 10;
const MOST_ORDERED = 5;
/** A code with a smaller share in either window may be absent by chance. */
const RARE = 0.005;
/** Smallest total variation that codes in other places must cause where no other column says anything. */
const CLEAR_MOVE = 0.15;
const LEAST_ROWS = 100;
/**
 * So many other columns must say it. The relation to one or two columns may turn in the world, for example to what the model predicts and
 * to what follows from it. Without drift the shares say nothing, so one more must.
 */
const LEAST_COMPANIONS = { drifting: 2, still: 3 };

/**
 * Known codes that have changed places, such as 0 and 1 or M and F: each code now has the share that another one had. A
 * change of the mix may cause the same shares. Then each code still goes with the values of other columns with which it went
 * before; a fault moves these along.
 */
export function testExchangedCodes(column: ColumnPast, isDrifting: boolean): Fault | undefined {
  // Without drift only other columns can show that codes with like shares have changed places.
  if (!isDrifting && column.rows === undefined) return undefined;
  const [was, is] = [codesOf(column.before), codesOf(column.now)];
  const rows = Math.min(presentRows(column.before), presentRows(column.now));
  if (was === undefined || is === undefined || rows < LEAST_ROWS) return undefined;
  const codes = [...was.keys()].sort();
  if (codes.length < 2 || codes.length !== is.size || codes.some((code) => !is.has(code))) return undefined;
  const before = codes.map((code) => was.get(code) ?? 0);
  const now = codes.map((code) => is.get(code) ?? 0);
  const limit = listLimit(codes.length, rows);
  const distance = listDistance(before, now);
  const places = ordersOf(before, now)
    .filter((order) => listDistance(before, taken(order, now)) <= limit)
    .map((order) => new Map(codes.map((code, i) => [code, codes[order[i] ?? i] ?? code])));
  if (places.length === 0) return undefined;
  return judge(column, places, { distance, isDrifting });
}

/** From each code to the one that is written in its place. */
type Places = ReadonlyMap<string, string>;

interface Move {
  /** Total variation between the shares. */
  readonly distance: number;
  readonly isDrifting: boolean;
}

const SILENT = { say: 'silent', columns: 0, misfit: 0 } as const;

function judge(column: ColumnPast, places: readonly Places[], move: Move): Fault | undefined {
  const { rows, suspects, now } = column;
  const relations =
    rows === undefined
      ? undefined
      : relationsOf({ rows, name: now.name, codes: [...(places[0]?.keys() ?? [])] }, suspects ?? new Set());
  const said = places.map((one) => ({ places: one, ...(relations?.(one) ?? SILENT) }));
  const [best] = said.filter((one) => one.say === 'fault').sort((a, b) => a.misfit - b.misfit);
  const enough = move.isDrifting ? LEAST_COMPANIONS.drifting : LEAST_COMPANIONS.still;
  if (best !== undefined && best.columns >= enough) return faultOf(column, best.places, move.distance);
  const isClear = move.isDrifting && move.distance >= CLEAR_MOVE && said.every((one) => one.say !== 'world');
  const likeliest = best?.places ?? places[0];
  return isClear && likeliest !== undefined
    ? unclear(faultOf(column, likeliest, move.distance), 'the shares have moved from one to another')
    : undefined;
}

function faultOf({ now }: ColumnPast, places: Places, distance: number): Fault {
  const moved = [...places].filter(([code, other]) => code !== other);
  const shown = moved.map(([code, other]) => `${other} for ${code}`).join(', ');
  const rows = presentRows(now);
  return {
    code: 'recoded',
    severity: 'error',
    detail: `the codes have changed places: ${shown} (${percent(distance)} of the rows would have to change otherwise)`,
    likelyCause: 'another order of codes, or a condition turned round',
    repair: `write them as before: ${moved.map(([code, other]) => `${code} for ${other}`).join(', ')}`,
    rows,
    selects: { kind: 'present', column: now.name },
    evidence: { distance, codes: moved.length },
  };
}

/** Rows of each common code. `undefined` for a column of other values. */
function codesOf(column: ColumnProfile): ReadonlyMap<string, number> | undefined {
  const rows = presentRows(column);
  if (column.distinct > MOST_CODES || rows === 0) return undefined;
  const counts = new Map<string, number>();
  if (column.categories !== undefined) for (const { value, count } of column.categories.top) counts.set(value, count);
  else if (column.type === 'integer') {
    const quantiles = column.numeric?.quantiles ?? [];
    for (const value of quantiles)
      counts.set(String(value), (counts.get(String(value)) ?? 0) + rows / quantiles.length);
  }
  return new Map([...counts].filter(([, count]) => count >= RARE * rows));
}

const taken = (order: readonly number[], counts: readonly number[]): readonly number[] =>
  order.map((place) => counts[place] ?? 0);

/** Orders of the codes but the present one: all of them for few codes, otherwise the reverse and the one by frequency. */
function ordersOf(before: readonly number[], now: readonly number[]): readonly (readonly number[])[] {
  const own = before.map((_, i) => i);
  const isOwn = (order: readonly number[]): boolean => order.every((place, i) => place === i);
  if (own.length <= MOST_ORDERED) return permutations(own).filter((order) => !isOwn(order));
  const ranked = (counts: readonly number[]): readonly number[] =>
    own.toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0));
  const [was, is] = [ranked(before), ranked(now)];
  const byFrequency = own.map((code) => is[was.indexOf(code)] ?? code);
  return [own.toReversed(), byFrequency].filter((order) => !isOwn(order));
}

function permutations(items: readonly number[]): readonly (readonly number[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first) => permutations(items.filter((one) => one !== first)).map((rest) => [first, ...rest]));
}
