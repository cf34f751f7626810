import { lstatSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../domain/failure.js';
import type { ContentHash, WorkspacePath } from '../domain/ids.js';
import type { RestoreOptions } from '../domain/ports/artifacts.js';
import type { Artifact } from '../domain/runs/artifact.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { faultOfPlace } from '../platform/containment.js';
import { discard, syncPath } from '../platform/durable-files.js';
import { attempt, codeOf, unwritable } from './file-failures.js';
import { type Store, stagingFor, statOf } from './layout.js';
import { stageFile } from './saving/stage-file.js';
import { stageFolder } from './saving/stage-folder.js';
import { stagingName } from './strays.js';

/**
 * Puts stored content at `path`, complete and verified, or not at all. Replaces what was there, including extra files.
 */
export async function restore(
  store: Store,
  hash: ContentHash,
  path: WorkspacePath,
  { isReadOnly }: RestoreOptions = {},
): Promise<Result<Artifact, Failure>> {
  const fault = faultOfPlace(store.root, path);
  if (fault !== undefined) return err({ code: 'file-unwritable', path, reason: fault });
  const target = join(store.root, path);
  const failed = (code: string): Failure => unwritable(path, code);
  const places = await attempt(() => stagingFor(store, target), failed);
  if (!places.ok) return places;
  for (const staged of places.value) {
    const made = await attempt(() => restoreVia(store, hash, { staged, target, isReadOnly }), failed);
    if (!made.ok) return made;
    if (made.value !== 'other-device') return made.value;
  }
  return err(failed('EXDEV'));
}

interface Move {
  readonly staged: string;
  readonly target: string;
}

interface Restoring extends Move, RestoreOptions {}

async function restoreVia(
  store: Store,
  hash: ContentHash,
  { staged, target, isReadOnly }: Restoring,
): Promise<Result<Artifact, Failure> | 'other-device'> {
  try {
    const isFolder = statOf(store.manifestOf(hash)) !== undefined;
    const made = isFolder
      ? await stageFolder(store, { hash, staged, isReadOnly })
      : await stageFile(store, { hash, staged, isReadOnly });
    if (!made.ok) return made;
    if (!(await swapIn({ staged, target }))) return 'other-device';
    await syncPath(dirname(target));
    return ok(made.value);
  } finally {
    await discard(staged);
  }
}

/**
 * Swaps by one rename if both are files. A folder is first moved aside, because rename cannot replace one. False if on
 * another device.
 */
async function swapIn({ staged, target }: Move): Promise<boolean> {
  const there = lstatSync(target, { throwIfNoEntry: false });
  const isFolder = (there?.isDirectory() ?? false) || (there !== undefined && lstatSync(staged).isDirectory());
  const aside = isFolder ? stagingName(dirname(staged)) : undefined;
  try {
    if (aside !== undefined) renameSync(target, aside);
    moveOrUndo({ staged, target }, aside);
  } catch (error) {
    if (codeOf(error) === 'EXDEV') return false;
    throw error;
  }
  if (aside !== undefined) await discard(aside);
  return true;
}

function moveOrUndo({ staged, target }: Move, aside: string | undefined): void {
  try {
    renameSync(staged, target);
  } catch (error) {
    if (aside !== undefined) renameSync(aside, target);
    throw error;
  }
}
