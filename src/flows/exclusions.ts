import type { Exclusion } from '../domain/dataset.js';
import type { Dataset, Pipeline, Step } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { toIso } from '../domain/time.js';

/** A step sees by this that rows of its datasets are kept out, and its fingerprint knows which. */
const VARIABLE = 'REFIT_EXCLUDED_ROWS';

/** The pipeline with the rows that humans have kept out: those of events, and those that were called a bug. */
export function withExclusions(services: Pick<Services, 'registry'>, pipeline: Pipeline): Pipeline {
  const { events, findings } = services.registry;
  if (pipeline.datasets.length === 0) return pipeline;
  const spans = events
    .list(pipeline.name)
    .filter((event) => event.effect === 'exclude')
    .map((event): Exclusion => ({ since: event.from, until: event.until }));
  const bugs = findings.answers(pipeline.name).filter((one) => one.answer === 'bug');
  const exclude = (declared: Dataset): Dataset => {
    const dataset = withinQuery(declared, exclude);
    const called = bugs.flatMap(({ finding }): readonly Exclusion[] =>
      finding.dataset !== dataset.name || finding.sql === undefined || finding.rowsIn === undefined
        ? []
        : [
            {
              ...finding.rowsIn,
              sql: finding.condition ?? finding.sql,
              ...(finding.column === undefined ? {} : { columns: [finding.column] }),
            },
          ],
    );
    const excluded = [...(dataset.time === undefined ? [] : spans), ...called];
    return excluded.length === 0 ? dataset : { ...dataset, excluded };
  };
  const datasets = pipeline.datasets.map(exclude);
  const isChanged = datasets.some((dataset) => linesOf(dataset).length > 0);
  return isChanged ? { ...pipeline, datasets, steps: pipeline.steps.map((step) => tell(step, datasets)) } : pipeline;
}

/** A query's datasets are without these rows too. */
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

/** What is kept out of a dataset, and of those that its query names. */
const linesOf = ({ name, source, excluded = [] }: Dataset): readonly string[] => [
  ...(source.kind === 'paths' ? [] : source.sql.flatMap((part) => (typeof part === 'string' ? [] : linesOf(part)))),
  ...excluded.map((one) => `${name}: ${spell(one)}`),
];

function tell(step: Step, datasets: readonly Dataset[]): Step {
  const read = new Set((step.inputs ?? []).flatMap((input) => (input.kind === 'dataset' ? [input.name] : [])));
  const lines = [...new Set(datasets.flatMap((dataset) => (read.has(dataset.name) ? linesOf(dataset) : [])))];
  if (lines.length === 0) return step;
  return { ...step, env: { ...step.env, [VARIABLE]: { kind: 'literal', value: lines.join('\n') } } };
}

const spell = ({ since, until, sql }: Exclusion): string =>
  [
    ...(since === undefined && until === undefined
      ? []
      : [`${since === undefined ? '' : toIso(since)}..${until === undefined ? '' : toIso(until)}`]),
    ...(sql === undefined ? [] : [sql]),
  ].join(' ');
