/** Stretches of equal width that the edges are looked up by; most of them hold none of a thousand edges. */
const STRETCHES = 16_384;
/** Share of the edges at either end that the stretches do not span: a long tail would make them all too wide. */
const TAIL = 0.005;

export interface CellCounter {
  /** Counts the first `rows` of these values; what is not finite is in no cell. */
  readonly add: (values: Float64Array, rows: number) => void;
  /** Rows by cell, one cell more than there are edges. */
  readonly counts: () => readonly number[];
}

/**
 * Counts values in the cells of `cellEdges`: up to and with its own edge, above the one before. The stretch that a value
 * falls into says between which edges it lies, which is several times faster than a binary search over all of them and as
 * exact: edges and values are put into stretches by the same rising function.
 */
export function createCellCounter(edges: readonly number[]): CellCounter {
  const bounds = Float64Array.from(edges);
  const counts = new Float64Array(bounds.length + 1);
  const tail = Math.floor(TAIL * bounds.length);
  const lowest = bounds[tail] ?? 0;
  const scale = STRETCHES / ((bounds[bounds.length - 1 - tail] ?? 0) - lowest);
  const first = firstEdges(bounds, lowest, scale);
  return {
    add: (values, rows) => countValues({ bounds, first, lowest, scale, counts }, values, rows),
    counts: () => [...counts],
  };
}

interface Lookup {
  readonly bounds: Float64Array;
  /** By stretch, how many edges lie in earlier ones; one entry more than there are stretches. */
  readonly first: Uint32Array;
  readonly lowest: number;
  readonly scale: number;
  readonly counts: Float64Array;
}

function countValues({ bounds, first, lowest, scale, counts }: Lookup, values: Float64Array, rows: number): void {
  for (let i = 0; i < rows; i++) {
    const value = values[i] ?? 0;
    if (value - value !== 0) continue;
    const stretch = stretchOf((value - lowest) * scale);
    let low = first[stretch] ?? 0;
    let high = first[stretch + 1] ?? 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    counts[low] = (counts[low] ?? 0) + 1;
  }
}

/** Also of what is no number, where all edges are one: then there is one stretch. */
const stretchOf = (position: number): number =>
  position >= STRETCHES ? STRETCHES - 1 : position > 0 ? position | 0 : 0;

function firstEdges(bounds: Float64Array, lowest: number, scale: number): Uint32Array {
  const first = new Uint32Array(STRETCHES + 1);
  for (const edge of bounds) {
    const next = stretchOf((edge - lowest) * scale) + 1;
    first[next] = (first[next] ?? 0) + 1;
  }
  for (let i = 1; i < first.length; i++) first[i] = (first[i] ?? 0) + (first[i - 1] ?? 0);
  return first;
}
