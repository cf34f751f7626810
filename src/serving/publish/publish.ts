import type { Failure } from '../../domain/failure.js';
import type { IntentId } from '../../domain/ids.js';
import type { AliasMove, HookName, ModelVersion } from '../../domain/models/model.js';
import type { PublishSpec } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { onDisk, worldFailure } from '../../domain/support/world-failure.js';
import { ensureStored } from './ensure-stored.js';
import { placeVersion } from './place-version.js';
import { pointerText, publishedFolders } from './published-files.js';
import { halfMade } from './sweep-publication.js';
import { switchCurrent } from './switch-current.js';

export type Publishing = Pick<Services, 'files' | 'artifacts' | 'registry' | 'clock' | 'surroundings' | 'emit'>;

export interface PublishRequest {
  readonly version: ModelVersion;
  readonly spec?: PublishSpec;
  /** The fields of the move that the caller knows. Its start and time are added. */
  readonly move: Omit<AliasMove, 'generation' | 'from' | 'movedAt' | 'actor' | 'model' | 'alias' | 'to' | 'toHash'>;
  readonly alias: string;
}

/**
 * Makes a version the one that an alias names and, if the pipeline publishes, the one served. Stages beside the target,
 * renames, records the intent, swaps the symlink (the commit point), writes the pointer, records the move. Every step
 * can be interrupted. See PUBLISH.md.
 */
export async function publishVersion(
  services: Publishing,
  request: PublishRequest,
): Promise<Result<AliasMove, Failure>> {
  const { version, spec } = request;
  const stored = await ensureStored(services, version);
  if (!stored.ok) return stored;
  const placed = spec === undefined ? ok(undefined) : await placeVersion(services, version, spec.path);
  if (!placed.ok) return placed;
  const opened = openIntent(services, request, placed.value);
  if (!opened.ok) return opened;
  const { intent, generation } = opened.value;
  if (spec === undefined || placed.value === undefined) return ok(commit(services, intent));
  const before = await services.files.readLink(`${spec.path}/current`);
  const swapped = await swap(services, spec, placed.value, intent);
  if (!swapped.ok) return swapped;
  await writePointer(services, { version, path: spec.path, folder: placed.value, generation });
  const move = commitServed(services, intent, `${spec.path}/current serves ${version.model}@${version.version}`);
  const dropped = await onDisk(() => dropOldVersions(services, spec, [`versions/${placed.value}`, before ?? '']));
  if (!dropped.ok) warnOfOldVersions(services, spec);
  return ok(move);
}

function warnOfOldVersions({ emit }: Publishing, { path }: PublishSpec): void {
  const text = `old versions below ${path}/versions could not be removed: the next publication removes them`;
  emit({ type: 'warning', code: 'old-versions-kept', text });
}

/** The link is swapped: what serves now is said even if the registry cannot be written. */
function commitServed(services: Publishing, intent: IntentId, served: string): AliasMove {
  try {
    return commit(services, intent);
  } catch (error) {
    if (worldFailure(error) !== undefined) {
      const text = `${served} already, and the registry could not record it: the next command that writes there does`;
      services.emit({ type: 'warning', code: 'interrupted-publish', text });
    }
    throw error;
  }
}

const commit = ({ registry, clock }: Publishing, intent: IntentId): AliasMove =>
  registry.models.commitIntent(intent, clock.now());

/** The hooks that a pipeline declares, in the order in which they run. */
export const hooksOf = (spec: PublishSpec | undefined): readonly HookName[] => [
  ...(spec?.deploy === undefined ? [] : (['deploy'] as const)),
  ...(spec?.verify === undefined ? [] : (['verify'] as const)),
];

function openIntent(
  services: Publishing,
  { version, spec, alias, move }: PublishRequest,
  folder: string | undefined,
): Result<{ readonly intent: IntentId; readonly generation: number }, Failure> {
  const { models } = services.registry;
  const current = models.alias(version.model, alias);
  const expectedGeneration = models.lastGeneration(version.model, alias);
  const now = services.clock.now();
  const intent = models.openIntent({
    expectedGeneration,
    openedAt: now,
    hooks: hooksOf(spec),
    ...(spec === undefined || folder === undefined ? {} : { publishPath: spec.path, folder }),
    move: {
      ...move,
      model: version.model,
      alias,
      to: version.version,
      toHash: version.hash,
      actor: services.surroundings.actor(),
      movedAt: now,
      from: current === undefined ? undefined : current.to,
    },
  });
  if (intent !== undefined) return ok({ intent, generation: expectedGeneration + 1 });
  return err({
    code: 'publish-conflict',
    model: version.model,
    expected: `generation ${expectedGeneration}`,
    found: 'another publication in between',
  });
}

/**
 * Swaps the link: the commit point. If the swap reports an error, the link tells whether it happened anyway; if not,
 * the intent is aborted.
 */
async function swap(
  services: Publishing,
  spec: PublishSpec,
  folder: string,
  intent: IntentId,
): Promise<Result<void, Failure>> {
  const done = await switchCurrent(services, spec.path, folder);
  const leadsTo = await services.files.readLink(`${spec.path}/current`);
  if (done.ok || leadsTo === `versions/${folder}`) return ok(undefined);
  services.registry.models.abortIntent(intent, services.clock.now(), 'the link could not be swapped');
  return done;
}

/**
 * Writes `current.json`, for readers that cannot follow links. If it cannot be written, the version serves nevertheless,
 * `current.json` is out of date, and status reports it.
 */
export async function writePointer(
  services: Pick<Services, 'files' | 'emit'>,
  published: {
    readonly version: ModelVersion;
    readonly path: string;
    readonly folder: string;
    readonly generation: number;
  },
): Promise<void> {
  const { version, path, folder, generation } = published;
  const written = await services.files.writeText(`${path}/current.json`, pointerText(version, folder, generation));
  if (written.ok) return;
  const text = `${path}/current.json could not be written: it still names the version before`;
  services.emit({ type: 'warning', code: 'pointer-stale', text });
}

/**
 * Keeps the newest `keep` versions besides the one served, for readers of the old path and for rollbacks. Of a version
 * with several folders it keeps the newest. Also removes what a killed command left half made.
 */
async function dropOldVersions({ files }: Publishing, spec: PublishSpec, inUse: readonly string[]): Promise<void> {
  const names = await files.listFolder(`${spec.path}/versions`);
  const folders = [...publishedFolders(names)].sort((a, b) => b.version - a.version || b.attempt - a.attempt);
  const isUsed = (name: string): boolean => inUse.includes(`versions/${name}`);
  const used = new Set(folders.filter((one) => isUsed(one.name)).map((one) => one.version));
  const others = folders.filter((one) => !used.has(one.version));
  const newest = [...new Set(others.map((one) => one.version))].slice(0, Math.max(0, spec.keep - 1));
  const kept = (one: (typeof folders)[number]): boolean =>
    isUsed(one.name) ||
    (newest.includes(one.version) && others.find((other) => other.version === one.version)?.name === one.name);
  for (const one of folders) if (!kept(one)) await files.remove(`${spec.path}/versions/${one.name}`);
  for (const name of names.filter((one) => one.startsWith('.changed-')))
    await files.remove(`${spec.path}/versions/${name}`);
  for (const path of await halfMade({ files }, spec.path)) await files.remove(path);
}
