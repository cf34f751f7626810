import { dirname } from 'node:path';
import { findRepository } from './find-repository.js';
import { openGitFolder } from './git-folder.js';
import { runGit } from './run-git.js';

/** Whether the repository in which a file lies tracks it. */
export async function isTracked(path: string, scratch: () => string): Promise<boolean> {
  const repository = findRepository(dirname(path));
  if (repository === undefined) return false;
  const env = await openGitFolder(repository, scratch());
  const listed = await runGit(['ls-files', '-z', '--', path], {
    use: 'reading',
    cwd: repository.top,
    env,
  });
  return listed.exitCode === 0 && listed.stdout !== '';
}
