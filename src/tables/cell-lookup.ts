/** Stretches of equal width that edges are looked up by. Most of them hold none of a thousand edges. */
const STRETCHES = 16_384;
/** Share of the edges at either end that the stretches leave out: a long tail would make them too wide. */
const TAIL = 0.005;
/** Up to this many values of a stretch are sorted by insertion. */
const FEW = 24;

/**
 * Cells of `cellEdges` with the rows counted in them. A cell reaches from above the previous edge up to and including its own.
 * The stretch of a value narrows down the edges to search: several times faster than a binary search over all edges, and as
 * exact, because the same rising function puts edges and values into stretches.
 */
export interface CellLookup {
  /** The edges, and infinity. */
  readonly bounds: Float64Array;
  /** For each stretch the number of edges in earlier ones; one entry more than there are stretches. */
  readonly first: Uint16Array;
  readonly lowest: number;
  readonly scale: number;
  /** One cell more than there are edges. */
  readonly counts: Float64Array;
}

/** Up to 65,534 edges in order, none twice. */
export function createCellLookup(edges: readonly number[]): CellLookup {
  const bounds = new Float64Array(edges.length + 1).fill(Number.POSITIVE_INFINITY);
  bounds.set(edges);
  const tail = Math.floor(TAIL * edges.length);
  const lowest = edges[tail] ?? 0;
  const scale = STRETCHES / ((edges[edges.length - 1 - tail] ?? 0) - lowest);
  const first = new Uint16Array(STRETCHES + 1);
  for (const edge of edges) {
    const next = stretchOf((edge - lowest) * scale) + 1;
    first[next] = (first[next] ?? 0) + 1;
  }
  for (let i = 1; i < first.length; i++) first[i] = (first[i] ?? 0) + (first[i - 1] ?? 0);
  return { bounds, first, lowest, scale, counts: new Float64Array(bounds.length) };
}

/** Also handles NaN, which comes where all edges are equal: then everything is in one stretch. */
export const stretchOf = (position: number): number =>
  position >= STRETCHES ? STRETCHES - 1 : position > 0 ? position | 0 : 0;

/** The first edge at or above a value among those from `low` to before `high`, which are in order; else `high`. */
export function searchEdges(bounds: Float64Array, low: number, high: number, value: number): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts a finite value. */
function countInCell({ bounds, first, lowest, scale, counts }: CellLookup, value: number): void {
  const stretch = stretchOf((value - lowest) * scale);
  let cell = first[stretch] ?? 0;
  // In a stretch without an edge this is an edge of a later stretch, which is not below the value.
  if ((bounds[cell] ?? 0) < value) cell = searchEdges(bounds, cell + 1, first[stretch + 1] ?? 0, value);
  counts[cell] = (counts[cell] ?? 0) + 1;
}

/** Counts the first `rows` of these values. Values that are not finite are in no cell. */
export function countInCells(lookup: CellLookup, values: Float64Array, rows: number): void {
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value - value === 0) countInCell(lookup, value);
  }
}

/** Sorts finite values, −0 as 0. Sorting within each stretch is a fraction of the work of sorting all. */
export function sortInStretches({ lowest, scale }: CellLookup, values: Float64Array): Float64Array {
  const stretches = new Uint16Array(values.length);
  const ends = new Uint32Array(STRETCHES + 1);
  for (let i = 0; i < values.length; i++) {
    const stretch = stretchOf(((values[i] ?? 0) - lowest) * scale);
    stretches[i] = stretch;
    ends[stretch + 1] = (ends[stretch + 1] ?? 0) + 1;
  }
  for (let i = 1; i < ends.length; i++) ends[i] = (ends[i] ?? 0) + (ends[i - 1] ?? 0);
  // The beginning of a stretch moves on with every value that is put there, and so becomes its end.
  const sorted = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const stretch = stretches[i] ?? 0;
    const place = ends[stretch] ?? 0;
    // Adding 0 turns −0 into 0: sorting would not order the two.
    sorted[place] = (values[i] ?? 0) + 0;
    ends[stretch] = place + 1;
  }
  let begin = 0;
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const end = ends[stretch] ?? 0;
    if (end - begin > 1) sortSpan(sorted, begin, end);
    begin = end;
  }
  return sorted;
}

function sortSpan(values: Float64Array, begin: number, end: number): void {
  if (end - begin <= FEW) insertInOrder(values, begin, end);
  else if (!isInOrder(values, begin, end)) values.subarray(begin, end).sort();
}

/** Quick check first: many whole numbers are equal. */
function isInOrder(values: Float64Array, begin: number, end: number): boolean {
  for (let i = begin + 1; i < end; i++) if ((values[i - 1] ?? 0) > (values[i] ?? 0)) return false;
  return true;
}

function insertInOrder(values: Float64Array, begin: number, end: number): void {
  for (let i = begin + 1; i < end; i++) {
    const value = values[i] ?? 0;
    let at = i;
    while (at > begin && (values[at - 1] ?? 0) > value) {
      values[at] = values[at - 1] ?? 0;
      at--;
    }
    values[at] = value;
  }
}
