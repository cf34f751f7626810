import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import type { Artifact } from '../../domain/runs/artifact.js';
import { mapInParallel } from '../../domain/support/parallel.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { syncPath } from '../../platform/durable-files.js';
import { FILES_AT_ONCE, type Store } from '../layout.js';
import { type ManifestEntry, parseManifest, toManifest } from '../manifest.js';
import { damaged, readVerified } from '../verify.js';
import { type Staging, stageFile } from './stage-file.js';

/** Creates a durable folder from a stored manifest and verifies every byte. Throws Node's errors of writing. */
export async function stageFolder(
  store: Store,
  { hash, staged, isReadOnly }: Pick<Staging, 'hash' | 'staged' | 'isReadOnly'>,
): Promise<Result<Artifact, Failure>> {
  const text = await readVerified(store, store.manifestOf(hash), hash);
  if (!text.ok) return text;
  const entries = parseManifest(text.value.toString('utf8'));
  if (entries === undefined) return err(damaged(hash, 'a manifest that is none'));
  const folders = makeFolders(staged, entries);
  const files = entries.filter((entry) => 'size' in entry);
  const made = await mapInParallel(files, FILES_AT_ONCE, (entry) =>
    stageFile(store, {
      hash: entry.hash,
      staged: join(staged, entry.path),
      isExecutable: entry.isExecutable ?? false,
      isReadOnly,
    }),
  );
  if (!made.ok) return made;
  // Links are created last, so nothing is written through one.
  for (const entry of entries) if ('link' in entry) symlinkSync(entry.link, join(staged, entry.path));
  await mapInParallel(folders, FILES_AT_ONCE, async (folder) => ok(await syncPath(folder)));
  return ok(toManifest(entries).artifact);
}

/** Creates all folders that the entries need, including `staged`, and returns them. */
function makeFolders(staged: string, entries: readonly ManifestEntry[]): readonly string[] {
  const below = new Set<string>(['.']);
  for (const entry of entries) {
    let path = 'isEmptyFolder' in entry ? entry.path : dirname(entry.path);
    for (; !below.has(path); path = dirname(path)) below.add(path);
  }
  const folders = [...below].map((path) => join(staged, path));
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  return folders;
}
