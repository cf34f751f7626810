import { shellQuote } from '../../domain/support/shell-quote.js';
import { headerOf, plainNames, type Task, type Workflow } from './task.js';

/** A Snakefile. Snakemake decides by itself what to run again, by times of files, commands and inputs. */
export function snakefile(workflow: Workflow): string {
  const { tasks, pipeline } = workflow;
  const names = plainNames(tasks, '_');
  const needed = new Set(tasks.flatMap(({ needs }) => needs));
  const flags = new Map(
    tasks
      .filter((task) => isFlagged(task, tasks, needed))
      .map(({ name }) => [name, `.snakemake/refit/${pipeline}/${names.get(name)}.done`]),
  );
  const last = tasks.filter(({ name }) => !needed.has(name));
  const results = last.flatMap((task) => [
    ...task.outputs.map(({ path }) => path),
    ...[flags.get(task.name)].filter((one) => one !== undefined),
  ]);
  return [
    ...headerOf(workflow).map((line) => `# ${line}`),
    'import glob, itertools, os, re',
    'from datetime import datetime, timezone',
    '',
    '# Jobs read this file again, and inherit these.',
    'os.environ.setdefault("REFIT_NOW", datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:00:00.000Z"))',
    'os.environ.setdefault("REFIT_RUN_ID", datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S"))',
    '',
    '',
    'def found(*patterns):',
    '    """Files that the patterns match now; what is no pattern stays as it is."""',
    '    return [path for one in patterns for path in (sorted(glob.glob(one, recursive=True)) if glob.has_magic(one) else [one])]',
    '',
    '',
    `SCRIPTS = ${JSON.stringify(Object.fromEntries(tasks.map(({ name, script }) => [names.get(name), script])), null, 4)}`,
    '',
    '',
    'rule all:',
    '    default_target: True',
    `    input: ${list(results)}`,
    ...tasks.flatMap((task) => ['', '', ...rule(task, { name: names.get(task.name) ?? task.name, flags })]),
    '',
  ].join('\n');
}

/** Snakemake knows only files: what a step needs without reading it, or a step without outputs, is known by an empty file. */
function isFlagged(task: Task, tasks: readonly Task[], needed: ReadonlySet<string>): boolean {
  if (task.outputs.length === 0) return true;
  if (!needed.has(task.name)) return false;
  return tasks.some((other) => other.needs.includes(task.name) && !isRead(task, other));
}

const isRead = ({ outputs }: Task, { inputs }: Task): boolean => outputs.some(({ path }) => inputs.includes(path));

function rule(
  task: Task,
  { name, flags }: { readonly name: string; readonly flags: ReadonlyMap<string, string> },
): readonly string[] {
  const { resources, retries, timeoutS, image } = task;
  const after = task.needs.flatMap((need) => flags.get(need) ?? []);
  const inputs = [...new Set([...task.inputs, ...after])];
  const flag = flags.get(task.name);
  const outputs = [
    ...task.outputs.map(({ path, isFolder }) =>
      isFolder ? `directory(${JSON.stringify(path)})` : JSON.stringify(path),
    ),
    ...(flag === undefined ? [] : [`touch(${JSON.stringify(flag)})`]),
  ];
  const counted = [
    ...(resources.memoryBytes === undefined ? [] : [`mem_mb=${Math.ceil(resources.memoryBytes / 1e6)}`]),
    ...(resources.gpus === undefined ? [] : [`gpus=${resources.gpus}`]),
    ...Object.entries(resources.others).map(
      ([key, amount]) => `${key.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_')}=${amount}`,
    ),
  ];
  const limit = timeoutS === undefined ? '' : `timeout --kill-after=10 ${timeoutS} `;
  const env = [
    ...Object.entries(task.env).map(([key, value]) => `export ${key}=${shellQuote(value)}`),
    ...task.given.map((one) => `export ${one.name}="\${${one.from}:?}"`),
  ];
  return [
    `rule ${name}:`,
    ...(inputs.length === 0
      ? []
      : [`    input: lambda wildcards: found(${inputs.map((one) => JSON.stringify(one)).join(', ')})`]),
    `    output: ${outputs.join(', ')}`,
    `    params: script=lambda wildcards: ${JSON.stringify(env.map((line) => `${line}\n`).join(''))} + SCRIPTS[${JSON.stringify(name)}]`,
    ...(resources.cpus === undefined ? [] : [`    threads: ${Math.max(1, Math.ceil(resources.cpus))}`]),
    ...(counted.length === 0 ? [] : [`    resources: ${counted.join(', ')}`]),
    ...(retries.count === 0 ? [] : [`    retries: ${retries.count}`]),
    ...(image === undefined
      ? []
      : [`    container: ${JSON.stringify(image.includes('://') ? image : `docker://${image}`)}`]),
    `    shell: "${limit}sh -eu -c {params.script:q}"`,
  ];
}

const list = (items: readonly string[]): string => `[${items.map((one) => JSON.stringify(one)).join(', ')}]`;
