/**
 * P-values corrected for their number: the smallest false discovery rate at which each would be significant (Benjamini
 * and Hochberg 1995).
 */
export function benjaminiHochberg(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => (pValues[b] ?? 0) - (pValues[a] ?? 0));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 1;
  order.forEach((i, position) => {
    least = Math.min(least, ((pValues[i] ?? 1) * pValues.length) / (pValues.length - position));
    adjusted[i] = least;
  });
  return adjusted;
}
