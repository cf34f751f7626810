import type { Failure } from '../../domain/failure.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';

type Dependencies = Pick<Services, 'files'>;

/** Writes files that do not exist yet, and adds to `.gitignore` what runs make. Returns the files that were written. */
export async function writeNewFiles(
  services: Dependencies,
  files: Readonly<Record<string, string>>,
  next: string,
): Promise<Result<readonly string[], Failure>> {
  for (const path of Object.keys(files)) {
    const leadsTo = services.files.outside(path);
    if (leadsTo !== undefined)
      return err({ code: 'file-unwritable', path, reason: `it leads to ${leadsTo}, outside this folder` });
    if ((await services.files.stat(path)) !== undefined || (await services.files.readLink(path)) !== undefined)
      return err({ code: 'usage', problem: `${path} exists already`, next: `nothing was written; ${next}` });
  }
  for (const [path, text] of Object.entries(files)) {
    const written = await services.files.writeText(path, text);
    if (!written.ok) return written;
  }
  const ignored = await ignoreMade(services);
  return ignored.ok ? ok([...Object.keys(files), ...ignored.value]) : ignored;
}

const IGNORE = '.gitignore';

/** What runs make. A checkout that put old files there would change what serves. */
const MADE = ['/work/', '/serving/'];

/** Adds what is missing to `.gitignore`. Returns the file if it was written. */
async function ignoreMade({ files }: Dependencies): Promise<Result<readonly string[], Failure>> {
  // What a link leads to is not copied into a file that will be committed.
  if ((await files.readLink(IGNORE)) !== undefined) return ok([]);
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
