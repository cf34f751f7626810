/**
 * A share as a percentage with three digits. Only exactly 0 and 1 give `0 %` and `100 %`. Near 1 the digits count from
 * the other end: 0.99996 is `99.996 %`.
 */
export function percentText(share: number): string {
  const rest = 1 - share;
  const isNearOne = rest > 0 && rest < 0.01;
  const percent = isNearOne
    ? Number((100 - Number((rest * 100).toPrecision(2))).toFixed(12))
    : Number((share * 100).toPrecision(3));
  return `${percent} %`;
}
