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
  const datasets = pipeline.datasets.map((dataset): Dataset => {
    const called = bugs.flatMap(({ finding }): readonly Exclusion[] =>
      finding.dataset !== dataset.name || finding.sql === undefined || finding.rowsIn === undefined
        ? []
        : [
            {
              ...finding.rowsIn,
              sql: finding.sql,
              ...(finding.column === undefined ? {} : { columns: [finding.column] }),
            },
          ],
    );
    const excluded = [...(dataset.time === undefined ? [] : spans), ...called];
    return excluded.length === 0 ? dataset : { ...dataset, excluded };
  });
  const isChanged = datasets.some((dataset) => dataset.excluded !== undefined);
  return isChanged ? { ...pipeline, datasets, steps: pipeline.steps.map((step) => tell(step, datasets)) } : pipeline;
}

function tell(step: Step, datasets: readonly Dataset[]): Step {
  const read = new Set((step.inputs ?? []).flatMap((input) => (input.kind === 'dataset' ? [input.name] : [])));
  const lines = datasets.flatMap((dataset) =>
    read.has(dataset.name) ? (dataset.excluded ?? []).map((one) => `${dataset.name}: ${spell(one)}`) : [],
  );
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
