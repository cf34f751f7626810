import type { Role } from '../../domain/pipeline/pipeline.js';
import type { ProfiledUse, RunFacts } from '../../domain/runs/run-facts.js';
import type { JsonObject } from '../../domain/support/json.js';
import { cut } from './names.js';

/** MLflow's context names for the purpose of a dataset. */
const CONTEXT: Readonly<Record<Role, string>> = {
  extract: 'extraction',
  validate: 'validation',
  prepare: 'preparation',
  train: 'training',
  evaluate: 'evaluation',
};

const DIGEST_LENGTH = 36;

/** Datasets and tables that the steps of a run read. MLflow's digest holds 36 characters; the source has the full hash. */
export function datasetInputs({ steps }: RunFacts): readonly JsonObject[] {
  const found = new Map<string, JsonObject>();
  for (const { execution, reads } of steps)
    for (const use of reads.filter(isTable)) {
      const input = inputOf(use, execution.role === undefined ? 'input' : CONTEXT[execution.role]);
      const key = `${nameOf(use)}\n${use.artifact.hash}`;
      // If several steps read a table, the training step decides its context.
      if (!found.has(key) || execution.role === 'train') found.set(key, input);
    }
  return [...found.values()];
}

const isTable = ({ dataset, rows, profile }: ProfiledUse): boolean =>
  dataset !== undefined || rows !== undefined || profile !== undefined;

const nameOf = ({ dataset, path }: ProfiledUse): string =>
  cut(dataset === undefined ? path : `${dataset}: ${path}`, 500);

const inputOf = (use: ProfiledUse, context: string): JsonObject => ({
  tags: [{ key: 'mlflow.data.context', value: context }],
  dataset: {
    name: nameOf(use),
    digest: use.artifact.hash.slice(0, DIGEST_LENGTH),
    source_type: 'local',
    source: JSON.stringify({ uri: use.path, sha256: use.artifact.hash }),
    ...profileOf(use),
  },
});

function profileOf({ rows, profile, artifact }: ProfiledUse): JsonObject {
  const count = rows ?? profile?.rows;
  return count === undefined ? {} : { profile: JSON.stringify({ num_rows: count, bytes: artifact.size }) };
}
