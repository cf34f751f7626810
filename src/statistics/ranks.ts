/**
 * Ranks from 1; ties get their mean rank. Uses typed arrays for speed: a hundred thousand rows are sorted six times.
 */
export function midRanks(values: readonly number[]): Float64Array {
  const scores = Float64Array.from(values);
  const order = Uint32Array.from(values.keys()).sort((i, j) => (scores[i] ?? 0) - (scores[j] ?? 0));
  const ranks = new Float64Array(scores.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && scores[order[end] ?? 0] === scores[order[start] ?? 0]) end++;
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}
