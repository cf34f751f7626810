import type { Failure } from '../domain/failure.js';
import type { CategoryProfile, TextProfile } from '../domain/profile.js';
import { ok, type Result } from '../domain/result.js';
import { type Connection, numberOf, requireNumber } from './connection.js';
import { identifier } from './source-sql.js';

/** Values kept with their counts; beyond them only their sum. */
const KEPT_VALUES = 1000;

export interface TextColumn {
  readonly missing: number;
  readonly distinct: number;
  readonly categories?: CategoryProfile;
  readonly text?: TextProfile;
}

/** Values of a text column and how they look; everything is computed on distinct values, weighted by their counts. */
export async function profileText(
  connection: Connection,
  column: { readonly name: string; readonly table: string },
  rows: number,
  source: string,
): Promise<Result<TextColumn, Failure>> {
  const grouped = `WITH g AS (SELECT ${identifier(column.name)}::VARCHAR AS v, count(*)::DOUBLE AS n FROM ${column.table}
    WHERE ${identifier(column.name)} IS NOT NULL GROUP BY 1)`;
  const top = await connection.query(`${grouped} SELECT v, n FROM g ORDER BY n DESC, v LIMIT ${KEPT_VALUES}`, source);
  if (!top.ok) return top;
  const shape = await connection.query(
    `${grouped} SELECT count(*)::DOUBLE AS uniques, sum(n) AS present, (count(*) FILTER (WHERE n = 1))::DOUBLE AS singles,
       min(length(v))::DOUBLE AS shortest, max(length(v))::DOUBLE AS longest,
       (sum(n) FILTER (WHERE v = upper(v) AND v <> lower(v))) / sum(n) AS upper_share,
       (sum(n) FILTER (WHERE regexp_matches(v, '[0-9]'))) / sum(n) AS digit_share,
       (sum(n) FILTER (WHERE v <> trim(v))) / sum(n) AS padded_share,
       (sum(n) FILTER (WHERE TRY_CAST(replace(trim(v), ',', '.') AS DOUBLE) IS NOT NULL)) / sum(n) AS number_share FROM g`,
    source,
  );
  if (!shape.ok) return shape;
  const row = shape.value[0] ?? {};
  const present = numberOf(row.present) ?? 0;
  const counts = { missing: rows - present, distinct: requireNumber(row.uniques) };
  if (present === 0) return ok(counts);
  const values = top.value.map((one) => ({ value: String(one.v), count: requireNumber(one.n) }));
  const kept = values.reduce((sum, one) => sum + one.count, 0);
  return ok({
    ...counts,
    categories: { top: values, otherRows: present - kept, singletons: requireNumber(row.singles) },
    text: {
      minLength: requireNumber(row.shortest),
      maxLength: requireNumber(row.longest),
      upperShare: numberOf(row.upper_share) ?? 0,
      digitShare: numberOf(row.digit_share) ?? 0,
      paddedShare: numberOf(row.padded_share) ?? 0,
      numberShare: numberOf(row.number_share) ?? 0,
    },
  });
}
