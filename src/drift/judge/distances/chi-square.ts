import { type Cells, total } from '../../../statistics/distribution.js';

/** Cells are merged until both windows expect this many rows in each (Cochran 1954). */
const LEAST_EXPECTED = 5;

/**
 * Two-sample chi-square statistic Σ(o − E)²/E over both windows, with E from the pooled margins (Pearson 1900). It has
 * no unit, and `cells − 1` degrees of freedom when nothing has changed. The reference counts as a sample too, not as
 * exact.
 */
export function chiSquare({ reference, current }: Cells): number {
  const [n, m] = [total(reference), total(current)];
  return reference.reduce((sum, count, i) => {
    const pooled = count + (current[i] ?? 0);
    if (pooled === 0) return sum;
    const [e, f] = [(pooled * n) / (n + m), (pooled * m) / (n + m)];
    return sum + (count - e) ** 2 / e + ((current[i] ?? 0) - f) ** 2 / f;
  }, 0);
}

/** Merges cells with too few pooled rows for the chi-square law into one, *rare*, the last cell. */
export function mergeRare({ reference, current }: Cells): Cells {
  const [n, m] = [total(reference), total(current)];
  const least = (LEAST_EXPECTED * (n + m)) / Math.max(1, Math.min(n, m));
  const kept = { reference: [] as number[], current: [] as number[] };
  const rare = { reference: 0, current: 0 };
  reference.forEach((count, i) => {
    const now = current[i] ?? 0;
    if (count + now < least) {
      rare.reference += count;
      rare.current += now;
    } else {
      kept.reference.push(count);
      kept.current.push(now);
    }
  });
  const rows = rare.reference + rare.current;
  if (rows === 0) return kept;
  // If they are too few even together, they join the smallest cell.
  if (rows < least && kept.reference.length > 0) return joinLeast(kept, rare);
  return { reference: [...kept.reference, rare.reference], current: [...kept.current, rare.current] };
}

function joinLeast(kept: Cells, rare: { readonly reference: number; readonly current: number }): Cells {
  const pooled = kept.reference.map((count, i) => count + (kept.current[i] ?? 0));
  const least = pooled.indexOf(Math.min(...pooled));
  const add = (counts: readonly number[], more: number): readonly number[] =>
    counts.map((count, i) => (i === least ? count + more : count));
  return { reference: add(kept.reference, rare.reference), current: add(kept.current, rare.current) };
}
