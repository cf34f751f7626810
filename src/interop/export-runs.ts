import type { Failure } from '../domain/failure.js';
import type { ModelName, WorkspacePath } from '../domain/ids.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { ExportedModelVersion, ExportedPipeline, RunExport } from '../domain/ports/run-export.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { baseName } from '../domain/support/paths.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { View } from '../domain/view.js';
import { collectRunFacts } from '../execute/collect-run-facts.js';
import { orUnwritable } from '../serving/publish/or-unwritable.js';
import { manifestText } from '../serving/publish/published-files.js';
import { type ExportedFolder, exportView } from './views/export-view.js';

type Dependencies = Pick<Services, 'registry' | 'files' | 'artifacts' | 'surroundings'>;

/** Exports all runs and versions to a new folder, completely or not at all. Fails with `usage` if the folder exists. */
export async function exportRuns(
  services: Dependencies,
  writer: RunExport,
  path: string,
): Promise<Result<View, Failure>> {
  if ((await services.files.stat(path)) !== undefined)
    return err({
      code: 'usage',
      problem: `${path} already exists`,
      next: 'choose another folder with -o, or remove this one',
    });
  return orUnwritable(path, async () => {
    const staged = await services.files.makeScratch('export');
    const written = await writeAll(services, writer, staged);
    if (!written.ok) return written;
    await services.files.move(staged, path);
    return ok(exportView({ path, ...written.value }));
  });
}

async function writeAll(
  services: Dependencies,
  writer: RunExport,
  folder: string,
): Promise<Result<Omit<ExportedFolder, 'path'>, Failure>> {
  const notes: string[] = [];
  const pipelines: ExportedPipeline[] = [];
  let running = 0;
  for (const [at, name] of services.registry.runs.pipelines().entries()) {
    const pipeline = { id: String(at + 1), name };
    const all = services.registry.runs.list({ pipeline: name, limit: Number.MAX_SAFE_INTEGER }).toReversed();
    const ended = all.filter((run) => run.finishedAt !== undefined);
    running += all.length - ended.length;
    for (const run of ended) notes.push(...(await writeRun(services, writer, { run, pipeline, folder })));
    pipelines.push({ ...pipeline, runs: ended });
  }
  const models = new Map<ModelName, readonly ExportedModelVersion[]>();
  for (const model of services.registry.models.names()) {
    const versions = versionsOf(services, model, pipelines);
    if (versions.length > 0) models.set(model, versions);
    notes.push(...gapNotes(model, versions));
  }
  const missing: string[] = [];
  const versions = [...models.values()].flat();
  for (const one of versions) {
    const isThere = await writeModel(services, one.version, `${folder}/${writer.modelFolder(one)}`);
    if (!isThere.ok) return isThere;
    if (!isThere.value) missing.push(`${one.version.model}@${one.version.version}`);
  }
  for (const file of writer.listFiles(pipelines, models)) await writeDocument(services, folder, file);
  return ok({
    pipelines: pipelines.map(({ name }) => name),
    runs: pipelines.reduce((sum, one) => sum + one.runs.length, 0),
    running,
    models: [...models.keys()],
    versions: versions.length,
    missing,
    notes,
  });
}

async function writeRun(
  services: Dependencies,
  writer: RunExport,
  { run, pipeline, folder }: { readonly run: Run; readonly pipeline: { readonly id: string }; readonly folder: string },
): Promise<readonly string[]> {
  const facts = collectRunFacts(services, run);
  if (facts === undefined) return [];
  const { file, notes } = writer.runFile(facts, pipeline);
  await writeDocument(services, folder, file);
  return notes;
}

async function writeDocument(
  { files, surroundings }: Dependencies,
  folder: string,
  { path, document }: { readonly path: string; readonly document: object },
): Promise<void> {
  const full = `${folder}/${path}`;
  await files.makeFolder(full.slice(0, full.lastIndexOf('/')));
  await files.writeScratch(full, surroundings.mask(`${JSON.stringify(document, null, 2)}\n`));
}

function versionsOf(
  { registry: { models, runs } }: Dependencies,
  model: ModelName,
  pipelines: readonly ExportedPipeline[],
): readonly ExportedModelVersion[] {
  const aliases = [...new Set(models.moves(model).map((move) => move.alias))].map((alias) => ({
    alias,
    to: models.alias(model, alias)?.to,
  }));
  const notes = models.notes(model);
  return models.versions(model).flatMap((version): readonly ExportedModelVersion[] => {
    const run = runs.get(version.run);
    const pipeline = pipelines.find((one) => one.name === run?.pipeline);
    // A running run has no document to refer to.
    if (run?.finishedAt === undefined || pipeline === undefined) return [];
    const texts = notes.filter((note) => note.version === version.version).map((note) => note.text);
    return [
      {
        version,
        run,
        pipeline,
        place: models.ofRun(version.run).findIndex((one) => one.model === model && one.version === version.version),
        aliases: aliases.filter(({ to }) => to === version.version).map(({ alias }) => alias),
        ...(texts.length === 0 ? {} : { description: texts.join('\n') }),
      },
    ];
  });
}

/** Notes about gaps in version numbers, because a server numbers versions from 1. */
function gapNotes(model: ModelName, versions: readonly ExportedModelVersion[]): readonly string[] {
  const first = versions.find(({ version }, at) => version.version !== at + 1)?.version.version;
  return first === undefined
    ? []
    : [
        `${model} has gaps before version ${first}: a server numbers them from 1; the tag "refit.version" keeps the original numbers`,
      ];
}

/** Writes a version as it would be published, with `refit.json`. Returns false if the store does not have its bytes. */
async function writeModel(
  services: Dependencies,
  version: ModelVersion,
  folder: string,
): Promise<Result<boolean, Failure>> {
  const { artifacts, files } = services;
  const isThere = await artifacts.has(version.hash);
  await files.makeFolder(version.kind === 'folder' ? folder.slice(0, folder.lastIndexOf('/')) : folder);
  if (isThere) {
    const target = version.kind === 'folder' ? folder : `${folder}/${baseName(version.path)}`;
    const restored = await artifacts.restore(version.hash, target as WorkspacePath);
    if (!restored.ok) return restored;
  }
  // The import tool rejects a version without a folder, which would shift all later version numbers.
  await files.makeFolder(folder);
  await files.remove(`${folder}/refit.json`);
  await files.writeScratch(`${folder}/refit.json`, manifestText(version));
  return ok(isThere);
}
