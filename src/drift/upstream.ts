import { artifactTable, datasetTable } from '../data/windows/window.js';
import type { Upstream } from '../domain/data/drift.js';
import type { Failure } from '../domain/failure.js';
import type { RunId, WorkspacePath } from '../domain/ids.js';
import type { Dataset, Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { TableSource } from '../domain/ports/datasets.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { When } from '../domain/when.js';
import { codeChanges } from '../execute/code-changes.js';

/** A table that a step reads: from a dataset, or made by another step. */
interface Source {
  readonly columns: readonly string[];
  readonly dataset?: Dataset;
  readonly step?: Step;
}

/**
 * Where the columns of the monitored window come from: the step that made each, or the dataset that has it. The search
 * goes from the step that prepares the window upwards through what it read, as recorded by the reference's run.
 */
export async function findUpstream(
  services: Services,
  pipeline: Pipeline,
  { run, columns, when }: { readonly run: RunId; readonly columns: readonly string[]; readonly when: When },
): Promise<Result<ReadonlyMap<string, Upstream>, Failure>> {
  const { current } = pipeline.monitor ?? {};
  const known = new Map<string, readonly Source[]>();
  const sourcesOf = async (step: Step): Promise<readonly Source[]> => {
    const found = known.get(step.name) ?? (await readSources(services, pipeline, step, { run, when }));
    known.set(step.name, found);
    return found;
  };
  const prepare = pipeline.steps.find((step) => step.name === current?.prepare);
  const dataset = pipeline.datasets.find((one) => one.name === current?.dataset);
  const found = new Map<string, Upstream>();
  for (const column of columns) {
    const way = prepare === undefined ? { passed: [], dataset } : await climb(prepare, column, sourcesOf);
    const changed = await codeChanges(services, pipeline, run, way.passed);
    // A missing code file is reported by the plan.
    const upstream = describe(way, changed.ok ? changed.value.map((one) => one.what) : []);
    if (upstream !== undefined) found.set(column, upstream);
  }
  return ok(found);
}

interface Way {
  /** Steps from the window's step upwards. */
  readonly passed: readonly Step[];
  readonly dataset?: Dataset;
}

async function climb(from: Step, column: string, sourcesOf: (step: Step) => Promise<readonly Source[]>): Promise<Way> {
  const passed = [from];
  for (let step: Step | undefined = from; step !== undefined; ) {
    const source: Source | undefined = (await sourcesOf(step)).find((one) => one.columns.includes(column));
    if (source?.dataset !== undefined) return { passed, dataset: source.dataset };
    step = source?.step;
    if (step !== undefined) passed.push(step);
  }
  return { passed };
}

function describe({ passed, dataset }: Way, changed: readonly string[]): Upstream | undefined {
  const names = passed.map((step) => String(step.name)).reverse();
  if (dataset !== undefined) return { dataset: dataset.name, through: names, changed };
  const [step, ...through] = names;
  return step === undefined ? undefined : { step, through, changed };
}

async function readSources(
  services: Services,
  pipeline: Pipeline,
  step: Step,
  { run, when }: { readonly run: RunId; readonly when: When },
): Promise<readonly Source[]> {
  const found: Source[] = [];
  for (const input of step.inputs ?? []) {
    if (input.kind === 'dataset') {
      const dataset = pipeline.datasets.find((one) => one.name === input.name);
      const table = dataset === undefined ? undefined : await datasetTable(services, dataset, { until: when.now });
      const columns = table?.ok === true ? await namesIn(services, table.value) : [];
      if (dataset !== undefined) found.push({ columns, dataset });
    } else if (input.kind === 'path') {
      const maker = pipeline.steps.find((one) => one.outputs.some((output) => output.path === input.path));
      const columns = maker === undefined ? [] : await namesOfArtifact(services, run, input.path);
      if (maker !== undefined) found.push({ columns, step: maker });
    }
  }
  return found;
}

async function namesOfArtifact(services: Services, run: RunId, path: WorkspacePath): Promise<readonly string[]> {
  const artifact = services.registry.runs.artifactAt(run, path)?.artifact;
  const table = artifact?.kind === 'file' ? await artifactTable(services, artifact.hash) : undefined;
  return table?.ok === true ? namesIn(services, table.value) : [];
}

/** The columns of an artifact. One that cannot be read as a table has none. */
const namesIn = async (services: Services, table: TableSource): Promise<readonly string[]> => {
  const names = await services.datasets.columns(table);
  return names.ok ? names.value : [];
};
