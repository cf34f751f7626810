import type { CategoryProfile, TextProfile } from '../../domain/data/profile.js';
import type { Failure } from '../../domain/failure.js';
import { ok, type Result } from '../../domain/support/result.js';
import { numberOf, type Row, requireNumber } from '../connection.js';
import type { Placed } from '../placed-table.js';
import { identifier, literal } from '../quoted.js';

/** Values kept with their counts. Of further values only the sum of the counts is kept. */
const KEPT_VALUES = 1000;
/** Longer values are kept as their beginning and a hash. */
const KEPT_LENGTH = 200;

const HASH_CELLS = 256;

export interface TextColumn {
  readonly missing: number;
  readonly distinct: number;
  readonly categories?: CategoryProfile;
  readonly text?: TextProfile;
}

/**
 * Values and shape of a text column, computed on distinct values weighted by their counts. Values of the reference are always
 * kept, however rare they are now.
 */
export async function profileText(
  at: Placed,
  column: string,
  reference?: CategoryProfile,
): Promise<Result<TextColumn, Failure>> {
  const id = identifier(column);
  const grouped = `WITH g AS MATERIALIZED (SELECT v, count(*)::DOUBLE AS n FROM (SELECT ${id}::VARCHAR AS v FROM ${at.table}) WHERE v IS NOT NULL GROUP BY v)`;
  const key = `CASE WHEN length(v) > ${KEPT_LENGTH} THEN left(v, 60) || '…' || md5(v) ELSE v END`;
  const known = (reference?.top ?? []).map((one) => literal(one.value));
  const ofReference =
    known.length === 0
      ? 'NULL'
      : `(SELECT [list(k), list(n::VARCHAR)] FROM (SELECT ${key} AS k, n FROM g WHERE k IN (${known.join(', ')}) ORDER BY n DESC, k))`;
  const read = await at.connection.query(
    `${grouped} SELECT count(*)::DOUBLE AS uniques, sum(n) AS present, (count(*) FILTER (WHERE n = 1))::DOUBLE AS singles,
       ${SHAPE},
       (SELECT [list(k), list(n::VARCHAR)] FROM (SELECT ('0x' || left(md5(v), 2))::INTEGER::VARCHAR AS k, sum(n) AS n FROM g GROUP BY 1)) AS hashed,
       (SELECT [list(k), list(n::VARCHAR)] FROM (SELECT ${key} AS k, n FROM g ORDER BY n DESC, v LIMIT ${KEPT_VALUES})) AS top,
       ${ofReference} AS known FROM g`,
    at.source,
  );
  if (!read.ok) return read;
  const row = read.value[0] ?? {};
  const present = numberOf(row.present) ?? 0;
  const counts = { missing: at.rows - present, distinct: requireNumber(row.uniques) };
  if (present === 0) return ok(counts);
  const top = toPairs(row.top);
  const seen = new Set(top.map((one) => one.value));
  const isAllKept = counts.distinct <= KEPT_VALUES;
  const values = [...top, ...toPairs(row.known).filter((one) => !seen.has(one.value))];
  const kept = values.reduce((sum, one) => sum + one.count, 0);
  return ok({
    ...counts,
    categories: {
      top: values,
      otherRows: present - kept,
      singletons: requireNumber(row.singles),
      ...(isAllKept && reference?.hashed === undefined ? {} : { hashed: toCells(row.hashed) }),
    },
    text: toText(row),
  });
}

const SHAPE = [
  'min(length(v))::DOUBLE AS shortest',
  'max(length(v))::DOUBLE AS longest',
  'sum(n * length(v)) / sum(n) AS mean_length',
  ...(
    [
      ['upper', 'v = upper(v) AND v <> lower(v)'],
      ['digit', "regexp_matches(v, '[0-9]')"],
      ['padded', 'v <> trim(v)'],
      ['space', "contains(v, ' ')"],
      ['non_ascii', 'length(v) <> strlen(v)'],
      ['number', "TRY_CAST(replace(trim(v), ',', '.') AS DOUBLE) IS NOT NULL"],
    ] as const
  ).map(([name, sql]) => `coalesce(sum(n) FILTER (WHERE ${sql}), 0) / sum(n) AS ${name}_share`),
].join(', ');

const toText = (row: Row): TextProfile => ({
  minLength: requireNumber(row.shortest),
  maxLength: requireNumber(row.longest),
  meanLength: requireNumber(row.mean_length),
  upperShare: requireNumber(row.upper_share),
  digitShare: requireNumber(row.digit_share),
  paddedShare: requireNumber(row.padded_share),
  spaceShare: requireNumber(row.space_share),
  nonAsciiShare: requireNumber(row.non_ascii_share),
  numberShare: requireNumber(row.number_share),
});

function toCells(list: unknown): readonly number[] {
  const rows = new Map(toPairs(list).map((one) => [Number(one.value), one.count]));
  return Array.from({ length: HASH_CELLS }, (_, i) => rows.get(i) ?? 0);
}

/** From a list of values and a list of counts: reading a list for each value would take several times as long. */
function toPairs(lists: unknown): CategoryProfile['top'] {
  const [values, counts]: readonly unknown[] = Array.isArray(lists) ? lists : [];
  if (!Array.isArray(values) || !Array.isArray(counts)) return [];
  return values.map((value: unknown, i) => ({ value: String(value), count: Number(counts[i]) }));
}
