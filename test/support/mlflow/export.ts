import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '../rig.js';

/**
 * What mlflow-export-import's `import-all` does with a folder, up to its calls of a server: the documents it reads, in its
 * order, and the keys it takes from them without asking whether they are there. Throws where it would.
 */
export interface ReadExport {
  readonly experiments: readonly Document[];
  readonly runs: ReadonlyMap<string, Document>;
  readonly versions: readonly {
    readonly model: string;
    /** The number that a server without models gives. */
    readonly number: number;
    readonly said: string;
    readonly run: string;
    readonly aliases: readonly string[];
    readonly folder: string;
    readonly files: readonly string[];
  }[];
}

const needed = (value: Document, what: string, ...keys: readonly string[]): void => {
  for (const key of keys) if (value?.[key] === undefined) throw new Error(`${what} has no ${key}`);
};

const dictionary = (value: Document, what: string): void => {
  for (const [key, one] of Object.entries(value))
    if (typeof one !== 'string') throw new Error(`${what}: ${key} is no string`);
};

export function readExport(folder: string): ReadExport {
  const read = (path: string): Document => {
    const document = JSON.parse(readFileSync(join(folder, path), 'utf8'));
    needed(document, path, 'system', 'info', 'mlflow');
    needed(
      document.system,
      path,
      'package_version',
      'script',
      'export_file_version',
      'export_time',
      '_export_time',
      'user',
    );
    return document;
  };
  read('manifest.json');
  const runs = new Map<string, Document>();
  const artifacts = new Map<string, string>();
  const experiments = read('experiments/experiments.json').mlflow.experiments.map((listed: Document) => {
    needed(listed, 'experiments.json', 'id', 'name');
    const path = `experiments/${listed.id}`;
    const { info, mlflow } = read(`${path}/experiment.json`);
    needed(info, path, 'failed_runs', 'num_total_runs', 'num_ok_runs');
    needed(mlflow.experiment, path, 'experiment_id', 'name', 'tags', 'lifecycle_stage', 'creation_time');
    dictionary(mlflow.experiment.tags, path);
    for (const id of mlflow.runs) {
      if (!/^[0-9a-f]{32}$/.test(id)) throw new Error(`${id} is no run id of MLflow`);
      const run = read(`${path}/runs/${id}/run.json`).mlflow;
      checkRun(run, id);
      runs.set(id, run);
      artifacts.set(id, `${path}/runs/${id}/artifacts`);
    }
    return mlflow.experiment;
  });
  const versions = read('models/models.json').mlflow.models.flatMap((model: string) => {
    const registered = read(`models/${model}/model.json`).mlflow.registered_model;
    needed(registered, model, 'name', 'tags', 'versions', 'aliases');
    for (const tag of registered.tags) needed(tag, model, 'key', 'value');
    return registered.versions.map((version: Document, at: number) => {
      needed(version, model, 'name', 'version', 'run_id', 'source', 'current_stage', 'tags', '_experiment_name');
      dictionary(version.tags, model);
      if (!runs.has(version.run_id)) throw new Error(`the run of ${model}@${version.version} is not exported`);
      const inside = modelPath(version);
      const path = join(artifacts.get(version.run_id) ?? '', inside);
      if (!existsSync(join(folder, path))) throw new Error(`${path} is not there`);
      return {
        model,
        number: at + 1,
        said: version.version,
        run: version.run_id,
        aliases: version.aliases ?? [],
        folder: path,
        files: readdirSync(join(folder, path)).sort(),
      };
    });
  });
  return { experiments, runs, versions };
}

function checkRun(run: Document, id: string): void {
  needed(run, id, 'info', 'params', 'metrics', 'tags', 'inputs');
  needed(run.info, id, 'run_id', 'user_id', 'status', 'lifecycle_stage', 'start_time', 'end_time', 'experiment_id');
  if (!['FINISHED', 'FAILED', 'KILLED'].includes(run.info.status)) throw new Error(`${id}: ${run.info.status}`);
  dictionary(run.params, id);
  dictionary(run.tags, id);
  for (const [key, points] of Object.entries<Document>(run.metrics))
    for (const point of points)
      for (const part of ['value', 'timestamp', 'step'])
        if (!Number.isFinite(point[part])) throw new Error(`${id}: ${key} has a ${part} of ${point[part]}`);
  for (const input of run.inputs.dataset_inputs) {
    needed(input, id, 'dataset', 'tags');
    needed(input.dataset, id, 'name', 'digest', 'source_type', 'source');
  }
}

/** What follows the word "artifacts" behind the run's id; the word "models" anywhere would make it a logged model. */
function modelPath({ source, run_id: run }: Document): string {
  if (source.includes('models')) throw new Error(`${source} would be taken for a logged model`);
  if (!source.includes(run)) throw new Error(`${source} does not name its run`);
  return source.slice(source.indexOf('artifacts') + 'artifacts'.length + 1);
}
