import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Services } from '../domain/ports/services.js';
import type { PlacedSql } from './parse/collect-diagnostics.js';
import { linesOf } from './parse/source/bundle.js';

type Dependencies = Pick<Services, 'datasets' | 'memo'>;

/** What DuckDB's own parser says against the SQL of a file; asked once for the same texts. */
export async function checkSql(
  services: Dependencies,
  file: string,
  { sql, text }: { readonly sql: readonly PlacedSql[]; readonly text: string },
): Promise<readonly Diagnostic[]> {
  if (sql.length === 0) return [];
  const name = `sql of ${file}`;
  const key = JSON.stringify(sql);
  const kept = services.memo.read(name, key) as readonly Diagnostic[] | undefined;
  if (kept !== undefined) return kept;
  const lineOf = linesOf(text);
  const found = new Map<string, Diagnostic>();
  for (const one of sql) {
    const fault = await faultOf(services, one);
    if (fault !== undefined)
      found.set(JSON.stringify([one.at, fault.code]), {
        severity: 'error',
        ...fault,
        at: one.at,
        sourceLine: lineOf(one.at),
      });
  }
  services.memo.write(name, key, [...found.values()]);
  return [...found.values()];
}

type Fault = Pick<Diagnostic, 'code' | 'message' | 'suggestion'>;

async function faultOf(services: Dependencies, { kind, text, marked }: PlacedSql): Promise<Fault | undefined> {
  if (marked !== undefined && (await services.datasets.hasQuotedValue(marked)))
    return {
      code: 'quoted-value',
      message: 'a value stands inside quotes of its own: refit already writes each as SQL',
      suggestion: 'take the quotes away',
    };
  const fault = await services.datasets.sqlFault(text, kind);
  if (fault === undefined) return undefined;
  return kind === 'query'
    ? { code: 'not-a-query', message: `the query is not one query: ${fault}` }
    : {
        code: 'not-an-expression',
        message: `a rule is one SQL condition that good rows meet: ${fault}`,
        suggestion: 'like "origin <> destination"',
      };
}
