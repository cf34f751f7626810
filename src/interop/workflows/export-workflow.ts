import type { Failure } from '../../domain/failure.js';
import type { Dataset, Pipeline } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { isGlob } from '../../domain/support/glob.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { shellWord } from '../../domain/support/shell-quote.js';
import { loadPipeline } from '../../pipeline/load-pipeline.js';
import { parentNames } from '../../pipeline/starts-from.js';
import { airflowDag } from './airflow.js';
import { argoWorkflow } from './argo.js';
import { notesOf, scheduleOf, type WorkflowTarget } from './notes.js';
import { snakefile } from './snakemake.js';
import type { Task, Workflow } from './task.js';
import { type Lookup, tasksOf } from './tasks.js';

export interface ExportedWorkflow {
  readonly text: string;
  /** What the other system does not do. Also in the header of the text. */
  readonly notes: readonly string[];
}

/** The steps of a pipeline for another system, which runs their commands without refit. */
export async function exportWorkflow(
  services: Services,
  target: WorkflowTarget,
  asked: { readonly name: string; readonly image?: string; readonly version: string },
): Promise<Result<ExportedWorkflow, Failure>> {
  const loaded = await loadPipeline(services, asked.name);
  if (!loaded.ok) return loaded;
  const { pipeline } = loaded.value;
  const fault = faultOf(pipeline, target, asked);
  if (fault !== undefined) return err(fault);
  const looked = await lookUp(services, pipeline);
  const notes = [...notesOf(pipeline, target), ...looked.notes];
  const workflow: Workflow = {
    pipeline: pipeline.name,
    file: pipeline.file,
    root: services.files.root,
    tasks: tasksOf(pipeline, looked.lookup),
    schedule: target === 'snakemake' ? undefined : scheduleOf(pipeline),
    image: asked.image,
    notes,
    version: asked.version,
  };
  const unfit = unfitTask(workflow.tasks, target);
  if (unfit !== undefined) return err(unfit);
  return ok({ text: WRITERS[target](workflow), notes });
}

const WRITERS: Readonly<Record<WorkflowTarget, (workflow: Workflow) => string>> = {
  argo: argoWorkflow,
  airflow: airflowDag,
  snakemake: snakefile,
};

/** Names of variables that can stand in a script of a shell. */
const VARIABLE = /^[A-Za-z_]\w*$/;

/** What the other system would read as more than a text. */
function unfitTask(tasks: readonly Task[], target: WorkflowTarget): Failure | undefined {
  for (const { name, script, env, given } of tasks) {
    const odd = [...Object.keys(env), ...given.flatMap((one) => [one.name, one.from])].find(
      (one) => !VARIABLE.test(one),
    );
    if (odd !== undefined)
      return {
        code: 'usage',
        problem: `step "${name}" gets a variable with a name that no shell takes: "${odd}"`,
        next: 'use letters, digits and "_"',
      };
    if (target !== 'argo') continue;
    const isCommand = script.includes('{{');
    if (isCommand || Object.values(env).some((value) => value.includes('{{')))
      return {
        code: 'usage',
        problem: `${isCommand ? 'the command' : 'a variable'} of step "${name}" contains {{, which Argo would replace`,
        next: isCommand ? 'move the command into a script' : 'set the variable in a script',
      };
  }
  return undefined;
}

/** What keeps the pipeline from being run without refit. */
function faultOf(
  pipeline: Pipeline,
  target: WorkflowTarget,
  { name, image }: { readonly name: string; readonly image?: string },
): Failure | undefined {
  const bare = pipeline.steps.find((step) => step.image === undefined);
  if (target === 'argo' && image === undefined && bare !== undefined)
    return {
      code: 'usage',
      problem: `step "${bare.name}" has no image, and Argo runs everything in one`,
      next: `name one for such steps: refit export argo ${name} --image registry.example.org/team/steps:1`,
    };
  const problem = needOfRefit(pipeline);
  return problem === undefined
    ? undefined
    : {
        code: 'usage',
        problem,
        next: `export one job that calls refit: refit export kubernetes-cronjob ${name} --image …, or refit schedule ${name}`,
      };
}

/** What a step is handed that only refit can make. */
function needOfRefit({ datasets, steps }: Pipeline): string | undefined {
  const query = datasets.find(
    (one) => (one.source.kind === 'query' || one.remote !== undefined) && steps.some((step) => reads(step, one)),
  );
  const reader = query === undefined ? undefined : steps.find((step) => reads(step, query));
  if (query !== undefined && reader !== undefined)
    return query.source.kind === 'query'
      ? `step "${reader.name}" reads the dataset "${query.name}", a query that only refit can run`
      : `step "${reader.name}" reads the dataset "${query.name}", which only refit fetches`;
  const warm = steps.find((step) => parentNames(step).length > 0);
  return warm === undefined
    ? undefined
    : `step "${warm.name}" starts from ${parentNames(warm).join(', ')}, which only refit can hand over`;
}

const reads = ({ inputs = [], command }: Pipeline['steps'][number], { name }: Dataset): boolean =>
  inputs.some((input) => input.kind === 'dataset' && input.name === name) ||
  (command.kind === 'shell' ? [command.script] : command.words).some((template) =>
    template.some((part) => part.kind === 'value' && part.ref.kind === 'dataset' && part.ref.name === name),
  );

/** A shell finds the files of a plain glob when the step runs. Others (`**`, braces, folders) are listed now. */
async function lookUp(
  { files }: Services,
  pipeline: Pipeline,
): Promise<{ readonly lookup: Lookup; readonly notes: readonly string[] }> {
  const patterns = new Set([
    ...pipeline.datasets.flatMap(({ source }) => (source.kind === 'paths' ? source.patterns : [])),
    ...pipeline.steps.flatMap(({ inputs = [] }) => inputs.flatMap((one) => (one.kind === 'glob' ? [one.pattern] : []))),
  ]);
  const words = new Map<string, readonly string[]>();
  const listed: string[] = [];
  for (const pattern of patterns) {
    const isFolder = !isGlob(pattern) && (await files.stat(pattern))?.kind === 'folder';
    if (!isFolder && !/\*\*|[{}\s'"$`\\;&|<>()!#~]/.test(pattern)) words.set(pattern, [pattern]);
    else {
      const found = await files.glob([isFolder ? `${pattern}/**` : pattern]);
      words.set(pattern, found.map(shellWord));
      listed.push(pattern);
    }
  }
  const folders = new Set<string>();
  for (const step of pipeline.steps)
    for (const { path } of step.outputs) if ((await files.stat(path))?.kind === 'folder') folders.add(path);
  return {
    lookup: {
      words: (asked) => asked.flatMap((pattern) => words.get(pattern) ?? [shellWord(pattern)]),
      isFolder: (path) => folders.has(path),
    },
    notes: listed.map((pattern) => `${pattern} stands for the files that match it now`),
  };
}
