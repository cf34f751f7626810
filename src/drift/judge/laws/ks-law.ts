/**
 * Distance that two samples of n and m rows from one distribution exceed with probability alpha: Kolmogorov's asymptotic
 * limit sqrt(-ln(alpha/2)/2)·sqrt(1/n + 1/m) (Smirnov 1948); 1.949·sqrt(1/n + 1/m) at 0.001.
 */
export const ksLimit = (n: number, m: number, alpha: number): number =>
  Math.sqrt(-Math.log(alpha / 2) / 2) * Math.sqrt(1 / n + 1 / m);

/** Asymptotic two-sided p-value of a KS distance: 2·Σ (−1)^(k−1)·exp(−2k²λ²), λ = D·sqrt(nm/(n+m)) (Kolmogorov 1933). */
export function ksPValue(distance: number, n: number, m: number): number {
  const lambda = distance * Math.sqrt((n * m) / (n + m));
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.min(1, Math.max(0, sum));
}
