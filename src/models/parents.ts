import type { ModelName, RunId, StepName, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { FingerprintParts } from '../domain/pipeline/plan.js';
import type { ExecutionUse } from '../domain/ports/run-records.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { Run } from '../domain/runs/run.js';
import { CHAMPION } from './champion.js';

const FOLDER = '.refit/parents';

/** Holds the models that the steps of a pipeline start from, while it runs. */
export const parentsFolder = (model: ModelName): WorkspacePath => `${FOLDER}/${model}` as WorkspacePath;

/**
 * Where a step finds the model that it starts from. It names the content and not the version, because a merge of two registries
 * can give versions other numbers.
 */
export const parentPlace = (model: ModelName, { hash, path }: Pick<ModelVersion, 'hash' | 'path'>): WorkspacePath =>
  `${parentsFolder(model)}/${hash.slice(0, 16)}/${path.slice(path.lastIndexOf('/') + 1)}` as WorkspacePath;

/** Whether a step that read this path started from a model. */
export const isParentPlace = (path: string): boolean => path.startsWith(`${FOLDER}/`);

const modelAt = (place: string): string => place.slice(FOLDER.length + 1).split('/')[0] ?? '';

/**
 * The version that a run started from at a place: of those with these bytes that were there when it began, the champion of that
 * time, else the newest.
 */
export function parentVersion(
  { registry }: Pick<Services, 'registry'>,
  { path, artifact }: Pick<ArtifactUse, 'path' | 'artifact'>,
  { startedAt }: Pick<Run, 'startedAt'>,
): ModelVersion | undefined {
  const { models } = registry;
  const model = modelAt(path);
  const same = models.withHash(artifact.hash).filter((one) => one.model === model);
  const known = same.filter((one) => one.registeredAt <= startedAt);
  const candidates = known.length > 0 ? known : same;
  const served = new Set(
    candidates.length < 2
      ? []
      : models
          .moves(model as ModelName)
          .filter((move) => move.alias === CHAMPION && move.movedAt <= startedAt)
          .slice(-1)
          .map((move) => move.to),
  );
  return candidates.find((one) => served.has(one.version)) ?? candidates.at(-1);
}

/** The models that the steps of a run started from. */
export function parentUses({ registry }: Pick<Services, 'registry'>, run: RunId): readonly ArtifactUse[] {
  const uses = registry.runs.executions(run).flatMap((execution) => registry.runs.uses(execution.id).reads);
  const places = new Map(uses.filter((use) => isParentPlace(use.path)).map((use) => [use.path as string, use]));
  return [...places.values()];
}

/** The versions that a version was trained on from, most often one or none. */
export function parentsOf(services: Pick<Services, 'registry'>, version: ModelVersion): readonly ModelVersion[] {
  const run = services.registry.runs.get(version.run);
  if (run === undefined) return [];
  return parentUses(services, run.id).flatMap((use) => parentVersion(services, use, run) ?? []);
}

/** Executions that started from these bytes as a version of a model. */
export const startedFrom = (
  { registry }: Pick<Services, 'registry'>,
  { model, hash, path }: Pick<ModelVersion, 'model' | 'hash' | 'path'>,
  limit: number,
): readonly ExecutionUse[] => registry.runs.readersOf(hash, limit, parentPlace(model, { hash, path }));

/** What each step of a run started from, by the value of its command: `champion`, `versions[3]`. */
export type RecordedParents = ReadonlyMap<StepName, ReadonlyMap<string, ArtifactUse | undefined>>;

const PART = 'parent:';
const NONE = 'none';

/** The fingerprint parts of what a step starts from: content, or that no version served. */
export const parentParts = (parents: ReadonlyMap<string, ArtifactUse | undefined>): FingerprintParts =>
  Object.fromEntries([...parents].map(([name, parent]) => [`${PART}${name}`, parent?.artifact.hash ?? NONE]));

export const isParentPart = (key: string): boolean => key.startsWith(PART);

/** What the steps of a run started from, as recorded. */
export function recordedParents({ registry: { runs } }: Pick<Services, 'registry'>, run: RunId): RecordedParents {
  const parts = runs.partsOf(run);
  return new Map(
    runs.executions(run).map((execution) => {
      const reads = runs.uses(execution.id).reads.filter((use) => isParentPlace(use.path));
      const known = Object.entries(parts.get(execution.step)?.parts ?? {}).filter(([key]) => isParentPart(key));
      const named = known.map(
        ([key, hash]) => [key.slice(PART.length), reads.find((use) => use.artifact.hash === hash)] as const,
      );
      // A step without inputs has no fingerprint, and mostly starts from the champion.
      const [only] = reads;
      return [execution.step, new Map(named.length > 0 || only === undefined ? named : [['champion', only] as const])];
    }),
  );
}

/**
 * The newest version of the model whose training differs in nothing but that no model was handed to it. Its own model step tells:
 * what it read besides the parent has the same content.
 */
export function scratchTwin({ registry }: Pick<Services, 'registry'>, version: ModelVersion): ModelVersion | undefined {
  const own = trainingParts({ registry }, version);
  if (own === undefined) return undefined;
  return registry.models.versions(version.model).findLast((other) => {
    if (other.version === version.version) return false;
    const parts = trainingParts({ registry }, other);
    return parts !== undefined && isFromZero(parts) && isSameBut(parts, own);
  });
}

/** The fingerprint parts of the step that wrote a version. */
function trainingParts({ registry: { runs } }: Pick<Services, 'registry'>, version: ModelVersion) {
  const writer = runs
    .executions(version.run)
    .find(({ id }) => runs.uses(id).writes.some((use) => use.path === version.path));
  return writer === undefined ? undefined : runs.partsOf(version.run).get(writer.step)?.parts;
}

const isFromZero = (parts: FingerprintParts): boolean =>
  Object.entries(parts).every(([key, value]) => !isParentPart(key) || value === NONE);

/** Whether two trainings read the same, apart from the models that they started from. */
export function isSameBut(parts: FingerprintParts, then: FingerprintParts): boolean {
  const own = (all: FingerprintParts): readonly string[] => Object.keys(all).filter((key) => !isParentPart(key));
  const keys = own(parts);
  return keys.length === own(then).length && keys.every((key) => parts[key] === then[key]);
}
