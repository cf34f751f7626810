import type { Diagnostic } from '../domain/diagnostic.js';
import type { Failure } from '../domain/failure.js';
import type { WorkspacePath } from '../domain/ids.js';
import type { Pipeline } from '../domain/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/result.js';
import { checkFiles, type ExpectedFile } from '../pipeline/expected-files.js';
import { type ParsedPipeline, type ParseOptions, parsePipeline } from '../pipeline/parse-pipeline.js';

export interface LoadedPipeline {
  readonly pipeline: Pipeline;
  readonly warnings: readonly Diagnostic[];
}

/** Finds, parses and checks a pipeline by name or file, its inputs' existence included. */
export async function loadPipeline(
  services: Pick<Services, 'files'>,
  nameOrFile: string,
  options: ParseOptions = {},
): Promise<Result<LoadedPipeline, Failure>> {
  const checked = await checkPipeline(services, nameOrFile, options);
  if (!checked.ok) return checked;
  const { pipeline, diagnostics } = checked.value;
  if (pipeline === undefined || diagnostics.some((one) => one.severity === 'error'))
    return err({ code: 'invalid-pipeline', diagnostics });
  return ok({ pipeline, warnings: diagnostics });
}

/** The same, with the diagnostics as a value: for `validate`. */
export async function checkPipeline(
  services: Pick<Services, 'files'>,
  nameOrFile: string,
  options: ParseOptions = {},
): Promise<Result<ParsedPipeline, Failure>> {
  const file = await findPipelineFile(services, nameOrFile);
  if (!file.ok) return file;
  const text = await services.files.readText(file.value);
  if (!text.ok) return text;
  const parsed = parsePipeline(file.value, text.value, options);
  const present = await findPresent(services, parsed.expected);
  const missing = checkFiles(parsed.expected, present, text.value);
  const diagnostics = [...parsed.diagnostics, ...missing].sort((a, b) => a.at.line - b.at.line || a.at.col - b.at.col);
  return ok({ ...parsed, diagnostics });
}

/** All pipeline files of the workspace, sorted. */
export const listPipelineFiles = async (services: Pick<Services, 'files'>): Promise<readonly WorkspacePath[]> =>
  (await services.files.glob(['pipelines/*.yaml', 'pipelines/*.yml'])).map((file) => file as WorkspacePath);

/** The file of a pipeline that is given by name or file; pipelines that exist are named otherwise. */
export async function findPipelineFile(
  services: Pick<Services, 'files'>,
  nameOrFile: string,
): Promise<Result<WorkspacePath, Failure>> {
  const { files } = services;
  if (/\.ya?ml$/.test(nameOrFile)) {
    const isThere = (await files.stat(nameOrFile)) !== undefined;
    if (isThere) return ok(nameOrFile.replace(/^(\.\/)+/, '') as WorkspacePath);
    return err({ code: 'pipeline-not-found', name: nameOrFile, available: await listPipelineFiles(services) });
  }
  const candidates = [`pipelines/${nameOrFile}.yaml`, `pipelines/${nameOrFile}.yml`];
  for (const candidate of candidates)
    if ((await files.stat(candidate)) !== undefined) return ok(candidate as WorkspacePath);
  const byName = await findDeclared(services, nameOrFile);
  if (byName !== undefined) return ok(byName);
  const available = (await listPipelineFiles(services)).map((file) => file.replace(/^pipelines\/|\.ya?ml$/g, ''));
  return err({ code: 'pipeline-not-found', name: nameOrFile, available });
}

/** A file may be called otherwise than the pipeline in it. */
async function findDeclared(services: Pick<Services, 'files'>, name: string): Promise<WorkspacePath | undefined> {
  for (const file of await listPipelineFiles(services)) {
    const text = await services.files.readText(file);
    if (text.ok && /^pipeline:\s*["']?([^"'\s#]+)/m.exec(text.value)?.[1] === name) return file;
  }
  return undefined;
}

async function findPresent(
  services: Pick<Services, 'files'>,
  expected: readonly ExpectedFile[],
): Promise<ReadonlySet<string>> {
  const present = new Set<string>();
  for (const { pattern, kind } of expected) {
    const found =
      (await services.files.stat(pattern).catch(() => undefined)) !== undefined ||
      (kind !== 'path' && (await services.files.glob([pattern])).length > 0);
    if (found) present.add(pattern);
  }
  return present;
}
