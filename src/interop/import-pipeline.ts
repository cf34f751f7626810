import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { parsePipeline } from '../pipeline/parse/parse-pipeline.js';
import { normalizePath } from '../pipeline/parse/paths.js';
import { importDvc } from './dvc/import-dvc.js';
import { importView } from './views/import-view.js';

export interface ImportOptions {
  readonly name: string;
  /** Path for the pipeline file. An existing file is overwritten only with `isForced`. */
  readonly output: string;
  readonly isForced: boolean;
}

/** Converts a pipeline file of another system. Writes the result only if it is a valid pipeline. */
export async function importPipelineFile(
  services: Pick<Services, 'files'>,
  file: string,
  { name, output, isForced }: ImportOptions,
): Promise<Result<{ readonly view: View; readonly notes: readonly Diagnostic[] }, Failure>> {
  const text = await services.files.readText(file);
  if (!text.ok) return text;
  if (!isForced && (await services.files.stat(output)) !== undefined)
    return err({
      code: 'usage',
      problem: `${output} already exists`,
      next: 'choose another file with -o, or overwrite it with --force',
    });
  const imported = await importDvc({
    file,
    text: text.value,
    name,
    read: async (path) => {
      // a file of DVC may name any path: none outside of the workspace is looked at
      if (normalizePath(path) === undefined || (await services.files.stat(path)) === undefined) return undefined;
      const read = await services.files.readText(path);
      return read.ok ? read.value : undefined;
    },
  });
  if (imported.text === undefined) return err({ code: 'invalid-pipeline', diagnostics: imported.notes });
  const { diagnostics } = parsePipeline(output as WorkspacePath, imported.text);
  if (diagnostics.some((one) => one.severity === 'error'))
    return err({ code: 'invalid-pipeline', diagnostics: [...imported.notes, ...diagnostics] });
  const written = await services.files.writeText(output, imported.text);
  if (!written.ok) return written;
  return ok({ view: importView(output, imported), notes: imported.notes });
}
