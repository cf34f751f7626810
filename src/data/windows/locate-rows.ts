import type { Finding, FindingRows } from '../../domain/data/finding.js';
import type { RowSelection } from '../../domain/data/row-selection.js';
import type { Failure } from '../../domain/failure.js';
import type { Dataset } from '../../domain/pipeline/pipeline.js';
import type { TableSource } from '../../domain/ports/datasets.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import type { Cut } from '../datasets/dataset-files.js';
import { datasetTable } from './window.js';

type Dependencies = Pick<Services, 'files' | 'datasets' | 'artifacts'>;

/** Of the share of rows that a condition is true for: in the rows that a table was made of it may be so many times that. */
const SIMILAR = 1.5;

/** The table in which something was found: a dataset's own window, or what a step has prepared of it. */
export interface FindingScope {
  readonly dataset: Dataset;
  readonly cut: Cut;
  readonly table: TableSource;
  readonly isPrepared: boolean;
}

/**
 * The findings with the datasets that hold their rows. A query's rows come from other datasets, a prepared window's from its
 * dataset: those hold the rows too if they have the column and the finding selects as many of them in the same span. So an
 * answer also reaches a step that reads the sources directly.
 */
export async function locateRows(
  services: Dependencies,
  scope: FindingScope,
  findings: readonly Finding[],
): Promise<Result<readonly Finding[], Failure>> {
  const located: Finding[] = [];
  for (const finding of findings) {
    const rowsIn = await locate(services, scope, finding);
    if (!rowsIn.ok) return rowsIn;
    located.push(rowsIn.value === undefined ? finding : { ...finding, rowsIn: rowsIn.value });
  }
  return ok(located);
}

async function locate(
  services: Dependencies,
  scope: FindingScope,
  finding: Finding,
): Promise<Result<FindingRows | undefined, Failure>> {
  const { dataset, isPrepared } = scope;
  const selection = selectionOf(finding, scope);
  if (selection === undefined) return ok(undefined);
  const others = [...(isPrepared ? [dataset] : []), ...sourcesOf(dataset)];
  const span = spanOf(dataset, scope.cut);
  if (others.length === 0) return ok(span);
  const here = await countBad(services, scope.table, selection);
  if (!here.ok) return here;
  const holders: string[] = [];
  for (const other of others) {
    const table = await datasetTable(services, other, scope.cut);
    if (!table.ok) continue;
    const there = finding.column === undefined ? undefined : await holds(services, table.value, finding.column);
    const counted = there === true ? await countBad(services, table.value, selection) : undefined;
    if (counted?.ok === true && isSame(here.value, counted.value)) holders.push(other.name);
  }
  if (!isPrepared) return ok(holders.length === 0 ? span : { ...span, datasets: [dataset.name, ...holders] });
  if (holders.length > 0) return ok({ ...span, datasets: holders });
  const isDated = dataset.time !== undefined && (await holds(services, scope.table, dataset.time));
  return ok(isDated ? { ...span, isPrepared: true } : undefined);
}

/** Without a time a prepared window has no span. */
function selectionOf(finding: Finding, { dataset, isPrepared }: FindingScope): RowSelection | undefined {
  const isOwn = finding.dataset === undefined || finding.dataset === dataset.name;
  return isOwn && (!isPrepared || dataset.time !== undefined) ? finding.selects : undefined;
}

const sourcesOf = ({ source }: Dataset): readonly Dataset[] =>
  source.kind === 'paths'
    ? []
    : source.sql.flatMap((part) => (typeof part === 'string' ? [] : [part, ...sourcesOf(part)]));

const spanOf = (dataset: Dataset, { since, until }: Cut): FindingRows =>
  dataset.time === undefined ? {} : { since, until };

const holds = async (services: Dependencies, table: TableSource, column: string): Promise<boolean> => {
  const names = await services.datasets.columns(table);
  return names.ok && names.value.includes(column);
};

interface Counted {
  readonly bad: number;
  readonly rows: number;
}

async function countBad(
  services: Dependencies,
  table: TableSource,
  rows: RowSelection,
): Promise<Result<Counted, Failure>> {
  const all = await services.datasets.countRows(table);
  if (!all.ok) return all;
  const kept = await services.datasets.countRows({ ...table, without: [...(table.without ?? []), { rows }] });
  return kept.ok ? ok({ bad: all.value - kept.value, rows: all.value }) : kept;
}

const isSame = (here: Counted, there: Counted): boolean =>
  there.bad > 0 && there.bad >= here.bad && there.bad / there.rows <= (SIMILAR * here.bad) / Math.max(1, here.rows);
