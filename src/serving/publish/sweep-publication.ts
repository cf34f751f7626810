import type { Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { onDisk } from '../../domain/support/world-failure.js';

/** Content that was staged, and links and pointers before their rename: a killed command left them. */
const STAGED = /^\.staging-/;
const HALF_WRITTEN = /^\.refit-(?:link|write)-/;

/**
 * Removes what a killed publication left half made. The caller holds the pipeline's lock, so nobody is making it now. Returns the
 * removed paths. What cannot be removed now is left for the next command: it harms nobody.
 */
export async function sweepPublication(
  { files }: Pick<Services, 'files'>,
  { model }: Pick<Pipeline, 'model'>,
): Promise<readonly string[]> {
  const leftovers = await halfMade({ files }, model?.publish?.path);
  const removed: string[] = [];
  for (const path of leftovers) if ((await onDisk(() => files.remove(path))).ok) removed.push(path);
  return removed;
}

/** What a publication has half made, or a killed one has left. */
export async function halfMade(
  { files }: Pick<Services, 'files'>,
  path: string | undefined,
): Promise<readonly string[]> {
  if (path === undefined) return [];
  const listed = await onDisk(async () => [
    ...(await files.listFolder(`${path}/versions`)).filter((name) => STAGED.test(name)).map((name) => `versions/${name}`),
    ...(await files.listFolder(path)).filter((name) => HALF_WRITTEN.test(name)),
  ]);
  return listed.ok ? listed.value.map((name) => `${path}/${name}`) : [];
}
