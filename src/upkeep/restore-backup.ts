import type { Failure } from '../domain/failure.js';
import type { PipelineName } from '../domain/ids.js';
import type { Lock } from '../domain/ports/platform.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { toIso } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import { type Restored, restoredView } from './views/upkeep-view.js';

interface Dependencies extends Pick<Services, 'files' | 'locks' | 'clock'> {
  /** Puts the copy at an absolute path in place of the registry. */
  readonly restoreRegistry: (copy: string, label: string) => Promise<Result<Omit<Restored, 'path'>, Failure>>;
}

/**
 * Puts a copy in place of the registry, which may be damaged and is not opened. Fails with `busy` while a pipeline runs. What
 * was there is kept beside it.
 */
export async function restoreBackup(
  services: Dependencies,
  { path, waitMs }: { readonly path: string; readonly waitMs?: number },
): Promise<Result<View, Failure>> {
  const locks: Lock[] = [];
  try {
    for (const name of await lockedPipelines(services)) {
      const lock = await services.locks.lockPipeline(name, waitMs);
      if (!lock.ok) return lock;
      locks.push(lock.value);
    }
    const label = toIso(services.clock.now()).replaceAll(/[^0-9]/g, '');
    const restored = await services.restoreRegistry(`${services.files.root}/${path}`, label);
    if (!restored.ok) return restored;
    const { replaced } = restored.value;
    const below = replaced?.startsWith(`${services.files.root}/`)
      ? replaced.slice(services.files.root.length + 1)
      : replaced;
    return ok(restoredView({ ...restored.value, replaced: below, path }));
  } finally {
    for (const lock of locks) lock.release();
  }
}

/** Every pipeline that was ever locked here, by its lock file: the registry cannot be asked. */
const lockedPipelines = async ({ files }: Dependencies): Promise<readonly PipelineName[]> =>
  (await files.listFolder('.refit/locks')).flatMap((name) =>
    name.endsWith('.db') ? [name.slice(0, -'.db'.length) as PipelineName] : [],
  );
