import { createHash } from 'node:crypto';
import type { ContentHash, ModelName, RunId, StepName, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { FingerprintParts } from '../domain/pipeline/plan.js';
import type { ExecutionUse } from '../domain/ports/records/run-records.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { BaseData, Parent, RunParents, StepParents } from '../domain/runs/parents.js';
import type { Run } from '../domain/runs/run.js';
import { baseName } from '../domain/support/paths.js';
import { type Instant, parseInstant } from '../domain/support/time.js';
import { CHAMPION } from './champion.js';

const FOLDER = '.refit/parents';

const EARLIER = '.refit/earlier';

const NEW = '.refit/new';

const parentsFolder = (model: ModelName): string => `${FOLDER}/${model}`;

/** What is put in place for the steps of a pipeline while it runs. */
export const placedFolders = (model: ModelName): readonly string[] => [
  parentsFolder(model),
  `${EARLIER}/${model}`,
  `${NEW}/${model}`,
];

/**
 * Where a step finds the model that it starts from. It names the content and not the version, because a merge of two registries
 * can give versions other numbers.
 */
export const parentPlace = (model: ModelName, { hash, path }: Pick<ModelVersion, 'hash' | 'path'>): WorkspacePath =>
  `${parentsFolder(model)}/${hash.slice(0, 16)}/${baseName(path)}` as WorkspacePath;

/** Whether a step that read this path started from a model. */
export const isParentPlace = (path: string): boolean => path.startsWith(`${FOLDER}/`);

/** Where a step finds earlier bytes of a file that has changed since. */
export const earlierPlace = (model: ModelName, path: string, hash: ContentHash): WorkspacePath =>
  `${EARLIER}/${model}/${hash.slice(0, 16)}/${baseName(path)}` as WorkspacePath;

/** Where a step finds the new rows of a file: the same place in every run, because the path is a word of its command. */
export function newRowsPlace(
  model: ModelName,
  { step, dataset, source }: { readonly step: StepName; readonly dataset: string; readonly source: WorkspacePath },
): WorkspacePath {
  const key = createHash('sha256')
    .update(JSON.stringify([step, dataset, source]))
    .digest('hex')
    .slice(0, 16);
  return `${NEW}/${model}/${key}/${baseName(source)}` as WorkspacePath;
}

/** Whether a step read it through refit: a model that it started from, or earlier bytes of its data. */
export const isOwnPlace = (path: string): boolean =>
  isParentPlace(path) || path.startsWith(`${EARLIER}/`) || path.startsWith(`${NEW}/`);

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
function parentUses({ registry }: Pick<Services, 'registry'>, run: RunId): readonly ArtifactUse[] {
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

/** The files of a dataset that a run read, with the cut. None if no step of it read the dataset. */
export function baseData({ registry: { runs } }: Pick<Services, 'registry'>, run: RunId, dataset: string): BaseData {
  const files = new Map<WorkspacePath, ContentHash>();
  let [since, until]: (Instant | undefined)[] = [];
  for (const { parts } of runs.partsOf(run).values())
    for (const [key, value] of Object.entries(parts)) {
      if (key.startsWith(`dataset:${dataset}:`))
        files.set(key.slice(`dataset:${dataset}:`.length) as WorkspacePath, value as ContentHash);
      if (key !== `dataset-cut:${dataset}`) continue;
      const [from = '', to = ''] = value.split('..');
      since = parseInstant(from) ?? since;
      until = parseInstant(to) ?? until;
    }
  return { files: [...files].map(([path, hash]) => ({ path, hash })), since, until };
}

const PART = 'parent:';
const NONE = 'none';

/** The fingerprint parts of what a step starts from: content, or that no version served. */
export const parentParts = (parents: StepParents): FingerprintParts =>
  Object.fromEntries(
    [...parents].flatMap(([name, parent]) => [
      [`${PART}${name}`, parent?.artifact.hash ?? NONE],
      // Two versions of the same bytes may have had other data.
      ...(parent?.base === undefined ? [] : [[`${PART}${name} rows`, hashOf(parent.base)]]),
    ]),
  );

const hashOf = ({ files, since, until }: BaseData): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        files.map((one) => [one.path, one.hash]).sort(),
        until ?? null,
        ...(since === undefined ? [] : [since]),
      ]),
    )
    .digest('hex');

const isParentPart = (key: string): boolean => key.startsWith(PART);

/** What the steps of a run started from, as recorded. */
export function recordedParents(services: Pick<Services, 'registry'>, run: RunId): RunParents {
  const { runs } = services.registry;
  const started = runs.get(run);
  const parts = runs.partsOf(run);
  return new Map(
    runs.executions(run).map((execution) => {
      const reads = runs.uses(execution.id).reads.filter((use) => isParentPlace(use.path));
      const known = Object.entries(parts.get(execution.step)?.parts ?? {}).filter(([key]) => isParentPart(key));
      const named = known.flatMap(([key, hash]): readonly (readonly [string, Parent | undefined])[] => {
        const name = key.slice(PART.length);
        if (name.endsWith(' rows')) return [];
        const use = reads.find((one) => one.artifact.hash === hash);
        return [[name, use === undefined || started === undefined ? use : withBase(services, name, use, started)]];
      });
      // A step without inputs has no fingerprint, and mostly starts from the champion.
      const [only] = reads;
      return [execution.step, new Map(named.length > 0 || only === undefined ? named : [['champion', only] as const])];
    }),
  );
}

/** The value that stands for rows also needs to know which the version had. */
function withBase(services: Pick<Services, 'registry'>, name: string, use: ArtifactUse, run: Run): Parent {
  if (!name.startsWith('window.new')) return use;
  const version = parentVersion(services, use, run);
  const datasets = new Set(
    services.registry.runs
      .executions(run.id)
      .flatMap(({ id }) => services.registry.runs.uses(id).reads.flatMap((one) => one.dataset ?? [])),
  );
  const dataset = name === 'window.new' ? [...datasets][0] : name.slice('window.new.'.length);
  if (version === undefined || dataset === undefined) return use;
  return { ...use, base: baseData(services, version.run, dataset) };
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
