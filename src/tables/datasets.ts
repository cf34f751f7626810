import type { Failure } from '../domain/failure.js';
import type { Datasets, TableSource } from '../domain/ports/datasets.js';
import type { Result } from '../domain/support/result.js';
import { type Connection, createConnection } from './connection.js';
import { createPlaces } from './places.js';
import type { QueryLimits } from './stop-statement.js';

/** Where a reader of data may read beside the workspace, and where it may write aside. */
export interface DatasetPlaces {
  /** What refit.yaml allows. */
  readonly roots: () => readonly string[];
  readonly scratch: () => string;
  readonly limits?: QueryLimits;
}

const reading = () => import('./read-table.js');
const naming = () => import('./missing-time.js');

/** The only reader of data. Each ability is loaded when it is first used. Relative paths in SQL start where the process does. */
export function createDatasets(root: string, { roots, scratch, limits }: DatasetPlaces): Datasets {
  const places = createPlaces(root, roots);
  const { plain: connection, limited } = createConnection({ root, places, scratch, limits });
  const connectionFor = ({ from }: TableSource): Connection => (from.kind === 'query' ? limited : connection);
  const named = async <T>(source: TableSource, asked: Promise<Result<T, Failure>>): Promise<Result<T, Failure>> => {
    const result = await asked;
    if (result.ok) return result;
    return (await naming()).nameMissingTime(connectionFor(source), source, result);
  };
  return {
    allow: places.allow,
    hasQuotedValue: async (marked) => (await import('./sql/user-sql.js')).hasQuotedValue(connection, marked),
    sqlFault: async (text, kind) => (await import('./sql/user-sql.js')).sqlFault(connection, text, kind),
    profile: async (source, reference, signal) => {
      const { profileTable } = await import('./profiles/profile.js');
      return named(source, profileTable(connectionFor(source), source, { reference, signal }));
    },
    sample: async (source, columns, rows) =>
      named(source, (await reading()).sampleColumns(connectionFor(source), source, columns, rows)),
    columns: async (source) => (await reading()).columnNames(connectionFor(source), source),
    countSpans: async (source, spanMs, columns) =>
      (await import('./profiles/span-counts.js')).countSpans(connectionFor(source), source, { spanMs, columns }),
    countRows: async (source) => named(source, (await reading()).count(connectionFor(source), source)),
    timeRange: async (source) => named(source, (await reading()).timeRange(connectionFor(source), source)),
    copyCut: async (source, to) =>
      named(source, (await import('./copy-cut.js')).copyCut(connectionFor(source), source, to)),
    writeSnapshot: async (input, to) => (await import('./write-snapshot.js')).writeSnapshot(connection, input, to),
    openDatabase: async (request) =>
      (await import('./duckdb-source.js')).openDuckdb({ root, places, scratch, limits: limits ?? {} }, request),
    check: async (source, work) => {
      const hasRules = work.conditions.some(({ predicate }) => predicate.kind === 'rule');
      const { countViolations } = await import('./checks/count-violations.js');
      return countViolations(hasRules ? limited : connectionFor(source), source, work);
    },
    relation: async (source, shown) => (await reading()).relation(connectionFor(source), source, shown),
    isReproducible: async (sql, tables) =>
      (await import('./sql/reproducible.js')).isReproducible(connection, sql, tables),
    readColumns: async (source, columns) => (await reading()).readColumns(connectionFor(source), source, columns),
    openPredictionLog: async (sources, place) =>
      (await import('./log/prediction-log.js')).openPredictionLog(
        sources.labels?.from === 'query' ? limited : connection,
        sources,
        place,
      ),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
