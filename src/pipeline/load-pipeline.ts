import type { Failure } from '../domain/failure.js';
import type { PipelineName, WorkspacePath } from '../domain/ids.js';
import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { baseName } from '../domain/support/paths.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { systemCode } from '../domain/support/system-error.js';
import { checkSql } from './check-sql.js';
import { withIncluded } from './included-files.js';
import { linkedRoots } from './linked-roots.js';
import { withSchemas } from './load-schema.js';
import type { FileHome } from './parse/collect-diagnostics.js';
import type { ExpectedFile } from './parse/expected-files.js';
import { checkFiles, type FoundFiles } from './parse/missing-files.js';
import type { ParsedPipeline, ParseOptions } from './parse/parse-pipeline.js';
import { normalizePath } from './parse/paths.js';
import { withExclusions } from './with-exclusions.js';
import { withSnapshots } from './with-snapshots.js';

export interface LoadOptions extends Pick<ParseOptions, 'profile' | 'params'> {
  /** Shows no warnings. For a file that is read beside the one that the command is about. */
  readonly isSilent?: boolean;
  /** The file holds what a run has recorded: the pipeline with all files that it included. */
  readonly isRecorded?: boolean;
  /** The folders that absolute paths may lead into. Those of the workspace, where the file was not written in another one. */
  readonly outside?: Pick<FileHome, 'roots' | 'links'>;
}

export interface LoadedPipeline {
  readonly pipeline: Pipeline;
}

/** Finds, parses and checks a pipeline by name or file, also whether its inputs exist. Shows its warnings. */
export async function loadPipeline(
  services: Pick<Services, 'files' | 'memo' | 'registry' | 'warn' | 'datasets'>,
  nameOrFile: string,
  options: LoadOptions = {},
): Promise<Result<LoadedPipeline, Failure>> {
  const checked = await checkPipeline(services, nameOrFile, options);
  if (!checked.ok) return checked;
  const { pipeline, diagnostics } = checked.value;
  if (pipeline === undefined || diagnostics.some((one) => one.severity === 'error'))
    return err({ code: 'invalid-pipeline', diagnostics });
  if (options.isSilent !== true) services.warn(diagnostics);
  const without = await withExclusions(services, withSnapshots(services, pipeline));
  return without.ok ? ok({ pipeline: without.value }) : without;
}

/** Like `loadPipeline`, but returns the diagnostics as a value, for `validate`. */
export async function checkPipeline(
  services: Pick<Services, 'files' | 'memo' | 'datasets'>,
  nameOrFile: string,
  options: LoadOptions = {},
): Promise<Result<ParsedPipeline, Failure>> {
  const file = await findPipelineFile(services, nameOrFile);
  if (!file.ok) return file;
  const own = await services.files.readConfig(file.value);
  if (!own.ok) return own;
  const whole =
    options.isRecorded === true
      ? ok({ text: own.value, diagnostics: [] })
      : await withIncluded(services, file.value, own.value);
  if (!whole.ok) return whole;
  const { text, diagnostics: unread } = whole.value;
  if (unread.length > 0) return ok({ diagnostics: unread, expected: [], outputs: [], sql: [] });
  const parsed = await parseOnce(services, file.value, text, options);
  const present = await findPresent(services, parsed.expected);
  const missing = checkFiles(parsed, present, text);
  const ofSql = await checkSql(services, parsed.pipeline?.file ?? file.value, { sql: parsed.sql, text });
  const rank = ({ at }: Diagnostic): number => (at.file === file.value ? 0 : 1);
  const found = [...parsed.diagnostics, ...missing, ...ofSql].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.at.file < b.at.file ? -1 : 1) * Number(a.at.file !== b.at.file) ||
      a.at.line - b.at.line ||
      a.at.col - b.at.col,
  );
  const { pipeline } = parsed;
  if (pipeline === undefined) return ok({ ...parsed, diagnostics: found });
  const laid = await withSchemas(services, pipeline.datasets);
  if (!laid.ok) return laid;
  const { datasets, diagnostics } = laid.value;
  return ok({ ...parsed, pipeline: { ...pipeline, datasets }, diagnostics: [...found, ...diagnostics] });
}

/** Parses a file only if it has changed. Loading the parsers takes longer than a run with nothing to do. */
async function parseOnce(
  services: Pick<Services, 'files' | 'memo'>,
  file: WorkspacePath,
  text: string,
  options: LoadOptions,
): Promise<ParsedPipeline> {
  const name = `${file} ${options.profile ?? ''}`;
  const outside = options.outside ?? (await linkedRoots(services.files));
  const key = JSON.stringify([name, options.params, services.files.root, outside, text]);
  const kept = services.memo.read(name, key) as ParsedPipeline | undefined;
  if (kept !== undefined) return kept.pipeline === undefined ? kept : { ...kept, pipeline: { ...kept.pipeline, text } };
  const { parsePipeline } = await import('./parse/parse-pipeline.js');
  const parsed = parsePipeline(file, text, { ...options, ...outside, root: services.files.root });
  const { pipeline, ...rest } = parsed;
  services.memo.write(name, key, pipeline === undefined ? rest : { ...rest, pipeline: { ...pipeline, text: '' } });
  return parsed;
}

/** All pipeline files of the workspace, sorted. */
export const listPipelineFiles = async (services: Pick<Services, 'files'>): Promise<readonly WorkspacePath[]> =>
  (await services.files.glob(['pipelines/*.yaml', 'pipelines/*.yml'])).map((file) => file as WorkspacePath);

/** The file of a pipeline given by name or file. If there is none, the failure lists the pipelines that exist. */
async function findPipelineFile(
  services: Pick<Services, 'files'>,
  nameOrFile: string,
): Promise<Result<WorkspacePath, Failure>> {
  const { files } = services;
  if (/\.ya?ml$/.test(nameOrFile)) {
    const file = relativeToRoot(nameOrFile, files.root);
    if (file === undefined) return err({ code: 'path-outside-workspace', path: nameOrFile });
    if ((await files.stat(file)) !== undefined) return ok(file);
    return err({ code: 'pipeline-not-found', name: file, available: await listPipelineFiles(services) });
  }
  const candidates = leadsOut(nameOrFile) ? [] : [`pipelines/${nameOrFile}.yaml`, `pipelines/${nameOrFile}.yml`];
  for (const candidate of candidates)
    if ((await files.stat(candidate)) !== undefined) return ok(candidate as WorkspacePath);
  const byName = await findDeclared(services, nameOrFile);
  if (byName !== undefined) return ok(byName);
  const available = (await listPipelineFiles(services)).map((file) => file.replace(/^pipelines\/|\.ya?ml$/g, ''));
  return err({ code: 'pipeline-not-found', name: nameOrFile, available });
}

/** Whether a path goes up at all: the workspace has a name without that for each of its files. */
const leadsOut = (path: string): boolean => path.split('/').includes('..');

/** The path from the workspace root. The registry stores no absolute path. */
function relativeToRoot(path: string, root: string): WorkspacePath | undefined {
  if (!path.startsWith('/')) return leadsOut(path) ? undefined : (path as WorkspacePath);
  return path.startsWith(`${root}/`) ? (path.slice(root.length + 1) as WorkspacePath) : undefined;
}

/**
 * The name under which a pipeline's records are stored, for a pipeline given by name or file. The file may be invalid
 * or missing.
 */
export async function recordedName(
  services: Pick<Services, 'files' | 'registry'>,
  nameOrFile: string,
): Promise<Result<PipelineName, Failure>> {
  const isRecorded = services.registry.runs.list({ pipeline: nameOrFile as PipelineName, limit: 1 }).length > 0;
  if (isRecorded) return ok(nameOrFile as PipelineName);
  const file = await findPipelineFile(services, nameOrFile);
  if (!file.ok) return file;
  const text = await services.files.readConfig(file.value);
  return text.ok ? ok((declaredName(text.value) ?? nameOrFile) as PipelineName) : text;
}

/** The names that all pipeline files of the workspace declare. A file that declares none counts by its file name. */
export async function declaredNames(services: Pick<Services, 'files'>): Promise<readonly PipelineName[]> {
  const names: PipelineName[] = [];
  for (const file of await listPipelineFiles(services)) {
    const text = await services.files.readConfig(file);
    const own = baseName(file).replace(/\.ya?ml$/, '');
    names.push(((text.ok ? declaredName(text.value) : undefined) ?? own) as PipelineName);
  }
  return names;
}

const declaredName = (text: string): string | undefined => /^pipeline:\s*["']?([^"'\s#]+)/m.exec(text)?.[1];

/** Finds a pipeline by its declared name, which may differ from its file name. */
async function findDeclared(services: Pick<Services, 'files'>, name: string): Promise<WorkspacePath | undefined> {
  for (const file of await listPipelineFiles(services)) {
    const text = await services.files.readConfig(file);
    if (text.ok && declaredName(text.value) === name) return file;
  }
  return undefined;
}

/** What this user may not list counts as there: whoever only reads the file of the pipeline needs no right to its data. */
async function isAnyThere(services: Pick<Services, 'files'>, pattern: string): Promise<boolean> {
  try {
    return (await services.files.glob([pattern])).length > 0;
  } catch (error) {
    if (/^(EACCES|EPERM)$/.test(systemCode(error) ?? '')) return true;
    throw error;
  }
}

async function findPresent(services: Pick<Services, 'files'>, expected: readonly ExpectedFile[]): Promise<FoundFiles> {
  const present = new Set<string>();
  const outside = new Map<string, string>();
  const kinds = new Map(expected.map(({ pattern, kind }) => [pattern, kind]));
  for (const [pattern, kind] of kinds) {
    // A path that leaves the workspace is reported by the parser already. Nothing is looked for there.
    if (normalizePath(pattern) === undefined) {
      present.add(pattern);
      continue;
    }
    const found =
      (await services.files.stat(pattern).catch(() => undefined)) !== undefined ||
      (kind !== 'path' && (await isAnyThere(services, pattern)));
    if (found) present.add(pattern);
    const leadsTo = found && kind === 'path' ? services.files.outside(pattern) : undefined;
    if (leadsTo !== undefined) outside.set(pattern, leadsTo);
  }
  return { present, outside };
}
