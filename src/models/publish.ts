import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { AliasMove, ModelVersion, PublishedManifest } from '../domain/model.js';
import type { PublishSpec } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';

export type Publishing = Pick<Services, 'files' | 'artifacts' | 'registry' | 'clock' | 'surroundings'>;

export interface PublishRequest {
  readonly version: ModelVersion;
  readonly spec?: PublishSpec;
  /** Everything of the move but where it starts and when. */
  readonly move: Omit<AliasMove, 'generation' | 'from' | 'movedAt' | 'actor' | 'model' | 'alias' | 'to' | 'toHash'>;
  readonly alias: string;
}

/**
 * Makes a version the one that an alias names, and where the pipeline publishes, the one served. See PUBLISH.md: stage
 * beside the target, rename, intent, symlink (the commit point), move. Every step can be interrupted.
 */
export async function publishVersion(
  services: Publishing,
  request: PublishRequest,
): Promise<Result<AliasMove, Failure>> {
  const { version, spec, alias } = request;
  const folder = spec === undefined ? undefined : await placeVersion(services, version, spec);
  if (folder !== undefined && !folder.ok) return folder;
  const { models } = services.registry;
  const current = models.alias(version.model, alias);
  const now = services.clock.now();
  const intent = models.openIntent({
    expectedGeneration: current?.generation ?? 0,
    openedAt: now,
    ...(spec === undefined || folder === undefined ? {} : { publishPath: spec.path, folder: folder.value }),
    move: {
      ...request.move,
      model: version.model,
      alias,
      to: version.version,
      toHash: version.hash,
      actor: services.surroundings.actor(),
      movedAt: now,
      ...(current === undefined ? {} : { from: current.to }),
    },
  });
  if (intent === undefined)
    return err({
      code: 'publish-conflict',
      model: version.model,
      expected: `generation ${current?.generation ?? 0}`,
      found: 'another publication in between',
    });
  if (spec !== undefined && folder !== undefined)
    await services.files.swapLink(`${spec.path}/current`, `versions/${folder.value}`);
  const move = models.commitIntent(intent, services.clock.now());
  if (spec !== undefined) await dropOldVersions(services, spec, move);
  return ok(move);
}

/** `<n>-<first eight of the hash>`: immutable, never written again. */
const folderName = (version: ModelVersion): string => `${version.version}-${version.hash.slice(0, 8)}`;

async function placeVersion(
  services: Publishing,
  version: ModelVersion,
  spec: Pick<PublishSpec, 'path'>,
): Promise<Result<string, Failure>> {
  const name = folderName(version);
  const final = `${spec.path}/versions/${name}`;
  if (await isIntact(services, version, final)) return ok(name);
  const staged = `${spec.path}/versions/.staging-${name}`;
  await services.files.remove(staged);
  await services.files.makeFolder(`${spec.path}/versions`);
  // a folder's content lies directly in the published folder, a file keeps its name in it
  const target = version.kind === 'folder' ? staged : `${staged}/${lastSegment(version.path)}`;
  const restored = await services.artifacts.restore(version.hash, target as WorkspacePath);
  if (!restored.ok) return restored;
  const written = await services.files.writeText(`${staged}/refit.json`, manifestText(version));
  if (!written.ok) return written;
  // readers may be in it: what is whole is not replaced
  if (await isSame(services, staged, final)) await services.files.remove(staged);
  else await services.files.move(staged, final);
  return ok(name);
}

/** What `refit.json` says in every published folder of this version. */
export function manifestText(version: ModelVersion): string {
  const manifest: PublishedManifest = {
    schema_version: 1,
    model: version.model,
    version: version.version,
    hash: version.hash,
    run: version.run,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

async function isSame({ artifacts }: Pick<Publishing, 'artifacts'>, a: string, b: string): Promise<boolean> {
  const found = await artifacts.hash([a as WorkspacePath, b as WorkspacePath]);
  const [one, other] = [found.get(a as WorkspacePath), found.get(b as WorkspacePath)];
  return one !== undefined && one.hash === other?.hash;
}

const lastSegment = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A retained folder may have been touched since: a rollback serves it only when its bytes are those registered. */
async function isIntact(services: Publishing, version: ModelVersion, folder: string): Promise<boolean> {
  if ((await services.files.stat(`${folder}/refit.json`)) === undefined || version.kind === 'folder') return false;
  const path = `${folder}/${lastSegment(version.path)}` as WorkspacePath;
  return (await services.artifacts.hash([path])).get(path)?.hash === version.hash;
}

/** Keeps the newest `keep` folders besides the one served, so that readers of the old path and a rollback find theirs. */
async function dropOldVersions(services: Publishing, spec: PublishSpec, move: AliasMove): Promise<void> {
  const names = (await services.files.listFolder(`${spec.path}/versions`)).filter((name) =>
    /^\d+-[0-9a-f]{8}$/.test(name),
  );
  const numberOf = (name: string): number => Number(name.split('-')[0]);
  const served = new Set([move.to, move.from]);
  const others = names.filter((name) => !served.has(numberOf(name))).sort((a, b) => numberOf(b) - numberOf(a));
  for (const name of others.slice(Math.max(0, spec.keep - 1)))
    await services.files.remove(`${spec.path}/versions/${name}`);
}

/** Puts the version that should serve where it is published, whole, and points `current` at it; no alias moves. */
export async function servePublished(
  services: Publishing,
  version: ModelVersion,
  path: WorkspacePath,
): Promise<Result<void, Failure>> {
  const placed = await placeVersion(services, version, { path });
  if (!placed.ok) return placed;
  await services.files.swapLink(`${path}/current`, `versions/${placed.value}`);
  return ok(undefined);
}
