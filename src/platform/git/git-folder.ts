import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Repository, smallFile } from './find-repository.js';
import { runGit } from './run-git.js';

/** What git needs of a repository, and Git LFS for its objects. No settings and no hooks. */
const FOLDERS = ['objects', 'refs', 'reftable', 'lfs'];
const FILES = ['packed-refs', 'shallow'];
/** Of the folder `info`, which is shared by all work trees. */
const INFORMATION = ['exclude', 'attributes', 'sparse-checkout', 'grafts'];
/** Of the work tree. An index may be split in two files, the second with a hash in its name. */
const OF_THE_WORK_TREE = /^(index|sharedindex\.[0-9a-f]+)$/;

/**
 * A git folder of refit's own with links to the objects, branches and index of a repository. git reads the settings of this
 * folder instead of the repository's, which may name programs under keys that nobody can list (`filter.<any>.clean`).
 * Returns the environment for `runGit`.
 */
export async function openGitFolder(
  repository: Repository,
  scratch: string,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(scratch, 'repository-'));
  // git takes no folder for a repository whose HEAD is a link
  writeFileSync(join(folder, 'HEAD'), smallFile(join(repository.gitFolder, 'HEAD')) ?? '');
  const { commonFolder } = repository;
  for (const name of FOLDERS) link(join(commonFolder, name), join(folder, name), isFolder);
  for (const name of FILES) link(join(commonFolder, name), join(folder, name), isFile);
  mkdirSync(join(folder, 'info'));
  for (const name of INFORMATION) link(join(commonFolder, 'info', name), join(folder, 'info', name), isFile);
  for (const name of readdirSync(repository.gitFolder))
    if (OF_THE_WORK_TREE.test(name)) link(join(repository.gitFolder, name), join(folder, name), isFile);
  if (!existsSync(join(folder, 'refs'))) mkdirSync(join(folder, 'refs'));
  writeFileSync(join(folder, 'config'), await harmlessSettings(repository, signal));
  return { GIT_DIR: folder, GIT_WORK_TREE: repository.top };
}

/** git would wait for a pipe in the place of a file without end. What is no such file is not there for it. */
function link(from: string, to: string, isRight: (path: string) => boolean): void {
  if (isRight(from)) symlinkSync(from, to);
}

const WORD = /^[\w.-]*$/;

/** Settings that say how objects and the work tree are to be read. Their values are single words. */
const HARMLESS: Readonly<Record<string, RegExp>> = {
  'core.repositoryformatversion': WORD,
  'core.filemode': WORD,
  'core.symlinks': WORD,
  'core.ignorecase': WORD,
  'core.precomposeunicode': WORD,
  'core.autocrlf': WORD,
  'core.eol': WORD,
  'core.trustctime': WORD,
  'core.checkstat': WORD,
  'core.sparsecheckout': WORD,
  'core.sparsecheckoutcone': WORD,
  'index.sparse': WORD,
  'extensions.objectformat': WORD,
  'extensions.compatobjectformat': WORD,
  'extensions.refstorage': WORD,
};

async function harmlessSettings(
  { gitFolder, commonFolder }: Repository,
  signal: AbortSignal | undefined,
): Promise<string> {
  const files = [join(commonFolder, 'config'), join(gitFolder, 'config.worktree')].filter(isFile);
  const listed = await Promise.all(files.map((file) => settingsIn(file, signal)));
  return listed
    .flat()
    .filter(([key, value]) => HARMLESS[key]?.test(value) === true)
    .map(([key, value]) => `[${key.replace(/\..*/, '')}]\n\t${key.replace(/.*\./, '')} = "${value}"\n`)
    .join('');
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

async function settingsIn(
  file: string,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly [string, string])[]> {
  const args = ['config', '--file', file, '--no-includes', '--list', '-z'];
  const listed = await runGit(args, { use: 'reading', env: NO_REPOSITORY, signal });
  return listed.stdout
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [key = '', ...value] = entry.split('\n');
      // a key without a value is true
      return [key, value.length === 0 ? 'true' : value.join('\n')];
    });
}

/** git searches upwards from the current folder otherwise, and reads the settings it finds there. */
const NO_REPOSITORY = { GIT_DIR: '/dev/null' };
