import { join } from 'node:path';
import type { Tracked } from '../../domain/ports/git.js';
import { findRepository, findSubmodule, type Repository } from './find-repository.js';
import { openGitFolder } from './git-folder.js';
import { listTree, SUBMODULE } from './tree.js';

/**
 * The files of the workspace that a commit holds, and those that the commits of its submodules hold if asked for. Empty if git does
 * not have the commit.
 */
export async function trackedFiles(
  root: string,
  { commit, withSubmodules }: Tracked,
  scratch: () => string,
): Promise<ReadonlySet<string>> {
  const repository = findRepository(root);
  if (repository === undefined) return new Set();
  return new Set(await filesOf({ root, repository, commit, scratch, withSubmodules }));
}

interface Asked {
  readonly root: string;
  readonly repository: Repository;
  readonly commit: string;
  readonly scratch: () => string;
  readonly withSubmodules: boolean;
}

async function filesOf({ root, repository, commit, scratch, withSubmodules }: Asked): Promise<readonly string[]> {
  const env = await openGitFolder(repository, scratch());
  const entries = (await listTree({ root, repository, commit, use: 'reading', env })) ?? [];
  const files = entries.filter(({ mode }) => mode !== SUBMODULE).map(({ path }) => path);
  if (!withSubmodules) return files;
  for (const { path, object } of entries.filter(({ mode }) => mode === SUBMODULE)) {
    const inside = join(root, path);
    const submodule = findSubmodule(inside);
    if (submodule === undefined) continue;
    const theirs = await filesOf({ root: inside, repository: submodule, commit: object, scratch, withSubmodules });
    for (const file of theirs) files.push(`${path}/${file}`);
  }
  return files;
}
