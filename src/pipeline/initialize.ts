import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { type Language, starterFiles } from './init-template.js';
import { initView } from './views/init-view.js';

/**
 * Writes the starter pipeline into the workspace. `folder` is the workspace as the caller named it. Existing files are
 * never overwritten.
 */
export async function initialize(
  services: Pick<Services, 'files'>,
  { language, folder }: { readonly language: Language; readonly folder: string },
): Promise<Result<View, Failure>> {
  const files = Object.entries(starterFiles(language));
  for (const [path] of files)
    if ((await services.files.stat(path)) !== undefined)
      return err({
        code: 'usage',
        problem: `${path} exists already`,
        next: 'nothing was written; choose another folder, or run it: refit run hello',
      });
  for (const [path, text] of files) {
    const written = await services.files.writeText(path, text);
    if (!written.ok) return written;
  }
  return ok(
    initView(
      files.map(([path]) => path),
      folder,
    ),
  );
}
