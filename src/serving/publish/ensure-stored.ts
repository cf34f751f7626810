import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { AliasMove, ModelVersion } from '../../domain/models/model.js';
import type { Services } from '../../domain/ports/services.js';
import { baseName } from '../../domain/support/paths.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { removedBytes } from '../../models/removed-bytes.js';

type Dependencies = Pick<Services, 'registry' | 'artifacts' | 'files'>;

/** Whether the store has the bytes of a version: the file, or the list of the folder and each of its files. */
async function isStored({ artifacts }: Pick<Dependencies, 'artifacts'>, version: ModelVersion): Promise<boolean> {
  const members = version.kind === 'folder' ? await artifacts.members(version.hash) : [];
  const hashes = [...new Set([version.hash, ...(members ?? []).map(({ hash }) => hash)])];
  const found = new Set((await artifacts.upkeep.find(hashes)).map(({ hash }) => hash));
  return members !== undefined && hashes.every((hash) => found.has(hash));
}

/**
 * Whether a version that serves has lost its bytes. Those of an imported champion may never have been here, and those of a pulled
 * one may still be at the remote.
 */
export async function hasLostBytes(services: Dependencies, move: AliasMove, version: ModelVersion): Promise<boolean> {
  if (move.trigger === 'imported' || services.registry.upkeep.isElsewhere(version.hash)) return false;
  return !(await isStored(services, version));
}

/**
 * Makes sure that the store has the bytes of a version, because a champion is also compared, fetched and served from there. What
 * gc removed is stored again from a published folder that has the same bytes. Else it fails with `bytes-removed`, or with
 * `integrity` where the store should have them, or a remote has them.
 */
export async function ensureStored(services: Dependencies, version: ModelVersion): Promise<Result<void, Failure>> {
  if (await isStored(services, version)) return ok(undefined);
  for (const folder of publishedIn(services, version)) {
    const saved = await saveAgain(services, version, folder);
    if (!saved.ok || saved.value) return saved.ok ? ok(undefined) : saved;
  }
  return err(await absence(services, version));
}

const publishedIn = ({ registry }: Dependencies, { model, version }: ModelVersion): readonly string[] => [
  ...new Set(
    registry.upkeep
      .publications()
      .filter((one) => one.model === model && one.version === version)
      .map(({ path, folder }) => `${path}/versions/${folder}`),
  ),
];

/** False if the folder is not there, or has other bytes. */
async function saveAgain(
  { artifacts, files }: Dependencies,
  { kind, hash, path }: ModelVersion,
  folder: string,
): Promise<Result<boolean, Failure>> {
  const place = (kind === 'folder' ? folder : `${folder}/${baseName(path)}`) as WorkspacePath;
  if ((await files.stat(place)) === undefined) return ok(false);
  // The content of a folder lies beside the manifest.
  const saved = await artifacts.save(place, { without: kind === 'folder' ? 'refit.json' : undefined });
  return saved.ok ? ok(saved.value.hash === hash) : saved;
}

async function absence(services: Dependencies, version: ModelVersion): Promise<Failure> {
  const { registry } = services;
  const name = `${version.model}@${version.version}`;
  const removed = removedBytes(services, version.hash);
  if (removed !== undefined)
    return { code: 'bytes-removed', version: name, ...removed, others: await storedVersions(services, version) };
  return {
    code: 'integrity',
    what: `the bytes of ${name} in the store`,
    expected: version.hash,
    found: registry.upkeep.isElsewhere(version.hash)
      ? 'nothing: a remote has them, and no pull fetched them'
      : 'nothing',
    next: registry.upkeep.isElsewhere(version.hash)
      ? '"refit pull <remote> --all" fetches them'
      : '"refit doctor" says where a copy is; if a remote has them, "refit pull <remote> --all" fetches them',
  };
}

/** Versions of the model that served and whose bytes are in the store, newest first. */
export async function storedVersions(
  services: Dependencies,
  { model }: Pick<ModelVersion, 'model'>,
): Promise<readonly string[]> {
  const { models } = services.registry;
  const served = new Set(models.moves(model).map(({ to }) => to));
  const found: string[] = [];
  for (const one of [...models.versions(model)].reverse())
    if (served.has(one.version) && (await isStored(services, one))) found.push(`${model}@${one.version}`);
  return found;
}
