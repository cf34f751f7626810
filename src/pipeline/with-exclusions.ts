import type { Exclusion } from '../domain/data/dataset.js';
import type { Finding } from '../domain/data/finding.js';
import type { Dataset, Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';

/** The pipeline without the rows that people excluded: those of events, and those resolved as a bug. */
export function withExclusions(services: Pick<Services, 'registry'>, pipeline: Pipeline): Pipeline {
  const { events, findings } = services.registry;
  if (pipeline.datasets.length === 0) return pipeline;
  const spans = events
    .list(pipeline.name)
    .filter((event) => event.effect === 'exclude')
    .map((event): Exclusion => ({ since: event.from, until: event.until }));
  const bugs = findings.answers(pipeline.name).flatMap((one) => (one.answer === 'bug' ? [one.finding] : []));
  const exclude = (declared: Dataset): Dataset => {
    const dataset = withinQuery(declared, exclude);
    const called = bugs.filter((bug) => speaksOf(bug, dataset.name)).flatMap(rowsOf);
    const excluded = [...(dataset.time === undefined ? [] : spans), ...called];
    return excluded.length === 0 ? dataset : { ...dataset, excluded };
  };
  const prepared = bugs.filter((bug) => bug.rowsIn?.isPrepared === true).flatMap(rowsOf);
  const { monitor } = pipeline;
  return {
    ...pipeline,
    datasets: pipeline.datasets.map(exclude),
    ...(monitor === undefined || prepared.length === 0 ? {} : { monitor: { ...monitor, excluded: prepared } }),
  };
}

const speaksOf = ({ dataset, rowsIn }: Finding, name: string): boolean =>
  rowsIn?.datasets === undefined ? dataset === name && rowsIn?.isPrepared !== true : rowsIn.datasets.includes(name);

function rowsOf({ column, sql, condition, rowsIn }: Finding): readonly Exclusion[] {
  if (sql === undefined || rowsIn === undefined) return [];
  const { since, until } = rowsIn;
  return [
    {
      since,
      until,
      sql: condition ?? sql,
      columns: column === undefined ? undefined : [column],
    },
  ];
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
