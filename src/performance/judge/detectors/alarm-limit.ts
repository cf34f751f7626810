/** Standardised third and fourth cumulants of the values; both 0 for a normal variable. */
export interface Shape {
  readonly skewness: number;
  readonly excess: number;
}

/** On average the sum exceeds the limit by 0.583 when it alarms, counted for both sides (Siegmund 1985). */
const OVERSHOOT = 1.166;

/**
 * Alarm limit of a one-sided cumulative sum S = max(0, S + z − delta) over standardised values, for a given mean number
 * of items between false alarms. With θ the positive root of κ(θ) = θ·delta (κ the cumulant function of z; θ = 2·delta
 * for a normal variable), the mean run length is (exp(θh) − 1 − θh)/(θ·delta), with h = limit + 1.166 (Siegmund 1985).
 * Skewed values, such as rare errors, have a smaller θ and therefore a higher limit. If the skew would lower the limit,
 * the one of a normal variable is kept.
 */
export function alarmLimit(itemsBetweenFalseAlarms: number, delta: number, shape: Shape): number {
  const root = exponentOf(delta, shape);
  const wanted = itemsBetweenFalseAlarms * root * delta;
  let reach = Math.log(wanted);
  for (let i = 0; i < 8; i++) reach = Math.log(wanted + 1 + reach);
  return reach / root - OVERSHOOT;
}

/** Root of delta = θ/2 + skewness·θ²/6 + excess·θ³/24 by bisection. The right side rises. */
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
