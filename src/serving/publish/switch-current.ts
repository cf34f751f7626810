import type { Failure } from '../../domain/failure.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { orUnwritable } from './or-unwritable.js';

/**
 * Points the link `current` of a published path at a version's folder, in one rename: from then on that version is the one
 * served. Fails with `file-unwritable`.
 */
export function switchCurrent(
  { files }: Pick<Services, 'files'>,
  path: string,
  folder: string,
): Promise<Result<void, Failure>> {
  const link = `${path}/current`;
  return orUnwritable(link, async () => ok(await files.swapLink(link, `versions/${folder}`)));
}
