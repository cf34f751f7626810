import type { Diagnostic, SourcePosition } from '../domain/pipeline/diagnostic.js';
import type { InputRef, Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { compileGlob } from '../domain/support/glob.js';
import { isAtOrBelow } from '../domain/support/paths.js';
import { normalizePath, overlaps } from './parse/paths.js';
import { linesOf } from './parse/source/bundle.js';

interface Use {
  readonly path: string;
  /** What its pipeline does with the path, as a sentence without its subject. */
  readonly how: string;
  /** Whether it also counts if the folder of the path merely holds the checkpoint. */
  readonly isWritten: boolean;
  readonly at: SourcePosition;
}

interface Checkpoint {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly place: string;
}

/**
 * Reports checkpoint folders in which another pipeline of the workspace reads or writes, in both of their files: a checkpoint is
 * cleared when its step succeeds. Links are followed. Overlaps within one file are found when it is parsed.
 */
export function sharedCheckpoints(
  services: Pick<Services, 'files'>,
  pipeline: Pipeline,
  all: readonly Pipeline[],
): readonly Diagnostic[] {
  const others = all.filter(({ file }) => file !== pipeline.file);
  const theirs = others.flatMap((other) => checkpointsOf(services, other));
  return [...ownShared(services, pipeline, others), ...usesOfOthers(services, pipeline, theirs)];
}

/** Checkpoints of the pipeline that another one uses, each once. */
function ownShared(
  { files }: Pick<Services, 'files'>,
  pipeline: Pipeline,
  others: readonly Pipeline[],
): readonly Diagnostic[] {
  const own = checkpointsOf({ files }, pipeline);
  if (own.length === 0) return [];
  const uses = others.flatMap((other) =>
    [...usesOf(other), ...checkpointUses(other)].map((use) => ({ ...real(files)(use), file: other.file })),
  );
  return own.flatMap((checkpoint) => {
    const use = uses.find(isIn(checkpoint));
    if (use === undefined) return [];
    const { step } = checkpoint;
    const message = `${use.file} ${use.how}, and "${step.checkpoint}" is the checkpoint of step "${step.name}"`;
    return [diagnostic(pipeline, step.at, message)];
  });
}

/** What the pipeline does in the checkpoints of others. */
const usesOfOthers = (
  { files }: Pick<Services, 'files'>,
  pipeline: Pipeline,
  theirs: readonly Checkpoint[],
): readonly Diagnostic[] =>
  theirs.length === 0
    ? []
    : usesOf(pipeline)
        .map(real(files))
        .flatMap((use) => {
          const found = theirs.find((checkpoint) => isIn(checkpoint)(use));
          if (found === undefined) return [];
          const { step, pipeline: other } = found;
          const message = `${pipeline.file} ${use.how}, and "${step.checkpoint}" is the checkpoint of step "${step.name}" of ${other.file}`;
          return [diagnostic(pipeline, use.at, message)];
        });

const checkpointsOf = ({ files }: Pick<Services, 'files'>, pipeline: Pipeline): readonly Checkpoint[] =>
  pipeline.steps
    .filter(({ checkpoint }) => isUsable(checkpoint))
    .map((step) => ({ pipeline, step, place: files.realPlace(step.checkpoint ?? '.') }));

type RealUse = Use & { readonly place: string };

const isIn =
  ({ place: folder }: Checkpoint) =>
  ({ place, isWritten }: RealUse): boolean =>
    isAtOrBelow(place, folder) || (isWritten && overlaps(place, folder));

/** A path that leads out of the workspace is reported by the parser. Nothing is looked for there. */
const isUsable = (path: string | undefined): boolean => path !== undefined && normalizePath(path) !== undefined;

const real =
  (files: Services['files']) =>
  (use: Use): Use & { readonly place: string } => ({ ...use, place: files.realPlace(use.path) });

function usesOf({ steps, model, monitor, datasets }: Pipeline): readonly Use[] {
  const written =
    (at: SourcePosition) =>
    (path: string): Use => ({ path, how: `writes "${path}"`, isWritten: true, at });
  const read =
    (at: SourcePosition) =>
    (pattern: string): readonly Use[] =>
      compileGlob(pattern).bases.map((path) => ({ path, how: `reads "${pattern}"`, isWritten: false, at }));
  const monitored = [monitor?.predictions?.path, monitor?.labels?.path].filter((path) => path !== undefined);
  return [
    ...steps.flatMap(({ outputs, metricsPaths, at }) =>
      [...outputs.map(({ path }) => path), ...metricsPaths].map(written(at)),
    ),
    ...steps.flatMap(({ inputs, at }) => (inputs ?? []).flatMap(pathOf).flatMap(read(at))),
    ...(model?.publish === undefined ? [] : [written(model.at)(model.publish.path)]),
    ...(model?.evaluate === undefined ? [] : model.evaluate.inputs.flatMap(pathOf).flatMap(read(model.evaluate.at))),
    ...(monitor?.metrics.flatMap(({ inputs, at }) => inputs.flatMap(pathOf).flatMap(read(at))) ?? []),
    ...(monitor === undefined ? [] : monitored.flatMap(read(monitor.at))),
    ...datasets.flatMap(({ source, at }) => (source.kind === 'paths' ? source.patterns.flatMap(read(at)) : [])),
  ].filter(({ path }) => isUsable(path));
}

/** A checkpoint that lies in another one is reported as that of its own file only. */
const checkpointUses = ({ steps }: Pipeline): readonly Use[] =>
  steps.flatMap(({ name, checkpoint, at }) =>
    checkpoint === undefined || !isUsable(checkpoint)
      ? []
      : [{ path: checkpoint, how: `has it as the checkpoint of step "${name}"`, isWritten: true, at }],
  );

const pathOf = (input: InputRef): readonly string[] =>
  input.kind === 'dataset' ? [] : [input.kind === 'path' ? input.path : input.pattern];

const diagnostic = ({ text }: Pipeline, at: SourcePosition, message: string): Diagnostic => ({
  severity: 'error',
  code: 'checkpoint-shared',
  message,
  suggestion: 'give the checkpoint a folder of its own, such as work/ckpt/<pipeline>/<step>',
  at,
  sourceLine: linesOf(text)(at),
});
