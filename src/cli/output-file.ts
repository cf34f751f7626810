import { isAbsolute } from 'node:path';
import type { Failure } from '../domain/failure.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { UsageError } from './action.js';
import type { OpenServices } from './services.js';

/** Writes a file to the path that the user gave, inside the workspace or not, without secrets. Returns the path to show. */
export async function writeOutput(
  services: Pick<OpenServices, 'place' | 'surroundings'>,
  output: string,
  text: string,
): Promise<Result<string, Failure>> {
  const { path, isFolder, write } = services.place(output);
  if (isFolder) throw new UsageError(`-o ${output} is a folder`, 'name a file in it');
  const problem = await write(services.surroundings.mask(text));
  return problem === undefined ? ok(path) : err({ code: 'file-unwritable', path: output, reason: problem });
}

/** The file that `-o` names. `undefined` is stdout: without the option, or with `-`. */
export const outputFile = (given: string | undefined): string | undefined => (given === '-' ? undefined : given);

/** The workspace-relative path. Fails for a path outside the workspace. */
export function pathInside(services: Pick<OpenServices, 'place'>, given: string): Result<string, Failure> {
  const { path } = services.place(given);
  const isOutside = path === '..' || path.startsWith('../') || isAbsolute(path);
  return isOutside ? err({ code: 'path-outside-workspace', path: given }) : ok(path);
}
