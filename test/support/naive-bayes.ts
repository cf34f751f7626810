/** A Gaussian naive Bayes classifier that learns row by row (Welford 1962). */
export function naiveBayes() {
  const classes = new Map<string, { count: number; readonly means: number[]; readonly squares: number[] }>();
  let rows = 0;
  return {
    /** The likeliest class; `undefined` before the first row. */
    predict: (x: readonly number[]): string | undefined => {
      let best: string | undefined;
      let highest = Number.NEGATIVE_INFINITY;
      for (const [name, { count, means, squares }] of classes) {
        let score = Math.log(count / rows);
        x.forEach((value, i) => {
          const variance = (squares[i] ?? 0) / count + 1e-3;
          score -= 0.5 * (Math.log(variance) + (value - (means[i] ?? 0)) ** 2 / variance);
        });
        if (score > highest) [best, highest] = [name, score];
      }
      return best;
    },
    learn: (x: readonly number[], name: string): void => {
      const known = classes.get(name) ?? { count: 0, means: x.map(() => 0), squares: x.map(() => 0) };
      classes.set(name, known);
      known.count += 1;
      rows += 1;
      x.forEach((value, i) => {
        const before = value - (known.means[i] ?? 0);
        known.means[i] = (known.means[i] ?? 0) + before / known.count;
        known.squares[i] = (known.squares[i] ?? 0) + before * (value - (known.means[i] ?? 0));
      });
    },
  };
}
