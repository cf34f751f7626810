import { partOf } from '../../data/windows/profile-window.js';
import type { Failure } from '../../domain/failure.js';
import type { Services } from '../../domain/ports/services.js';
import { ok, type Result } from '../../domain/support/result.js';
import { type PartsRequest, profileIn } from './request.js';

export interface PartsRead {
  readonly read: readonly string[];
  /** Files that could not be read. Whoever asked reads them again, and reports why. */
  readonly left: readonly { readonly path: string; readonly code: Failure['code'] }[];
}

/** The work of one job: profiles its share of the files of a window, one by one, each into a file beside the request. */
export async function profileParts(
  services: Pick<Services, 'files' | 'datasets'>,
  request: string,
  job: number,
): Promise<Result<PartsRead, Failure>> {
  const text = await services.files.readText(request);
  if (!text.ok) return text;
  // Written by refit a moment ago, in a folder that only the owner of the workspace may write.
  const { paths, jobs, timeColumn, types, reference }: PartsRequest = JSON.parse(text.value);
  const folder = request.slice(0, request.lastIndexOf('/'));
  const done: { read: string[]; left: PartsRead['left'][number][] } = { read: [], left: [] };
  for (const [place, path] of paths.entries()) {
    if (place % jobs !== job) continue;
    services.datasets.allow([path]);
    const source = partOf(path, { timeColumn, types: types === undefined ? undefined : new Map(types) });
    const profile = await services.datasets.profile(source, reference);
    if (!profile.ok) {
      done.left.push({ path, code: profile.error.code });
      continue;
    }
    const written = await services.files.writeText(profileIn(folder, place), JSON.stringify(profile.value));
    if (!written.ok) return written;
    done.read.push(path);
  }
  return ok(done);
}
