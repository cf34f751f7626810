import type { Failure } from '../domain/failure.js';
import type { Diagnostic, SourcePosition } from '../domain/pipeline/diagnostic.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { listPipelineFiles, loadPipeline } from './load-pipeline.js';
import { linesOf } from './parse/source/bundle.js';
import { sharedCheckpoints } from './shared-checkpoints.js';

/**
 * Reports a pipeline name, model name or publish path that another file of the workspace uses too. Records, locks and
 * the serving version are stored under these names, so two such pipelines would overwrite each other.
 */
export function sharedNames(pipeline: Pipeline, all: readonly Pipeline[]): readonly Diagnostic[] {
  const others = all.filter((one) => one.file !== pipeline.file);
  const twin = others.find((one) => one.name === pipeline.name);
  const { model } = pipeline;
  const rival = model === undefined ? undefined : others.find((one) => one.model?.name === model.name);
  const place = model?.publish?.path;
  const neighbour = others.find((one) => clash(one.model?.publish?.path, place));
  return [
    ...(twin === undefined
      ? []
      : [
          diagnostic(pipeline, nameOf(pipeline), {
            code: 'pipeline-name-taken',
            message: `${twin.file} is called "${pipeline.name}" too: their runs, decisions and locks would be mixed up`,
            suggestion: 'rename one of them, or move a copy out of pipelines/',
            related: [{ message: `the other "${pipeline.name}"`, at: nameOf(twin) }],
          }),
        ]),
    // Of two pipelines with one name only the name is reported, not what follows from it.
    ...(rival?.model === undefined || model === undefined || rival.name === pipeline.name
      ? []
      : [
          diagnostic(pipeline, model.at, {
            code: 'model-name-taken',
            message: `the model "${model.name}" is made by ${rival.file} too: each would publish over the other`,
            suggestion: `give it its own name: model: { name: ${pipeline.name}-model, … }`,
            related: [{ message: `the other "${model.name}"`, at: rival.model.at }],
          }),
        ]),
    ...(neighbour?.model === undefined || model === undefined || neighbour.model.name === model.name
      ? []
      : [
          diagnostic(pipeline, model.at, {
            code: 'publish-path-taken',
            message:
              neighbour.model.publish?.path === place
                ? `${neighbour.file} publishes to ${place} too: "current" there would switch between two models`
                : `${neighbour.file} publishes to ${neighbour.model.publish?.path}: one of the two folders lies in what the other publishes`,
            suggestion: `publish each to its own folder: publish: { path: serving/${model.name} }`,
            related: [{ message: `the other model, "${neighbour.model.name}"`, at: neighbour.model.at }],
          }),
        ]),
  ];
}

/** Whether two publish folders are the same, or one lies in what is published to the other. */
const clash = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && (one === other || isPublishedIn(one, other) || isPublishedIn(other, one));

const isPublishedIn = (inner: string, outer: string): boolean =>
  ['versions', 'current'].some((name) => `${inner}/`.startsWith(`${outer}/${name}/`));

/** The valid pipelines of the workspace. Invalid files are reported elsewhere. */
export async function readablePipelines(
  services: Pick<Services, 'files' | 'memo' | 'registry' | 'warn' | 'datasets'>,
): Promise<readonly Pipeline[]> {
  const found: Pipeline[] = [];
  for (const file of await listPipelineFiles(services)) {
    const loaded = await loadPipeline(services, file, { isSilent: true });
    if (loaded.ok) found.push(loaded.value.pipeline);
  }
  return found;
}

/**
 * Refuses a pipeline whose model another pipeline made last and still declares, or in whose checkpoints another one writes. The
 * registry names the last maker, so a run without checkpoints need not read the other files. A renamed pipeline keeps its model.
 */
export async function refuseSharing(
  services: Pick<Services, 'files' | 'memo' | 'registry' | 'warn' | 'datasets'>,
  pipeline: Pipeline,
): Promise<Result<void, Failure>> {
  const { models, runs } = services.registry;
  const newest = pipeline.model === undefined ? undefined : models.versions(pipeline.model.name).at(-1);
  const maker = newest === undefined ? undefined : runs.get(newest.run)?.pipeline;
  const isShared = maker !== undefined && maker !== pipeline.name;
  const hasCheckpoints = pipeline.steps.some(({ checkpoint }) => checkpoint !== undefined);
  if (!isShared && !hasCheckpoints) return ok(undefined);
  const all = await readablePipelines(services);
  const diagnostics = [
    ...(isShared ? sharedNames(pipeline, all) : []),
    ...(hasCheckpoints ? sharedCheckpoints(services, pipeline, all) : []),
  ];
  return diagnostics.length === 0 ? ok(undefined) : err({ code: 'invalid-pipeline', diagnostics });
}

const diagnostic = (
  { text }: Pipeline,
  at: SourcePosition,
  note: Pick<Diagnostic, 'code' | 'message' | 'suggestion' | 'related'>,
): Diagnostic => ({ severity: 'error', ...note, at, sourceLine: linesOf(text)(at) });

/** Position of the pipeline's name in its file. */
function nameOf({ file, text, name }: Pipeline): SourcePosition {
  const lines = text.split('\n');
  const index = Math.max(
    0,
    lines.findIndex((line) => /^["']?pipeline["']?\s*:/.test(line)),
  );
  const col = Math.max(0, (lines[index] ?? '').lastIndexOf(name)) + 1;
  return { file, line: index + 1, col, endCol: col + name.length };
}
