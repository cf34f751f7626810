/** Stretches of equal width that the edges are looked up by; most of them hold none of a thousand edges. */
const STRETCHES = 16_384;
/** Share of the edges at either end that the stretches do not span: a long tail would make them all too wide. */
const TAIL = 0.005;

/**
 * Cells of `cellEdges`, up to and with their own edge and above the one before, with the rows counted in them. The stretch
 * that a value falls into says between which edges it lies, which is several times faster than a binary search over all of
 * them and as exact: edges and values are put into stretches by the same rising function.
 */
export interface CellLookup {
  readonly bounds: Float64Array;
  /** By stretch, how many edges lie in earlier ones; one entry more than there are stretches. */
  readonly first: Uint16Array;
  readonly lowest: number;
  readonly scale: number;
  /** One cell more than there are edges. */
  readonly counts: Float64Array;
}

/** Up to 65,535 edges in order, none twice. */
export function createCellLookup(edges: readonly number[]): CellLookup {
  const bounds = Float64Array.from(edges);
  const tail = Math.floor(TAIL * bounds.length);
  const lowest = bounds[tail] ?? 0;
  const scale = STRETCHES / ((bounds[bounds.length - 1 - tail] ?? 0) - lowest);
  const first = new Uint16Array(STRETCHES + 1);
  for (const edge of bounds) {
    const next = stretchOf((edge - lowest) * scale) + 1;
    first[next] = (first[next] ?? 0) + 1;
  }
  for (let i = 1; i < first.length; i++) first[i] = (first[i] ?? 0) + (first[i - 1] ?? 0);
  return { bounds, first, lowest, scale, counts: new Float64Array(bounds.length + 1) };
}

/** Also of what is no number, where all edges are one: then there is one stretch. */
const stretchOf = (position: number): number =>
  position >= STRETCHES ? STRETCHES - 1 : position > 0 ? position | 0 : 0;

/** The cell of a finite value, from 0. */
function cellOf({ bounds, first, lowest, scale }: CellLookup, value: number): number {
  const stretch = stretchOf((value - lowest) * scale);
  let low = first[stretch] ?? 0;
  let high = first[stretch + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts a finite value. */
export function countInCell(lookup: CellLookup, value: number): void {
  const cell = cellOf(lookup, value);
  lookup.counts[cell] = (lookup.counts[cell] ?? 0) + 1;
}

/** Finite values in order: put into their cells, and sorted in these alone, which is half the work. */
export function sortInCells(lookup: CellLookup, values: Float64Array): Float64Array {
  const begins = new Uint32Array(lookup.counts.length + 1);
  for (const value of values) {
    const next = cellOf(lookup, value) + 1;
    begins[next] = (begins[next] ?? 0) + 1;
  }
  for (let i = 1; i < begins.length; i++) begins[i] = (begins[i] ?? 0) + (begins[i - 1] ?? 0);
  const at = begins.slice();
  const sorted = new Float64Array(values.length);
  for (const value of values) {
    const cell = cellOf(lookup, value);
    const place = at[cell] ?? 0;
    sorted[place] = value;
    at[cell] = place + 1;
  }
  for (let i = 0; i + 1 < begins.length; i++) {
    const [begin, end] = [begins[i] ?? 0, begins[i + 1] ?? 0];
    if (end - begin > 1) sorted.subarray(begin, end).sort();
  }
  return sorted;
}

/** Counts the first `rows` of these values; what is not finite is in no cell. */
export function countInCells(lookup: CellLookup, values: Float64Array, rows: number): void {
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value - value === 0) countInCell(lookup, value);
  }
}
