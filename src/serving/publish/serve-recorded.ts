import type { Failure } from '../../domain/failure.js';
import type { AliasMove, ModelVersion } from '../../domain/models/model.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { placeVersion } from './place-version.js';
import { type Publishing, writePointer } from './publish.js';
import { folderName, manifestText, pointerText, publishedFolders } from './published-files.js';
import { switchCurrent } from './switch-current.js';

/**
 * Restores the published state of an alias to what the registry says: intact bytes, the link, and the pointer. Moves no
 * alias. The ledger records the differences `found`, each a sentence.
 */
export async function servePublished(
  services: Publishing,
  version: ModelVersion,
  { path, alias, found }: { readonly path: string; readonly alias: string; readonly found: readonly string[] },
): Promise<Result<void, Failure>> {
  const placed = await placeVersion(services, version, path);
  if (!placed.ok) return placed;
  const before = await services.files.readLink(`${path}/current`);
  if (before !== `versions/${placed.value}`) {
    const swapped = await switchCurrent(services, path, placed.value);
    if (!swapped.ok) return swapped;
    await setAside(services, version, path, before);
  }
  const { models } = services.registry;
  const generation = models.alias(version.model, alias)?.generation ?? 0;
  await writePointer(services, { version, path, folder: placed.value, generation });
  const at = services.clock.now();
  models.recordRepair({ version, hash: version.hash, actor: services.surroundings.actor(), found, at });
  return ok(undefined);
}

/**
 * Serves a version that was promoted on another machine: its bytes, the link and the pointer. False if it is served
 * here already. The ledger records a move, not a repair.
 */
export async function servePulled(
  services: Publishing,
  version: ModelVersion,
  { path, move }: { readonly path: string; readonly move: AliasMove },
): Promise<Result<boolean, Failure>> {
  const before = await services.files.readLink(`${path}/current`);
  const [serving] = publishedFolders([before?.slice('versions/'.length) ?? '']);
  const isServed =
    serving !== undefined &&
    serving.name === folderName(version, serving.attempt) &&
    (await services.files.stat(`${path}/${before}`)) !== undefined &&
    !(await isOfAnotherRun(services, version, `${path}/${before}`));
  const placed = isServed ? ok(serving.name) : await placeVersion(services, version, path);
  if (!placed.ok) return placed;
  const folder = placed.value;
  const swapped = isServed ? ok(undefined) : await switchCurrent(services, path, folder);
  if (!swapped.ok) return swapped;
  // a pull that was killed after the swap left no record
  const isRecorded =
    isServed && (!services.registry.models.isPulled(move) || isServingRecorded(services, version, path));
  if (!isRecorded) services.registry.models.recordServed(move, { path, folder, at: services.clock.now() });
  const { generation } = move;
  const pointer = await services.files.readText(`${path}/current.json`);
  if (!pointer.ok || pointer.value !== pointerText(version, folder, generation))
    await writePointer(services, { version, path, folder, generation });
  return ok(!isServed);
}

/** Whether a version of another run, with the same bytes, was published here under the number that this one has now. */
async function isOfAnotherRun({ files, registry }: Publishing, version: ModelVersion, folder: string) {
  const manifest = await files.readText(`${folder}/refit.json`);
  const twins = registry.models.withHash(version.hash).filter(({ run }) => run !== version.run);
  return manifest.ok && twins.some(({ run }) => manifest.value === manifestText({ ...version, run }));
}

/** Whether the registry knows that the version was published at this path. */
export const isServingRecorded = (
  { registry }: Pick<Services, 'registry'>,
  { model, version }: Pick<ModelVersion, 'model' | 'version'>,
  path: string,
): boolean =>
  registry.upkeep.publications().some((one) => one.model === model && one.version === version && one.path === path);

/** Keeps a changed folder for inspection until the next publication, after the version was placed in another one. */
async function setAside({ files }: Publishing, version: ModelVersion, path: string, before: string | undefined) {
  const name = before?.slice('versions/'.length) ?? '';
  const [was] = publishedFolders([name]);
  if (was?.version !== version.version || (await files.stat(`${path}/versions/${name}`)) === undefined) return;
  await files.move(`${path}/versions/${name}`, `${path}/versions/.changed-${name}`);
}
