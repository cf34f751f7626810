import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Services } from '../domain/ports/services.js';
import { ok, type Result } from '../domain/support/result.js';
import { bundleOf, type Part, reservedLine } from './parse/source/bundle.js';

export interface WholeText {
  /** The file and everything that it includes, as `parsePipeline` reads it. */
  readonly text: string;
  /** Files that cannot be included. */
  readonly diagnostics: readonly Diagnostic[];
}

/** More files are a mistake. */
const MOST_FILES = 100;
/** Of all files of a pipeline together: as many characters as one file may have, and what ten thousand steps need. */
const MOST_CHARACTERS = 2 * 1024 * 1024;
const MOST_VALUES = 100_000;

/** Reads what a pipeline file includes, and what that includes; each file once. Paths are relative to the including file. */
export async function withIncluded(
  services: Pick<Services, 'files'>,
  file: WorkspacePath,
  text: string,
): Promise<Result<WholeText, Failure>> {
  const reserved = reservedIn({ file, text });
  if (reserved.length > 0) return ok({ text, diagnostics: reserved });
  // Only so that most files are not read twice: the key may be quoted, escaped, or stand in a flow map.
  if (!mayInclude(text)) return ok({ text, diagnostics: [] });
  const [{ readSource }, { normalizePath }] = await Promise.all([
    import('./parse/source/yaml-source.js'),
    import('./parse/paths.js'),
  ]);
  const found = new Map<string, Part>();
  const diagnostics: Diagnostic[] = [];
  let characters = text.length;
  let values = valuesIn(text);
  const include = async (part: Part, above: readonly string[]): Promise<Failure | undefined> => {
    const source = readSource(part.file, part.text);
    const value = (source.value as { readonly include?: unknown } | null | undefined)?.include;
    if (value !== undefined && !Array.isArray(value) && part.file !== file) {
      const at = source.at(['include']);
      const message = '"include" must be a list of files';
      diagnostics.push({ severity: 'error', code: 'wrong-type', message, at, sourceLine: source.lineOf(at) });
    }
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
        characters += next.text.length;
        values += valuesIn(next.text);
        const excess = excessOf(characters, values);
        if (excess !== undefined) report('too-large', `with ${full} the files of the pipeline have ${excess}`);
        diagnostics.push(...reservedIn(next));
        // One that is refused is not worth reading. Only text that can include something is read twice.
        if (diagnostics.length > 0 || !mayInclude(next.text)) continue;
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

/** As it is written, or with an escape. */
const mayInclude = (text: string): boolean => /\binclude\b|\\[xuU\r\n]/.test(text);

/** No fewer than the entries of its maps and lists that people write, without reading it as YAML. */
const valuesIn = (text: string): number => text.match(/\n|,/g)?.length ?? 0;

function excessOf(characters: number, values: number): string | undefined {
  if (characters > MOST_CHARACTERS) return `${characters} characters, and refit reads at most ${MOST_CHARACTERS}`;
  if (values > MOST_VALUES) return `${values} lines and values, and refit reads at most ${MOST_VALUES}`;
  return undefined;
}

/** A line that begins an included file in the text of a recorded run means nothing else in a file. */
function reservedIn({ file, text }: Part): readonly Diagnostic[] {
  const found = reservedLine(text);
  if (found === undefined) return [];
  const at = { file, line: found.line, col: 1, endCol: found.text.length + 1 };
  const message = 'refit itself writes such a line, before an included file in what it records';
  const suggestion = 'write another comment, and name included files under "include"';
  return [{ severity: 'error', code: 'reserved-line', message, at, sourceLine: found.text, suggestion }];
}
