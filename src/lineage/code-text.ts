import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { Services } from '../domain/ports/services.js';
import type { ArtifactUse } from '../domain/runs/artifact.js';
import type { Run } from '../domain/runs/run.js';
import { isOwnPlace } from '../models/parents.js';

type Dependencies = Pick<Services, 'files' | 'artifacts' | 'git' | 'registry'>;

/** A code file that a run read. */
export interface CodeFile {
  readonly path: string;
  readonly hash: ContentHash;
}

/** Hashes by path of the code of a run: files that it read, that no step made and no dataset contains. Folders are expanded. */
export async function codeOf(services: Dependencies, run: Run): Promise<ReadonlyMap<string, ContentHash>> {
  const { runs } = services.registry;
  const uses = runs.executions(run.id).map((execution) => runs.uses(execution.id));
  const made = new Set(uses.flatMap(({ writes }) => writes.map((use) => use.path as string)));
  const read = uses
    .flatMap(({ reads }) => reads)
    .filter((use) => use.dataset === undefined && !made.has(use.path) && !isOwnPlace(use.path));
  const files = new Map<string, ContentHash>();
  for (const use of read) for (const file of await filesOf(services, use)) files.set(file.path, file.hash);
  return files;
}

async function filesOf({ artifacts }: Dependencies, use: ArtifactUse): Promise<readonly CodeFile[]> {
  const members = use.artifact.kind === 'folder' ? await artifacts.members(use.artifact.hash) : undefined;
  return members === undefined
    ? [{ path: use.path, hash: use.artifact.hash }]
    : members.map((member) => ({ path: `${use.path}/${member.path}`, hash: member.hash }));
}

/** Larger files are treated as data, not code, and their text is not shown. */
const MOST_BYTES = 1_000_000;

/** Texts by path as the run saw them, from the workspace, the store or git. Files that none of them has are left out. */
export async function textsOf(
  services: Dependencies,
  run: Run,
  files: readonly CodeFile[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const now = await services.artifacts.hash(files.map((file) => file.path as WorkspacePath));
  const missing: CodeFile[] = [];
  for (const file of files) {
    const isHere = now.get(file.path as WorkspacePath)?.hash === file.hash;
    const text = isHere
      ? await textAt(services, file.path)
      : (await services.artifacts.has(file.hash))
        ? await storedText(services, file.hash)
        : undefined;
    if (text === undefined) missing.push(file);
    else texts.set(file.path, text);
  }
  for (const [path, text] of await textsFromGit(services, run, missing)) texts.set(path, text);
  return texts;
}

async function textAt({ files }: Dependencies, path: string): Promise<string | undefined> {
  const stat = await files.stat(path);
  if (stat?.kind !== 'file' || stat.size > MOST_BYTES) return undefined;
  const text = await files.readText(path);
  return text.ok ? text.value : undefined;
}

async function storedText({ artifacts }: Dependencies, hash: ContentHash): Promise<string | undefined> {
  const text = await artifacts.readText(hash);
  return text.ok && text.value.length <= MOST_BYTES ? text.value : undefined;
}

async function textsFromGit(
  services: Dependencies,
  { code }: Run,
  files: readonly CodeFile[],
): Promise<readonly (readonly [string, string])[]> {
  if (code.commit === undefined || files.length === 0) return [];
  const scratch = await services.files.makeScratch('code');
  try {
    const diff = code.diff === undefined ? undefined : await services.artifacts.readText(code.diff);
    const checkedOut = await services.git.checkOut({
      commit: code.commit,
      folder: scratch,
      paths: files.map((file) => file.path),
      ...(diff?.ok ? { diffText: diff.value } : {}),
    });
    if (!checkedOut.ok) return [];
    const found: (readonly [string, string])[] = [];
    for (const file of files) {
      const path = `${scratch}/${file.path}` as WorkspacePath;
      // The hash differs if the patch does not match the commit or git changed line endings.
      if ((await services.artifacts.hash([path])).get(path)?.hash !== file.hash) continue;
      const text = await textAt(services, path);
      if (text !== undefined) found.push([file.path, text]);
    }
    return found;
  } finally {
    await services.files.remove(scratch);
  }
}
