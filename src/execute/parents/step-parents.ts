import type { Failure } from '../../domain/failure.js';
import type { ModelName } from '../../domain/ids.js';
import type { ModelVersion } from '../../domain/models/model.js';
import type { Pipeline, Step } from '../../domain/pipeline/pipeline.js';
import type { FingerprintParts } from '../../domain/pipeline/plan.js';
import type { Services } from '../../domain/ports/services.js';
import type { ArtifactUse } from '../../domain/runs/artifact.js';
import type { Parent, StepParents } from '../../domain/runs/parents.js';
import type { RunOptions } from '../../domain/runs/run-report.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { championOf } from '../../models/champion.js';
import { baseData, isSameBut, parentPlace, recordedParents } from '../../models/parents.js';
import { CHAMPION_VALUE, datasetOfWindow, isNewWindow, parentNames } from '../../pipeline/starts-from.js';

/** What the steps of a run start from. The champion is looked up once, so that all of them start from the same model. */
export interface StartingPoint {
  readonly champion?: ModelVersion;
}

/** The starting point of a run: the champion of now. */
export const startingPoint = (
  services: Pick<Services, 'registry' | 'clock'>,
  pipeline: Pipeline,
  options: RunOptions,
): StartingPoint => ({ champion: championOf(services, pipeline, options) });

interface Asked {
  readonly pipeline: Pipeline;
  readonly options: RunOptions;
  readonly parents: StartingPoint;
}

/** What a step starts from now. A version that is not in the registry is a failure; no champion is none. */
export function stepParents(
  services: Pick<Services, 'registry'>,
  step: Step,
  { pipeline, options, parents: { champion } }: Asked,
): Result<StepParents, Failure> {
  const found = new Map<string, Parent | undefined>();
  const { model } = pipeline;
  const recorded = options.parents?.get(step.name);
  for (const name of model === undefined ? [] : parentNames(step)) {
    if (recorded?.has(name) === true) found.set(name, recorded.get(name));
    else if (name === CHAMPION_VALUE || isNewWindow(name))
      found.set(name, options.isFromZero === true || champion === undefined ? undefined : useOf(champion));
    else {
      const version = Number(/\d+/.exec(name)?.[0]);
      const named = model === undefined ? undefined : services.registry.models.get({ model: model.name, version });
      if (named === undefined) return err(noVersion(services, model?.name ?? ('' as ModelName), version));
      found.set(name, useOf(named));
    }
    const base = champion === undefined ? undefined : found.get(name);
    if (isNewWindow(name) && champion !== undefined && base !== undefined && base.base === undefined)
      found.set(name, {
        ...base,
        base: baseData(services, champion.run, datasetOfWindow(name, pipeline.datasets)),
      });
  }
  return ok(found);
}

const useOf = ({ model, hash, kind, size, path }: ModelVersion): ArtifactUse => ({
  path: parentPlace(model, { hash, path }),
  artifact: { hash, kind, size },
});

const noVersion = ({ registry }: Pick<Services, 'registry'>, model: ModelName, version: number): Failure => ({
  code: 'not-found',
  what: 'version',
  name: `${model}@${version}`,
  available: registry.models.versions(model).map((one) => `${model}@${one.version}`),
  next: `a step names it with \${{ versions[${version}].path }}; see "refit models"`,
});

/** The models among what a step reads, each once, also those that only say which rows are new. */
export const parentReads = (parents: StepParents): readonly ArtifactUse[] =>
  unique([...parents.values()].flatMap((use) => use ?? []));

/** The models of which the step is handed the bytes. */
export const parentsHanded = (parents: StepParents): readonly ArtifactUse[] =>
  unique([...parents].flatMap(([name, use]) => (use === undefined || isNewWindow(name) ? [] : [use])));

const unique = (uses: readonly Parent[]): readonly ArtifactUse[] => [
  ...new Map(uses.map(({ path, artifact }) => [path, { path, artifact }])).values(),
];

/**
 * What the champion's own training started from, where nothing else has changed since: to train on from the champion would be to
 * read the same data once more.
 */
export function keptParents(
  services: Pick<Services, 'registry'>,
  step: Step,
  { parents: { champion }, parts }: Pick<Asked, 'parents'> & { readonly parts: FingerprintParts },
): StepParents | undefined {
  if (champion === undefined) return undefined;
  const then = services.registry.runs.partsOf(champion.run).get(step.name)?.parts;
  const recorded = recordedParents(services, champion.run).get(step.name);
  if (then === undefined || recorded === undefined || !isSameBut(parts, then)) return undefined;
  const named = parentNames(step);
  return named.every((name) => recorded.has(name)) ? recorded : undefined;
}
