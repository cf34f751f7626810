import { join } from 'node:path';
import { findRepository, findSubmodule, type Repository } from './find-repository.js';
import { openGitFolder } from './git-folder.js';
import { listTree, SUBMODULE } from './tree.js';

/** The files of the workspace that a commit and the commits of its submodules hold. Empty if git does not have the commit. */
export async function trackedFiles(root: string, commit: string, scratch: () => string): Promise<ReadonlySet<string>> {
  const repository = findRepository(root);
  return new Set(repository === undefined ? [] : await filesOf({ root, repository, commit, scratch }));
}

interface Asked {
  readonly root: string;
  readonly repository: Repository;
  readonly commit: string;
  readonly scratch: () => string;
}

async function filesOf({ root, repository, commit, scratch }: Asked): Promise<readonly string[]> {
  const env = await openGitFolder(repository, scratch());
  const entries = (await listTree({ root, repository, commit, use: 'reading', env })) ?? [];
  const files = entries.filter(({ mode }) => mode !== SUBMODULE).map(({ path }) => path);
  for (const { path, object } of entries.filter(({ mode }) => mode === SUBMODULE)) {
    const inside = join(root, path);
    const submodule = findSubmodule(inside);
    if (submodule === undefined) continue;
    const theirs = await filesOf({ root: inside, repository: submodule, commit: object, scratch });
    for (const file of theirs) files.push(`${path}/${file}`);
  }
  return files;
}
