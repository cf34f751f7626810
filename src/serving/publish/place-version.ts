import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { ModelVersion } from '../../domain/models/model.js';
import type { Services } from '../../domain/ports/services.js';
import { baseName } from '../../domain/support/paths.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { orUnwritable } from './or-unwritable.js';
import { folderName, manifestText } from './published-files.js';

export type Placing = Pick<Services, 'files' | 'artifacts'>;

/** Upper limit of folders for one version. If all of them were changed, something changes them as they are made. */
const MOST_ATTEMPTS = 100;

/**
 * Puts a version's bytes and `refit.json` into a folder of `versions/` that is never written again: staged beside it,
 * checked against the registered hash, every file fsynced, then renamed. An intact folder is reused. A changed folder
 * is moved away, unless it is being served: then the version gets another folder. Returns the folder's name.
 */
export async function placeVersion(
  services: Placing,
  version: ModelVersion,
  publishPath: string,
): Promise<Result<string, Failure>> {
  const fault = services.files.faultOfOutput(publishPath);
  if (fault !== undefined) return err({ code: 'file-unwritable', path: publishPath, reason: fault });
  const versions = `${publishPath}/versions`;
  const leadsTo = await services.files.readLink(versions);
  if (leadsTo !== undefined) return err({ code: 'file-unwritable', path: versions, reason: linkReason(leadsTo) });
  const staged = `${versions}/.staging-${folderName(version, 1)}`;
  return orUnwritable(versions, async () => {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const name = folderName(version, attempt);
      const final = `${versions}/${name}`;
      const isLink = (await services.files.readLink(final)) !== undefined;
      const isThere = isLink || (await services.files.stat(final)) !== undefined;
      if (isThere && !isLink && version.kind === 'file' && (await isIntactFile(services, version, final)))
        return ok(name);
      const made = await stage(services, version, staged);
      if (!made.ok) return made;
      const isWhole = isThere && !isLink && version.kind === 'folder' && (await isSame(services, staged, final));
      const isServing = (await services.files.readLink(`${publishPath}/current`)) === `versions/${name}`;
      if (isWhole) await services.files.remove(staged);
      if (isWhole) return ok(name);
      if (isServing && isThere) continue;
      // Moves aside a changed folder that "current" does not point to.
      if (isThere) await services.files.move(final, `${versions}/.changed-${name}`);
      await services.files.move(staged, final);
      return ok(name);
    }
    return err({
      code: 'integrity',
      what: `the published folders of ${version.model}@${version.version}`,
      expected: version.hash,
      found: 'other content in each',
      next: `find what writes below ${versions}, and remove the changed folders`,
    });
  });
}

const linkReason = (leadsTo: string): string =>
  `it is a link to ${leadsTo}, and versions lie in a folder of their own: remove the link, or make "publish.path" the link instead`;

async function stage(services: Placing, version: ModelVersion, staged: string): Promise<Result<void, Failure>> {
  await services.files.remove(staged);
  await services.files.makeFolderDurably(staged.slice(0, staged.lastIndexOf('/')));
  // The content of a folder goes directly into the published folder. A file keeps its name.
  const target = version.kind === 'folder' ? staged : `${staged}/${baseName(version.path)}`;
  const restored = await services.artifacts.restore(version.hash, target as WorkspacePath, { isReadOnly: true });
  if (!restored.ok) return restored;
  return services.files.writeText(`${staged}/refit.json`, manifestText(version));
}

async function isSame({ artifacts }: Placing, a: string, b: string): Promise<boolean> {
  const found = await artifacts.hash([a as WorkspacePath, b as WorkspacePath]);
  const [one, other] = [found.get(a as WorkspacePath), found.get(b as WorkspacePath)];
  return one !== undefined && one.hash === other?.hash;
}

/** Whether the published folder of a single file holds only that file, as registered, and its `refit.json`. */
async function isIntactFile(services: Placing, version: ModelVersion, folder: string): Promise<boolean> {
  const name = baseName(version.path);
  const names = await services.files.listFolder(folder);
  if (names.length !== 2 || !names.includes(name) || !names.includes('refit.json')) return false;
  const manifest = await services.files.readText(`${folder}/refit.json`);
  if (!manifest.ok || manifest.value !== manifestText(version)) return false;
  const path = `${folder}/${name}` as WorkspacePath;
  return (await services.artifacts.hash([path])).get(path)?.hash === version.hash;
}

/** Whether a published folder is unchanged. */
export const isIntact = (services: Placing, version: ModelVersion, folder: string): Promise<boolean> =>
  version.kind === 'file' ? isIntactFile(services, version, folder) : holdsVersion(services, version, folder);

/** Whether a folder anywhere holds the version and its `refit.json`, and nothing else. */
export async function holdsVersion(services: Placing, version: ModelVersion, folder: string): Promise<boolean> {
  const scratch = await services.files.makeScratch('published');
  try {
    const made = await stage(services, version, `${scratch}/copy`);
    return made.ok && (await isSame(services, `${scratch}/copy`, folder));
  } finally {
    await services.files.remove(scratch);
  }
}
