/** Standardised third and fourth cumulants of the values: 0 and 0 for a normal. */
export interface Shape {
  readonly skewness: number;
  readonly excess: number;
}

/** What the sum passes the limit by on average is 0.583 on either side (Siegmund 1985). */
const OVERSHOOT = 1.166;

/**
 * Alarm limit of a one-sided cumulative sum S = max(0, S + z − delta) over standardised values, for a wanted mean number
 * of items between false alarms. With θ the positive root of κ(θ) = θ·delta (κ the cumulant function of z; θ = 2·delta for
 * a normal), the mean run length is (exp(θh) − 1 − θh)/(θ·delta), h = limit + 1.166 (Siegmund 1985). Skewed values, such
 * as rare errors, have a smaller θ and so a higher limit; where the skew favours us the normal's limit is kept.
 */
export function alarmLimit(itemsBetweenFalseAlarms: number, delta: number, shape: Shape): number {
  const root = exponentOf(delta, shape);
  const wanted = itemsBetweenFalseAlarms * root * delta;
  let reach = Math.log(wanted);
  for (let i = 0; i < 8; i++) reach = Math.log(wanted + 1 + reach);
  return reach / root - OVERSHOOT;
}

/** Root of delta = θ/2 + skewness·θ²/6 + excess·θ³/24, the right side rising: halving finds it. */
function exponentOf(delta: number, { skewness, excess }: Shape): number {
  const [third, fourth] = [Math.max(0, skewness) / 6, Math.max(0, excess) / 24];
  let [low, high] = [0, 2 * delta];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (middle / 2 + third * middle * middle + fourth * middle ** 3 < delta) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
