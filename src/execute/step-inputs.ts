import type { ResolvedDataset } from '../domain/data/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { InputRef } from '../domain/pipeline/pipeline.js';
import type { HashOptions } from '../domain/ports/artifacts.js';
import type { Services } from '../domain/ports/services.js';
import type { Artifact, ArtifactUse } from '../domain/runs/artifact.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { toIso } from '../domain/support/time.js';
import { readValues } from '../pipeline/input-values.js';

export interface StepInputs {
  readonly uses: readonly ArtifactUse[];
  /** Parts of the fingerprint. */
  readonly parts: Readonly<Record<string, string>>;
  /** Words of `${{ inputs[i] }}`. */
  readonly words: readonly (readonly string[])[];
}

/** What a step reads, before its content is hashed. */
export interface ListedInputs {
  readonly files: readonly {
    readonly path: WorkspacePath;
    readonly dataset?: string;
    /** Already part of `cuts`. */
    readonly isKnown?: boolean;
    /** The values of the file that count, as JSON by dotted name. Without it the whole content counts. */
    readonly values?: Readonly<Record<string, string>>;
  }[];
  readonly words: StepInputs['words'];
  /** Fingerprint parts for how datasets were cut, which rows are excluded, and what is known about queries. */
  readonly cuts: Readonly<Record<string, string>>;
}

type Datasets = ReadonlyMap<string, ResolvedDataset>;

/** Hashes what a step reads. `written`: see `HashOptions`. */
export async function readInputs(
  services: Pick<Services, 'artifacts' | 'files'>,
  reader: string,
  inputs: readonly InputRef[],
  datasets: Datasets,
  written?: HashOptions['written'],
): Promise<Result<StepInputs, Failure>> {
  const listed = await listInputs(services, reader, inputs, datasets);
  if (!listed.ok) return listed;
  const paths = listed.value.files.map((one) => one.path);
  const hashes = await services.artifacts.hash(paths, { written });
  return whyMissing(services, inputsOf(reader, listed.value, hashes));
}

/** Lists what a step reads. A glob that matches nothing is a missing input. */
export async function listInputs(
  services: Pick<Services, 'files'>,
  reader: string,
  inputs: readonly InputRef[],
  datasets: Datasets,
): Promise<Result<ListedInputs, Failure>> {
  const files: ListedInputs['files'][number][] = [];
  const words: (readonly string[])[] = [];
  const cuts: Record<string, string> = {};
  for (const input of inputs) {
    if (input.kind === 'dataset') {
      const dataset = datasets.get(input.name);
      if (dataset === undefined) return err({ code: 'input-missing', step: reader, path: `dataset "${input.name}"` });
      words.push(dataset.files);
      const isKnown = dataset.known !== undefined;
      for (const path of dataset.sources) files.push({ path, dataset: input.name, isKnown });
      Object.assign(cuts, dataset.known, dataset.excluded);
      if (dataset.cut !== undefined) cuts[`dataset-cut:${input.name}`] = spellCut(dataset.cut);
      continue;
    }
    const paths =
      input.kind === 'path' ? [input.path] : ((await services.files.glob([input.pattern])) as WorkspacePath[]);
    if (input.kind === 'glob' && paths.length === 0)
      return err({ code: 'input-missing', step: reader, path: input.pattern });
    words.push(paths);
    if (input.kind === 'path' && input.keys !== undefined) {
      const values = await readValues(services, reader, input.path, input.keys);
      if (!values.ok) return values;
      files.push({ path: input.path, values: values.value });
    } else for (const path of paths) files.push({ path });
  }
  return ok({ files, words, cuts });
}

/** Adds content hashes to what a step reads. A file without a hash is a missing input. */
export function inputsOf(
  reader: string,
  listed: ListedInputs,
  hashes: ReadonlyMap<WorkspacePath, Artifact>,
): Result<StepInputs, Failure> {
  const uses: ArtifactUse[] = [];
  const parts: Record<string, string> = { ...listed.cuts };
  for (const { path, dataset, isKnown, values } of listed.files) {
    const artifact = hashes.get(path);
    if (artifact === undefined) return err({ code: 'input-missing', step: reader, path });
    const key = dataset === undefined ? `input:${path}` : `dataset:${dataset}:${path}`;
    // A query's copy was made from what the file held at that time.
    if (isKnown === true && (listed.cuts[key] ?? artifact.hash) !== artifact.hash)
      return err({ code: 'input-moved', step: reader, paths: [path] });
    if (values !== undefined)
      for (const [name, value] of Object.entries(values)) parts[`value:${path}#${name}`] = value;
    else if (isKnown !== true) parts[key] = artifact.hash;
    uses.push({ path, artifact, dataset });
  }
  return ok({ uses, parts, words: listed.words });
}

/** An input that is there and has no hash leads out of the workspace, or is a pipe or a device. */
export async function whyMissing<T>(
  { files }: Pick<Services, 'files'>,
  inputs: Result<T, Failure>,
): Promise<Result<T, Failure>> {
  if (inputs.ok || inputs.error.code !== 'input-missing') return inputs;
  const { path } = inputs.error;
  const stat = await files.stat(path);
  if (stat === undefined) return inputs;
  const leadsTo = files.outside(path);
  if (leadsTo !== undefined) return err({ code: 'data-outside-workspace', source: path, path: leadsTo });
  return stat.kind === 'other'
    ? err({ code: 'data-unreadable', source: path, reason: 'it is a pipe or a device, not a file' })
    : inputs;
}

const spellCut = (cut: NonNullable<ResolvedDataset['cut']>): string =>
  `${cut.since === undefined ? '' : toIso(cut.since)}..${cut.until === undefined ? '' : toIso(cut.until)}`;
