import { numberOf } from './connection.js';
import { identifier } from './quoted.js';

/** The rows in the cells of these edges as a list, without the last cell if it has no rows. */
export function histogramSql(column: string, edges: readonly number[]): string {
  const value = `${identifier(column)}::DOUBLE`;
  return `map_values(histogram(CASE WHEN isfinite(${value}) THEN ${value} END, ${edgeList(edges)}))`;
}

/** With an exponent DuckDB reads a double. A decimal could end up one step off. */
const edgeList = (edges: readonly number[]): string => `[${edges.map((edge) => edge.toExponential()).join(',')}]`;

/** The list of `histogramSql` as counts, with every cell. */
export function toCounts(list: unknown, edges: readonly number[]): readonly number[] {
  const given = Array.isArray(list) ? list : [];
  return Array.from({ length: edges.length + 1 }, (_, i) => numberOf(given[i]) ?? 0);
}
