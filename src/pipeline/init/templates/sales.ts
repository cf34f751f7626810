/** Rows of sizes from `smallest` to `smallest + 120` and their prices, with a little seeded noise. */
export function sales(seed: number, smallest: number): string {
  let state = seed;
  const uniform = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  const rows = Array.from({ length: 200 }, () => {
    const size = Math.round(smallest + 120 * uniform());
    return `${size},${(90 + 5.5 * size + 60 * (uniform() - 0.5)).toFixed(1)}`;
  });
  return `size,price\n${rows.join('\n')}\n`;
}
