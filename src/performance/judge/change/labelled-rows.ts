/** Labelled predictions, ordered by time. */
export interface MannerRows {
  readonly time: Float64Array;
  readonly prediction: Float64Array;
  readonly label: Float64Array;
}

/** Times between which the error moved. Infinite if it is still moving. */
export interface Moving {
  readonly start: number;
  readonly end: number;
}

/** Number of rows before a time. */
export function countBefore(time: Float64Array, at: number): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
