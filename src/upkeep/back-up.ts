import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { backupView } from './views/upkeep-view.js';

/** Copies the registry consistently into one file. `path` is relative to the workspace root and may leave it. */
export async function backUpRegistry(
  services: Pick<Services, 'registry' | 'files'>,
  { path }: { readonly path: string },
): Promise<Result<View, Failure>> {
  const copied = await services.registry.upkeep.backup(`${services.files.root}/${path}`);
  return copied.ok ? ok(backupView({ path, ...copied.value, runs: services.registry.upkeep.counts().runs })) : copied;
}
