import type { ArtifactUse } from '../domain/artifact.js';
import type { ResolvedDataset } from '../domain/dataset.js';
import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { InputRef } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import { toIso } from '../domain/time.js';

export interface StepInputs {
  readonly uses: readonly ArtifactUse[];
  /** Fingerprint parts. */
  readonly parts: Readonly<Record<string, string>>;
  /** Words of `${{ inputs[i] }}`. */
  readonly words: readonly (readonly string[])[];
}

/** Hashes what a step reads. `known`: content of paths that will lie there once an upstream step is restored. */
export async function readInputs(
  services: Pick<Services, 'artifacts' | 'files'>,
  reader: string,
  inputs: readonly InputRef[],
  datasets: ReadonlyMap<string, ResolvedDataset>,
): Promise<Result<StepInputs, Failure>> {
  const listed: { readonly path: WorkspacePath; readonly dataset?: string }[] = [];
  const words: (readonly string[])[] = [];
  const parts: Record<string, string> = {};
  for (const input of inputs) {
    const paths = await pathsOf(services, input, datasets);
    words.push(input.kind === 'dataset' ? (datasets.get(input.name)?.files ?? []) : paths);
    listed.push(...paths.map((path) => ({ path, ...(input.kind === 'dataset' ? { dataset: input.name } : {}) })));
    const cut = input.kind === 'dataset' ? datasets.get(input.name)?.cut : undefined;
    if (input.kind === 'dataset' && cut !== undefined) parts[`dataset-cut:${input.name}`] = spellCut(cut);
    if (input.kind !== 'dataset' && paths.length === 0)
      return err({ code: 'input-missing', step: reader, path: input.kind === 'glob' ? input.pattern : input.path });
  }
  const hashes = await services.artifacts.hash(listed.map((one) => one.path));
  const uses: ArtifactUse[] = [];
  for (const { path, dataset } of listed) {
    const artifact = hashes.get(path);
    if (artifact === undefined) return err({ code: 'input-missing', step: reader, path });
    parts[dataset === undefined ? `input:${path}` : `dataset:${dataset}:${path}`] = artifact.hash;
    uses.push({ path, artifact, ...(dataset === undefined ? {} : { dataset }) });
  }
  return ok({ uses, parts, words });
}

const spellCut = (cut: NonNullable<ResolvedDataset['cut']>): string =>
  `${cut.since === undefined ? '' : toIso(cut.since)}..${cut.until === undefined ? '' : toIso(cut.until)}`;

async function pathsOf(
  services: Pick<Services, 'files'>,
  input: InputRef,
  datasets: ReadonlyMap<string, ResolvedDataset>,
): Promise<readonly WorkspacePath[]> {
  if (input.kind === 'path') return [input.path];
  if (input.kind === 'glob') return (await services.files.glob([input.pattern])) as WorkspacePath[];
  return datasets.get(input.name)?.sources ?? [];
}
