const CITIES = { Oslo: 40, Bergen: 22, Trondheim: 15, Tromsø: 9, Stavanger: 8, Bodø: 6 };
export const N = 4000;

/** So many values in these shares, in a fixed order that mixes them. */
export function draw(shares: Readonly<Record<string, number>>, count = N, from = 0): string[] {
  const names = Object.keys(shares);
  const all = Object.values(shares).reduce((sum, one) => sum + one, 0);
  return Array.from({ length: count }, (_, i) => {
    let at = (((i + from) * 0.618033988749895) % 1) * all;
    for (const name of names) {
      at -= shares[name] ?? 0;
      if (at < 0) return name;
    }
    return names[0] ?? '';
  });
}

/** The values with some of them changed, evenly spread. */
export const some = (
  values: readonly string[],
  share: number,
  change: (value: string, i: number) => string,
): string[] => values.map((value, i) => ((i * 0.7548776662466927) % 1 < share ? change(value, i) : value));

/** Exactly so many rows of each value. */
export const rowsOf = (counts: Readonly<Record<string, number>>): string[] =>
  Object.entries(counts).flatMap(([value, count]) => Array.from({ length: count }, () => value));

export const cities = draw(CITIES);
export const later = draw(CITIES, N, 77);
