import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { bundleOf, isBundle, type Part } from './parse/source/bundle.js';

export interface WholeText {
  /** The file and everything that it includes, as `parsePipeline` reads it. */
  readonly text: string;
  /** Files that cannot be included. */
  readonly diagnostics: readonly Diagnostic[];
}

/** More files are a mistake. */
const MOST_FILES = 100;

/** Reads what a pipeline file includes, and what that includes; each file once. Paths are relative to the including file. */
export async function withIncluded(
  services: Pick<Services, 'files'>,
  file: WorkspacePath,
  text: string,
): Promise<Result<WholeText, Failure>> {
  // The text of a recorded run holds its included files.
  if (!/^include\s*:/m.test(text) || isBundle(text)) return ok({ text, diagnostics: [] });
  const [{ readSource }, { normalizePath }] = await Promise.all([
    import('./parse/source/yaml-source.js'),
    import('./parse/paths.js'),
  ]);
  const found = new Map<string, Part>();
  const diagnostics: Diagnostic[] = [];
  const include = async (part: Part, above: readonly string[]): Promise<Failure | undefined> => {
    const source = readSource(part.file, part.text);
    const value = (source.value as { readonly include?: unknown } | null | undefined)?.include;
    for (const [i, path] of (Array.isArray(value) ? value : []).entries()) {
      if (typeof path !== 'string') continue;
      const report = (code: string, message: string): void => {
        const at = source.at(['include', i]);
        diagnostics.push({ severity: 'error', code, message, at, sourceLine: source.lineOf(at) });
      };
      const folder = part.file.includes('/') ? part.file.slice(0, part.file.lastIndexOf('/')) : '.';
      const full = path.startsWith('/') ? undefined : normalizePath(`${folder}/${path}`);
      if (full === undefined) report('path-outside-workspace', `"${path}" lies outside the workspace`);
      else if ([...above, part.file].includes(full))
        report('include-cycle', `${full} includes itself: ${[...above, part.file, full].join(' → ')}`);
      else if (found.size >= MOST_FILES)
        report('too-many-files', `a pipeline has at most ${MOST_FILES} included files`);
      else if (!found.has(full)) {
        if ((await services.files.stat(full))?.kind !== 'file') {
          report('missing-file', `there is no file ${full}`);
          continue;
        }
        const read = await services.files.readConfig(full);
        if (!read.ok) return read.error;
        const next = { file: full, text: read.value };
        found.set(full, next);
        const failed = await include(next, [...above, part.file]);
        if (failed !== undefined) return failed;
      }
    }
    return undefined;
  };
  const failed = await include({ file, text }, []);
  return failed === undefined
    ? ok({ text: bundleOf(text, [...found.values()]), diagnostics })
    : { ok: false, error: failed };
}
