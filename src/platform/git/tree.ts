import { isAtOrBelow } from '../../domain/support/paths.js';
import type { Repository } from './find-repository.js';
import { type GitUse, runGit } from './run-git.js';

export interface Copy {
  /** The folder whose part of the commit is copied: the workspace, or a submodule. */
  readonly root: string;
  readonly repository: Repository;
  readonly commit: string;
  readonly target: string;
  readonly paths?: readonly string[];
  readonly scratch: () => string;
  readonly signal: AbortSignal;
  readonly use: GitUse;
  readonly depth: number;
}

/** Any other text could be an option of git. */
const COMMIT = /^[0-9a-f]{40,64}$/;

/** Mode of a submodule in a tree. */
export const SUBMODULE = '160000';

export interface TreeEntry {
  /** `100644`, `100755`, `120000` for a link, `160000` for a submodule. */
  readonly mode: string;
  readonly object: string;
  /** From the folder that is copied. */
  readonly path: string;
}

/** The wanted files of a commit, and its submodules; `undefined` if git does not have the commit. */
export async function listTree({
  root,
  repository,
  commit,
  paths,
  use,
  env,
}: Pick<Copy, 'root' | 'repository' | 'commit' | 'paths' | 'use'> & {
  readonly env: Readonly<Record<string, string>>;
}): Promise<readonly TreeEntry[] | undefined> {
  if (!COMMIT.test(commit)) return undefined;
  const args = ['ls-tree', '-r', '-z', '--full-tree', `${commit}:${repository.below}`];
  const listed = await runGit(args, { use, cwd: root, env });
  if (listed.exitCode !== 0) return undefined;
  const isWanted = ({ mode, path }: TreeEntry): boolean =>
    paths === undefined || mode === SUBMODULE || paths.some((one) => isAtOrBelow(path, one));
  return listed.stdout
    .split('\0')
    .flatMap((line): readonly TreeEntry[] => {
      const [, mode, object, path] = /^(\d{6}) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
      return mode === undefined || object === undefined || path === undefined ? [] : [{ mode, object, path }];
    })
    .filter(isWanted);
}
