import type { Failure } from '../../domain/failure.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Connection } from '../connection.js';
import { identifier } from '../quoted.js';

/** Types that Parquet has no exact form of, and the one that keeps their values. */
const KEPT_AS: Readonly<Record<string, string>> = {
  HUGEINT: 'DECIMAL(38, 0)',
  UHUGEINT: 'DECIMAL(38, 0)',
  INTERVAL: 'VARCHAR',
  'TIME WITH TIME ZONE': 'VARCHAR',
};

/** Also within lists, structs and maps; `undefined` where Parquet keeps the type as it is. */
function keptAs(type: string): string | undefined {
  const kept = type.replace(
    /"(?:[^"]|"")*"|\b(?:U?HUGEINT|INTERVAL|TIME WITH TIME ZONE)\b/g,
    (word) => KEPT_AS[word] ?? word,
  );
  return kept === type ? undefined : kept;
}

interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** The query with every value in a type that Parquet keeps exactly. */
export function keptInParquet(query: string, columns: readonly TypedColumn[]): string {
  const casts = columns.flatMap(({ name, type }) => {
    const kept = keptAs(type);
    return kept === undefined ? [] : [`CAST(${identifier(name)} AS ${kept}) AS ${identifier(name)}`];
  });
  return casts.length === 0 ? query : `SELECT * REPLACE (${casts.join(', ')}) FROM (${query}\n)`;
}

export async function describeColumns(
  connection: Connection,
  query: string,
  name: string,
): Promise<Result<readonly TypedColumn[], Failure>> {
  const described = await connection.query(`DESCRIBE ${query}`, name);
  if (!described.ok) return described;
  return ok(described.value.map((row) => ({ name: String(row.column_name), type: String(row.column_type) })));
}
