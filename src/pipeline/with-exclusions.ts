import type { Exclusion } from '../domain/data/dataset.js';
import { type Finding, selectedRows } from '../domain/data/finding.js';
import { textIn } from '../domain/data/row-selection.js';
import type { Failure } from '../domain/failure.js';
import type { Dataset, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';

type Dependencies = Pick<Services, 'registry' | 'datasets'>;

/** The pipeline without the rows that people excluded: those of events, and those resolved as a bug. */
export async function withExclusions(services: Dependencies, pipeline: Pipeline): Promise<Result<Pipeline, Failure>> {
  const { events, findings } = services.registry;
  if (pipeline.datasets.length === 0) return ok(pipeline);
  const spans = events
    .list(pipeline.name)
    .filter((event) => event.effect === 'exclude')
    .map((event): Exclusion => ({ since: event.from, until: event.until }));
  const bugs = findings.answers(pipeline.name).flatMap((one) => (one.answer === 'bug' ? [one.finding] : []));
  for (const bug of bugs) {
    const fault = await storedTextFault(services, bug);
    if (fault !== undefined) return err(fault);
  }
  const exclude = (declared: Dataset): Dataset => {
    const dataset = withinQuery(declared, exclude);
    const called = bugs.filter((bug) => speaksOf(bug, dataset.name)).flatMap(rowsOf);
    const excluded = [...(dataset.time === undefined ? [] : spans), ...called];
    return excluded.length === 0 ? dataset : { ...dataset, excluded };
  };
  const prepared = bugs.filter((bug) => bug.rowsIn?.isPrepared === true).flatMap(rowsOf);
  const { monitor } = pipeline;
  return ok({
    ...pipeline,
    datasets: pipeline.datasets.map(exclude),
    monitor: monitor === undefined || prepared.length === 0 ? monitor : { ...monitor, excluded: prepared },
  });
}

/** A rule, or the SQL of an older registry, is put into a query: it must be one condition on the values of a row. */
async function storedTextFault({ datasets }: Dependencies, finding: Finding): Promise<Failure | undefined> {
  const [selection] = rowsOf(finding);
  const text = selection?.rows === undefined ? undefined : textIn(selection.rows);
  const reason = text === undefined ? undefined : await datasets.sqlFault(text, 'row-condition');
  if (reason === undefined) return undefined;
  return {
    code: 'integrity',
    what: `the condition of finding ${finding.id}`,
    expected: 'one SQL condition on the values of a row',
    found: `${text}: ${reason}`,
    next: `refit does not run it: call the finding normal with "refit resolve ${finding.id} --as normal"`,
  };
}

const speaksOf = ({ dataset, rowsIn }: Finding, name: string): boolean =>
  rowsIn?.datasets === undefined ? dataset === name && rowsIn?.isPrepared !== true : rowsIn.datasets.includes(name);

function rowsOf(finding: Finding): readonly Exclusion[] {
  const rows = selectedRows(finding);
  if (rows === undefined || finding.rowsIn === undefined) return [];
  const { since, until } = finding.rowsIn;
  return [{ since, until, rows }];
}

/** Also excludes the rows from the datasets inside a query. */
const withinQuery = (dataset: Dataset, exclude: (dataset: Dataset) => Dataset): Dataset =>
  dataset.source.kind === 'paths'
    ? dataset
    : {
        ...dataset,
        source: {
          kind: 'query',
          sql: dataset.source.sql.map((part) => (typeof part === 'string' ? part : exclude(part))),
        },
      };
