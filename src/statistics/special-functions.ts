/** ln Γ(x), x > 0, by Lanczos' series (Press et al., Numerical Recipes, 2007), with a relative error of about 1e-14. */
function lnGamma(x: number): number {
  const series = LANCZOS.reduce((sum, c, i) => sum + c / (x + 1 + i), 0.9999999999999971);
  const t = x + 5.2421875;
  return (x + 0.5) * Math.log(t) - t + Math.log((2.5066282746310007 * series) / x);
}

const LANCZOS = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5,
  4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488, 0.00021743961811521265,
  -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];

/**
 * Upper tail of the gamma distribution, Q(a, x) = Γ(a, x)/Γ(a). Uses the series below a + 1 and the continued fraction
 * (Lentz) above.
 */
export function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - front * sum);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const factor = -i * (i - a);
    b += 2;
    d = 1 / nonZero(factor * d + b);
    c = nonZero(b + factor / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * h;
}

const nonZero = (x: number): number => (Math.abs(x) < 1e-300 ? 1e-300 : x);

/** Probability that a chi-square variable with `df` degrees of freedom exceeds x. */
export const chiSquareTail = (x: number, df: number): number => gammaTail(df / 2, x / 2);

/** Probability that a standard normal variable exceeds z. */
export const normalTail = (z: number): number =>
  z < 0 ? 1 - normalTail(-z) : z === 0 ? 0.5 : gammaTail(0.5, (z * z) / 2) / 2;

/**
 * The point that a variable exceeds with probability alpha. `tail` must fall on low…high. Bisection to 1e-9 of the
 * span.
 */
export function upperPoint(tail: (x: number) => number, alpha: number, [low, high]: readonly [number, number]): number {
  let [below, above] = [low, high];
  for (let i = 0; i < 60 && above - below > 1e-9 * (high - low); i++) {
    const middle = (below + above) / 2;
    if (tail(middle) > alpha) below = middle;
    else above = middle;
  }
  return above;
}

/**
 * P(X ≥ least) for X binomial(trials, chance): the regularised incomplete beta function I_chance(least, trials − least + 1)
 * by its continued fraction (Lentz; Press et al., Numerical Recipes, 2007). Counts need not be whole.
 */
export function binomialTail(least: number, trials: number, chance: number): number {
  if (least <= 0) return 1;
  if (least > trials || chance <= 0) return 0;
  const [a, b] = [least, trials - least + 1];
  const front = Math.exp(
    lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(chance) + b * Math.log1p(-Math.min(chance, 1 - 1e-16)),
  );
  return chance < (a + 1) / (a + b + 2)
    ? (front * betaFraction(a, b, chance)) / a
    : 1 - (front * betaFraction(b, a, 1 - chance)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let h = d;
  const step = (factor: number): number => {
    d = 1 / nonZero(1 + factor * d);
    c = nonZero(1 + factor / c);
    h *= d * c;
    return d * c;
  };
  for (let m = 1; m < 10_000; m++) {
    step((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)));
    const change = step((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)));
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return h;
}

/** The point that a chi-square variable exceeds with probability alpha. */
export const chiSquarePoint = (alpha: number, df: number): number =>
  upperPoint((x) => chiSquareTail(x, df), alpha, [0, df + 40 * Math.sqrt(2 * df) + 80]);

/** A distribution given by its first three moments. */
export interface Moments {
  readonly mean: number;
  readonly sd: number;
  readonly skew: number;
}

/** Tail of Pearson's type III distribution (a shifted gamma) with these moments. Normal where the skew vanishes. */
export function pearsonTail(x: number, { mean, sd, skew }: Moments): number {
  if (sd === 0) return x > mean ? 0 : 1;
  const z = (x - mean) / sd;
  if (skew < 0.02) return normalTail(z);
  const shape = 4 / (skew * skew);
  return gammaTail(shape, shape + z * Math.sqrt(shape));
}

export const pearsonPoint = (alpha: number, moments: Moments): number =>
  moments.sd === 0
    ? moments.mean
    : moments.mean +
      moments.sd * upperPoint((z) => pearsonTail(z, { mean: 0, sd: 1, skew: moments.skew }), alpha, [-4, 60]);
