import { baseName } from '../../../domain/support/paths.js';
import type { Watched } from './choices.js';
import type { StepDraft } from './draft-steps.js';
import { folderOf, packageOf } from './paths-of-script.js';
import type { Project } from './project.js';
import { list, plain, word } from './yaml-text.js';

interface Around {
  readonly project: Project;
  readonly watched: Watched | undefined;
  readonly model: string | undefined;
  readonly metrics: string | undefined;
  /** Lists of packages that count for steps without an environment. */
  readonly packages: readonly string[];
}

export function stepLines(step: StepDraft, around: Around): readonly string[] {
  const { command, env } = runOf(step, around.project);
  const outputs = outputsOf(step, around);
  const params = Object.keys(step.params ?? {});
  return [
    `  ${plain(step.name)}:${hintOf(step)}`,
    ...(step.role === undefined ? [] : [`    role: ${step.role}`]),
    `    run: ${command}`,
    ...(env === undefined ? [] : [`    env: { PYTHONPATH: ${plain(env)} }`]),
    ...(step.isUnseen === true ? [] : [`    inputs: ${inputsOf(step, around)}`]),
    ...(params.length === 0 ? [] : [`    params: ${list(params)}`]),
    ...(outputs === undefined ? [] : [`    outputs: ${outputs}`]),
    ...(around.metrics === undefined ? [] : [`    metrics: ${plain(around.metrics)}`]),
  ];
}

/** The value of `run`, as YAML. */
function runOf(step: StepDraft, project: Project): { readonly command: string; readonly env?: string } {
  if (step.command !== undefined) return { command: step.command };
  const { command, env } = commandOf(step, project);
  return { command: plain(command), env };
}

function hintOf({ script, command }: StepDraft): string {
  if (command !== undefined) return '';
  if (script.language === 'notebook')
    return ' # needs jupyter; with papermill, params can be passed: papermill in.ipynb out.ipynb -p trees 40';
  if (script.required.length > 0) return ` # add what it insists on: ${script.required.map(dashed).join(' ')}`;
  return script.readsArguments ? ' # add its arguments to run' : '';
}

const dashed = (name: string): string => (/^[\w-]+$/.test(name) ? name : 'its arguments');

const PROGRAMS = { python: 'python3', notebook: 'python3', r: 'Rscript', node: 'node' } as const;

/** Runs the script where it expects to be, by the means of its language. */
function commandOf(step: StepDraft, project: Project): { readonly command: string; readonly env?: string } {
  const { script, cwd } = step;
  if (script.language === 'notebook')
    return {
      command: `jupyter nbconvert --to notebook --execute --output-dir ${word(notebookFolder(step))} ${word(script.path)}`,
    };
  const own = packageOf(script, project);
  if (own !== undefined)
    return { command: `python3 -m ${word(own.module)}`, ...(own.base === '' ? {} : { env: own.base }) };
  const program = PROGRAMS[script.language];
  if (cwd === '') return { command: `${program} ${word(script.path)}` };
  return { command: `cd ${word(cwd)} && ${program} ${word(script.path.slice(cwd.length + 1))}` };
}

const notebookFolder = ({ name }: StepDraft): string => `work/${name}`;

function inputsOf(step: StepDraft, { watched, packages }: Around): string {
  const isWatched = (path: string): boolean =>
    watched !== undefined && (watched.files.includes(path) || watched.pattern.startsWith(`${path}/*`));
  const reads = step.reads.filter((path) => !isWatched(path) && !step.code.includes(path));
  const dataset = step.reads.some(isWatched) ? [`\${{ datasets.${watched?.dataset} }}`] : [];
  const lists = packages.filter((path) => (path === 'renv.lock') === (step.script.language === 'r'));
  return list([...new Set([...step.code, ...lists, ...reads, ...dataset])]);
}

/** The model by name, so that commands and people can refer to it. Metrics are listed by their own key. */
function outputsOf(step: StepDraft, { model, metrics }: Around): string | undefined {
  const paths = step.writes.map((one) => one.path).filter((path) => path !== metrics);
  if (step.script.language === 'notebook' && paths.length === 0) return list([notebookCopy(step)]);
  if (paths.length === 0) return undefined;
  if (model === undefined || !paths.includes(model)) return list(paths);
  const names = new Set<string>(['model']);
  const others = paths.filter((path) => path !== model).map((path) => `${named(path, names)}: ${plain(path)}`);
  return `{ ${[`model: ${plain(model)}`, ...others].join(', ')} }`;
}

function named(path: string, taken: Set<string>): string {
  const stem = path
    .slice(folderOf(path).length)
    .replace(/^\//, '')
    .replace(/\..*$/, '')
    .replace(/[^A-Za-z0-9_-]+/g, '_');
  const base = /^[A-Za-z]/.test(stem) ? stem : `output_${stem}`;
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
  taken.add(name);
  return name;
}

const notebookCopy = (step: StepDraft): string => `${notebookFolder(step)}/${baseName(step.script.path)}`;
