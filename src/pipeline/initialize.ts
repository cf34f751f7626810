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
  const ignored = await ignoreMade(services);
  if (!ignored.ok) return ignored;
  return ok(initView([...files.map(([path]) => path), ...ignored.value], folder));
}

const IGNORE = '.gitignore';

/** What runs make. A checkout that put old files there would change what serves. */
const MADE = ['/work/', '/serving/'];

/** Adds what is missing to `.gitignore`. Returns the file if it was written. */
async function ignoreMade({ files }: Pick<Services, 'files'>): Promise<Result<readonly string[], Failure>> {
  const isThere = (await files.stat(IGNORE)) !== undefined;
  const before = isThere ? await files.readText(IGNORE) : ok('');
  if (!before.ok) return before;
  const lines = before.value.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, ''));
  const missing = MADE.filter((one) => !lines.includes(one.replaceAll('/', '')));
  if (missing.length === 0) return ok([]);
  const start = before.value === '' || before.value.endsWith('\n') ? before.value : `${before.value}\n`;
  const written = await files.writeText(IGNORE, `${start}${missing.join('\n')}\n`);
  return written.ok ? ok([IGNORE]) : written;
}
