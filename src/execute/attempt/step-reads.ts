import type { ResolvedDataset } from '../../domain/data/dataset.js';
import type { Step } from '../../domain/pipeline/pipeline.js';
import type { StepParents } from '../../domain/runs/parents.js';
import type { NewRows } from '../parents/new-rows.js';
import { namedIn } from '../place-queries.js';
import type { StepInputs } from '../step-inputs.js';

interface Reading {
  readonly step: Step;
  readonly inputs: StepInputs;
  readonly datasets: ReadonlyMap<string, ResolvedDataset>;
  readonly parents: StepParents;
  readonly news: NewRows;
}

/** The files and folders that a command may read: what the step declares, and what refit has put in place for it. */
export function readsOf({ step, inputs, datasets, parents, news }: Reading): readonly string[] {
  const used = namedIn(step);
  // Of a dataset that is cut or a query, the command reads copies.
  const declared = inputs.uses.filter(({ dataset }) => dataset === undefined).map(({ path }) => path);
  const files = [...datasets.values()].filter(({ name }) => used.has(name)).flatMap((one) => one.files);
  const handed = [...parents.values()].flatMap((parent) => parent?.path ?? []);
  return [...new Set([...declared, ...files, ...handed, ...Object.values(news.windows).flat()])];
}
