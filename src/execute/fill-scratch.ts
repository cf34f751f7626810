import { listFiles } from '../data/datasets/dataset-files.js';
import type { Failure } from '../domain/failure.js';
import type { Command, Pipeline } from '../domain/pipeline/pipeline.js';
import type { ScratchWorkspace } from '../domain/ports/scratch.js';
import type { Services } from '../domain/ports/services.js';
import { isAtOrBelow } from '../domain/support/paths.js';
import { ok, type Result } from '../domain/support/result.js';
import { partsOf } from '../pipeline/parse/source/bundle.js';
import { pathsWritten } from './attempt/outputs.js';

/** Installed packages are linked as a whole, never copied. */
const PACKAGES = ['node_modules', '.venv', 'venv'];

type Dependencies = Pick<Services, 'files'>;

/**
 * Fills a scratch workspace with what the pipeline reads but does not make: inputs and scripts as copies, dataset
 * files and installed packages as links. If a step does not declare its inputs, everything is copied.
 */
export async function fillScratch(
  services: Dependencies,
  scratch: ScratchWorkspace,
  pipeline: Pipeline,
  options: FillOptions = {},
): Promise<Result<void, Failure>> {
  const outputs = pipeline.steps.flatMap(pathsWritten) as readonly string[];
  const isMade = (path: string): boolean => outputs.some((one) => isAtOrBelow(path, one));
  const datasets = new Set<string>();
  for (const dataset of pipeline.datasets)
    for (const file of await listFiles(services, dataset)) if (!isMade(file)) datasets.add(file);
  const packages = [];
  for (const folder of PACKAGES) if ((await services.files.stat(folder)) !== undefined) packages.push(folder);
  const published = pipeline.model?.publish?.path;
  const without = [
    ...outputs,
    ...datasets,
    ...PACKAGES,
    '.refit',
    '.git',
    ...(published === undefined ? [] : [published]),
  ];
  for (const path of await pathsRead(services, pipeline, options)) {
    if (without.some((one) => isAtOrBelow(path, one))) continue;
    const copied = await scratch.copy(path, without);
    if (!copied.ok) return copied;
  }
  for (const path of [...datasets, ...packages]) await scratch.link(path);
  return ok(undefined);
}

interface FillOptions {
  /** Includes what evaluate and the smoke tests read. */
  readonly isJudged?: boolean;
}

async function pathsRead(
  services: Dependencies,
  pipeline: Pipeline,
  { isJudged = false }: FillOptions,
): Promise<ReadonlySet<string>> {
  const { model } = pipeline;
  const scored = isJudged ? (model?.evaluate?.inputs ?? []) : [];
  const inputs = [...pipeline.steps.flatMap((step) => step.inputs ?? []), ...scored];
  const isAll = pipeline.steps.some((step) => step.inputs === undefined);
  // The scratch workspace lies inside the real one, so the real one cannot be copied as one folder.
  if (isAll || inputs.some((input) => input.kind === 'path' && input.path === '.'))
    return new Set(await services.files.listFolder('.'));
  const read = new Set<string>(partsOf(pipeline.file, pipeline.text).map((part) => part.file));
  if ((await services.files.stat('refit.yaml')) !== undefined) read.add('refit.yaml');
  for (const input of inputs) {
    if (input.kind === 'path' && (await services.files.stat(input.path)) !== undefined) read.add(input.path);
    if (input.kind === 'glob') for (const file of await services.files.glob([input.pattern])) read.add(file);
  }
  const commands = [...pipeline.steps.map((step) => step.command), ...(isJudged ? judgingCommands(pipeline) : [])];
  for (const word of commands.flatMap(wordsOf)) if ((await services.files.stat(word))?.kind === 'file') read.add(word);
  return read;
}

const judgingCommands = ({ model }: Pipeline): readonly Command[] => [
  ...(model?.evaluate === undefined ? [] : [model.evaluate.command]),
  ...(model?.gate ?? []).flatMap((rule) => (rule.kind === 'smoke' ? [rule.command] : [])),
];

/** Words of a command that may be files of the workspace, such as a script that no input declares. */
function wordsOf(command: Command): readonly string[] {
  const templates = command.kind === 'shell' ? [command.script] : command.words;
  return templates
    .flatMap((template) =>
      template.flatMap((part) => (part.kind === 'text' ? part.text.split(/[\s"'`=;|&<>()]+/) : [])),
    )
    .map((word) => word.replace(/^(\.\/)+/, ''))
    .filter((word) => /^[^/$-]/.test(word) && !word.split('/').includes('..'));
}
