import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { InputRef, Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { compileGlob } from '../domain/support/glob.js';
import { normalizePath, overlaps } from './parse/paths.js';
import { linesOf } from './parse/source/bundle.js';

interface Use {
  readonly path: string;
  /** What the other pipeline does with the path, as a sentence without its subject. */
  readonly how: string;
  /** Whether it also counts if the folder of the path merely holds the checkpoint. */
  readonly isWritten: boolean;
}

/**
 * Reports checkpoint folders in which another pipeline of the workspace reads or writes: a checkpoint is cleared when its step
 * succeeds. Links are followed. Overlaps within one file are found when it is parsed.
 */
export function sharedCheckpoints(
  { files }: Pick<Services, 'files'>,
  pipeline: Pipeline,
  all: readonly Pipeline[],
): readonly Diagnostic[] {
  const steps = pipeline.steps.filter(({ checkpoint }) => isUsable(checkpoint));
  if (steps.length === 0) return [];
  const others = all.filter(({ file }) => file !== pipeline.file).flatMap((other) => usesOf(other).map(real(files)));
  return steps.flatMap((step) => {
    const folder = files.realPlace(step.checkpoint ?? '.');
    const use = others.find(
      ({ place, isWritten }) =>
        place === folder || place.startsWith(`${folder}/`) || (isWritten && overlaps(place, folder)),
    );
    return use === undefined ? [] : [diagnostic(pipeline, step, use.how)];
  });
}

/** A path that leads out of the workspace is reported by the parser. Nothing is looked for there. */
const isUsable = (path: string | undefined): boolean => path !== undefined && normalizePath(path) !== undefined;

const real =
  (files: Services['files']) =>
  (use: Use): Use & { readonly place: string } => ({ ...use, place: files.realPlace(use.path) });

function usesOf(pipeline: Pipeline): readonly Use[] {
  const { file, steps, model, monitor, datasets } = pipeline;
  const written = (path: string): Use => ({ path, how: `${file} writes "${path}"`, isWritten: true });
  const read = (pattern: string): readonly Use[] =>
    compileGlob(pattern).bases.map((path) => ({ path, how: `${file} reads "${pattern}"`, isWritten: false }));
  const inputs = [
    ...steps.flatMap((step) => step.inputs ?? []),
    ...(model?.evaluate?.inputs ?? []),
    ...(monitor?.metrics.flatMap((metric) => metric.inputs) ?? []),
  ].flatMap(pathOf);
  const tables = datasets.flatMap(({ source }) => (source.kind === 'paths' ? source.patterns : []));
  const monitored = [monitor?.predictions?.path, monitor?.labels?.path].filter((path) => path !== undefined);
  return [
    ...steps.flatMap(({ name, checkpoint }) =>
      checkpoint === undefined
        ? []
        : [{ path: checkpoint, how: `${file} has it as the checkpoint of step "${name}"`, isWritten: true }],
    ),
    ...steps.flatMap(({ outputs, metricsPaths }) => [...outputs.map(({ path }) => path), ...metricsPaths].map(written)),
    ...(model?.publish === undefined ? [] : [written(model.publish.path)]),
    ...[...inputs, ...tables, ...monitored].flatMap(read),
  ].filter(({ path }) => isUsable(path));
}

const pathOf = (input: InputRef): readonly string[] =>
  input.kind === 'dataset' ? [] : [input.kind === 'path' ? input.path : input.pattern];

const diagnostic = ({ text }: Pipeline, { name, checkpoint, at }: Step, how: string): Diagnostic => ({
  severity: 'error',
  code: 'checkpoint-shared',
  message: `${how}, and "${checkpoint}" is the checkpoint of step "${name}"`,
  suggestion: 'give the checkpoint a folder of its own, such as work/ckpt/<pipeline>/<step>',
  at,
  sourceLine: linesOf(text)(at),
});
