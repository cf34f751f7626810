import { createHash } from 'node:crypto';
import type { ReadFault } from '../../domain/data/read-fault.js';
import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Dataset, Pipeline, Template } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Instant } from '../../domain/support/time.js';
import { sqlValue } from '../../pipeline/parse/sections/datasets.js';
import { datasetFiles, timeKey } from './dataset-files.js';

type Dependencies = Pick<Services, 'files' | 'datasets' | 'artifacts'>;

/** A dataset by query, with the datasets that it names in their places. */
export interface QueryText {
  /** With absolute paths, to be run. */
  readonly sql: string;
  /** With workspace-relative paths, to be shown. */
  readonly shown: string;
  /** With a name for each table that was put in: what the query itself says. */
  readonly own: string;
  readonly tables: readonly string[];
  /** The files behind those tables. */
  readonly files: readonly WorkspacePath[];
  /** What was wrong with those files. */
  readonly faults: readonly ReadFault[];
}

/** Puts the SQL together; rows at or after `until` do not exist in any dataset that it names. */
export async function composeQuery(
  services: Dependencies,
  dataset: Dataset,
  until: Instant | undefined,
): Promise<Result<QueryText, Failure>> {
  const text = { sql: '', shown: '', own: '' };
  const tables: string[] = [];
  const files: WorkspacePath[] = [];
  const faults: ReadFault[] = [];
  for (const part of dataset.source.kind === 'query' ? dataset.source.sql : []) {
    if (typeof part === 'string') {
      for (const key of ['sql', 'shown', 'own'] as const) text[key] += part;
      continue;
    }
    const placed = await placeDataset(services, part, until);
    if (!placed.ok) return placed;
    text.sql += placed.value.sql;
    text.shown += placed.value.shown;
    text.own += placed.value.own ?? `refit_table_${tables.length}`;
    tables.push(...(placed.value.own === undefined ? [`refit_table_${tables.length}`] : placed.value.tables));
    files.push(...placed.value.files);
    faults.push(...placed.value.faults);
  }
  return ok({ ...text, tables: [...new Set(tables)], files: [...new Set(files)].sort(), faults });
}

type Placed = Omit<QueryText, 'own'> & { readonly own?: string };

async function placeDataset(
  services: Dependencies,
  dataset: Dataset,
  until: Instant | undefined,
): Promise<Result<Placed, Failure>> {
  const cut = dataset.time === undefined ? {} : { timeColumn: dataset.time, timeNamedBy: timeKey(dataset.name), until };
  const without = dataset.excluded === undefined ? {} : { without: dataset.excluded };
  const relation = (from: TableSource['from'], shown?: readonly string[]) =>
    services.datasets.relation({ from, ...cut, ...without }, shown);
  if (dataset.source.kind === 'query') {
    const inner = await composeQuery(services, dataset, until);
    if (!inner.ok) return inner;
    const [sql, shown] = [await relation(queryOf(inner.value.sql)), await relation(queryOf(inner.value.shown))];
    // The rows that are kept out have fingerprint parts of their own.
    const own = await services.datasets.relation({ from: queryOf(inner.value.own), ...cut });
    if (!sql.ok) return sql;
    if (!shown.ok) return shown;
    return own.ok ? ok({ ...inner.value, sql: sql.value.sql, shown: shown.value.sql, own: own.value.sql }) : own;
  }
  const files = await datasetFiles(services, dataset, until === undefined ? {} : { until });
  if (!files.ok) return files;
  const paths = files.value.map((file) => services.files.absolute(file));
  const table = await relation({ kind: 'files', paths }, files.value);
  return table.ok ? ok({ ...table.value, files: files.value, tables: [] }) : table;
}

const queryOf = (sql: string): TableSource['from'] => ({ kind: 'query', sql });

/** What a query dataset is known by, taken when it was read. */
export interface QueryIdentity {
  /** Fingerprint parts by name. */
  readonly parts: Readonly<Record<string, string>>;
  /** Its content follows from these files and the query's text; empty where only its own bytes tell. */
  readonly files: readonly WorkspacePath[];
}

/** Text and source hashes, where the query reads nothing else; `undefined` where only the bytes of its result can tell. */
export async function identifyQuery(
  services: Dependencies,
  dataset: Dataset,
  query: QueryText,
): Promise<QueryIdentity | undefined> {
  if (query.files.length === 0 || !(await services.datasets.isReproducible(query.own, query.tables))) return undefined;
  const hashes = await services.artifacts.hash(query.files);
  const known = query.files.map((file) => [file, hashes.get(file)?.hash] as const);
  if (known.some(([, hash]) => hash === undefined)) return undefined;
  const key = `dataset:${dataset.name}`;
  return {
    parts: {
      // columns by which the tables are cut are part of what is asked
      [`${key}:query`]: sha256(JSON.stringify([query.own, spellTables(dataset)])),
      ...Object.fromEntries(known.map(([file, hash]) => [`${key}:${file}`, hash ?? ''])),
    },
    files: query.files,
  };
}

const spellTables = ({ source, time }: Dataset): unknown => [
  time ?? null,
  source.kind === 'paths'
    ? source.patterns
    : source.sql.map((part) => (typeof part === 'string' ? part : spellTables(part))),
];

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A query outside the datasets, with its params in place; the datasets that it names stand where their tables belong. */
export const querySource = (pipeline: Pipeline, template: Template): readonly (string | Dataset)[] =>
  template.flatMap((part): readonly (string | Dataset)[] => {
    if (part.kind === 'text') return [part.text];
    const { ref } = part;
    if (ref.kind === 'param') return [sqlValue(pipeline.params[ref.name])];
    return pipeline.datasets.filter((one) => ref.kind === 'dataset' && one.name === ref.name);
  });
