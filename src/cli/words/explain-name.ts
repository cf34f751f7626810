import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import { nearMiss } from '../../domain/support/near-miss.js';
import { isDataFile } from '../data-file-name.js';
import type { NameKind, WorkspaceNames } from '../workspace-names.js';

/** What a name turned out to be that is not what the command takes. */
type Found =
  | { readonly is: 'option' | 'decision' | 'finding' | 'data-file' | 'run' | 'recorded' }
  | { readonly is: 'step'; readonly pipeline: string }
  | { readonly is: 'pipeline'; readonly pipeline: string; readonly model?: string }
  | { readonly is: 'model'; readonly model: string; readonly pipeline?: string }
  | { readonly is: 'version'; readonly model: string; readonly version: string };

/**
 * Failures about a name that does not exist get a hint where the name is something else, or nearly something that exists: the line
 * to type instead. Slips that need no names are in `slips.ts`.
 */
export async function explainName(command: string, failure: Failure, names: WorkspaceNames): Promise<Failure> {
  if (failure.code !== 'pipeline-not-found' && failure.code !== 'not-found') return failure;
  // A column is none of the workspace's names.
  if (failure.code === 'not-found' && failure.namedBy !== undefined) return failure;
  const found = await identify(failure.name, names);
  const hint =
    found === undefined ? nearestName(command, failure) : lineFor(command, { name: failure.name, found, failure });
  return { ...failure, hint };
}

async function identify(name: string, names: WorkspaceNames): Promise<Found | undefined> {
  const has = async (kind: NameKind, one = name): Promise<boolean> => (await names.list(kind)).includes(one);
  if (name.startsWith('-')) return { is: 'option' };
  if (isDataFile(name)) return { is: 'data-file' };
  const stem = (name.split('/').at(-1) ?? '').replace(/\.ya?ml$/i, '');
  if (await has('pipeline', stem)) {
    const [model] = await names.list('made-model', stem);
    return { is: 'pipeline', pipeline: stem, model };
  }
  const [model = '', version] = name.split('@');
  if (await has('model', model)) {
    const [pipeline] = await names.list('making-pipeline', model);
    return version === undefined ? { is: 'model', model, pipeline } : { is: 'version', model, version };
  }
  if (await has('recorded')) return { is: 'recorded' };
  if (await has('decision')) return { is: 'decision' };
  if (await has('finding')) return { is: 'finding' };
  if (/^\d{8}(-|$)/.test(name) && (await names.list('run')).some((run) => run.startsWith(name))) return { is: 'run' };
  for (const pipeline of await names.list('pipeline'))
    if ((await names.list('step', pipeline)).includes(stem)) return { is: 'step', pipeline };
  return undefined;
}

interface Miss {
  readonly name: string;
  readonly found: Found;
  readonly failure: Failure;
}

/** Commands that can run one step of a pipeline. */
const SELECTING = ['run', 'plan'];
/** Commands that take a run. */
const OF_RUNS = ['show', 'logs'];

/** The line to type for what the name is. `undefined` where the command takes just that, and something else is wrong. */
function lineFor(command: string, { name, found, failure }: Miss): string | undefined {
  const isPipelineWanted = failure.code === 'pipeline-not-found';
  switch (found.is) {
    case 'option':
      return `no name begins with "-"; if it is meant as an option, write it before the "--": refit ${command} ${name}`;
    case 'data-file':
      return existsSync(name) ? `"${name}" is a data file: refit check-data ${name}` : missingFile(name);
    case 'recorded':
      return `"${name}" has runs, and no file in pipelines/: refit runs ${name}`;
    case 'decision':
      return `"${name}" is a decision: refit why ${name}`;
    case 'finding':
      return `"${name}" is a finding: refit resolve ${name} --as <bug|normal> --reason "why"`;
    case 'run':
      return isPipelineWanted || !OF_RUNS.includes(command)
        ? `"${name}" is a run: refit show ${name}, or refit why ${name}`
        : undefined;
    case 'step':
      return stepLine(command, name.replace(/\.ya?ml$/i, ''), found.pipeline);
    case 'pipeline':
      return pipelineLine(command, name, found);
    case 'model':
      return modelLine(command, found, isPipelineWanted);
    case 'version':
      return versionLine(command, found, failure as NameFailure);
  }
}

/** A data file that is not there: the name of another one in its folder may be meant. */
function missingFile(name: string): string {
  const folder = dirname(name);
  const near = nearMiss(basename(name), filesIn(folder));
  return `there is no file "${name}"${near === undefined ? '' : `; did you mean "${join(folder, near)}"?`}`;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function stepLine(command: string, step: string, pipeline: string): string {
  const line = SELECTING.includes(command)
    ? `refit ${command} ${pipeline} --only ${step}`
    : OF_RUNS.includes(command)
      ? `refit logs latest ${step}`
      : `refit ${command} ${pipeline}`;
  return `"${step}" is a step of the pipeline ${pipeline}: ${line}`;
}

function pipelineLine(
  command: string,
  name: string,
  { pipeline, model }: Extract<Found, { readonly is: 'pipeline' }>,
): string | undefined {
  if (name !== pipeline) return `the pipeline is called "${pipeline}": refit ${command} ${pipeline}`;
  if (OF_RUNS.includes(command)) return `"${name}" is a pipeline: refit runs ${name}, or refit ${command} latest`;
  if (model === undefined) return `"${name}" is a pipeline that has made no model yet: refit run ${name}`;
  return `"${name}" is a pipeline; its model is ${model}: refit ${command} ${model}`;
}

function modelLine(
  command: string,
  { model, pipeline }: Extract<Found, { readonly is: 'model' }>,
  isPipelineWanted: boolean,
): string | undefined {
  if (isPipelineWanted && pipeline !== undefined)
    return `"${model}" is a model; its pipeline is ${pipeline}: refit ${command} ${pipeline}`;
  if (OF_RUNS.includes(command)) return `"${model}" is a model: refit why ${model}`;
  return undefined;
}

function versionLine(
  command: string,
  { model, version }: Extract<Found, { readonly is: 'version' }>,
  failure: NameFailure,
): string | undefined {
  const isPipelineWanted = failure.code === 'pipeline-not-found';
  // Not where the version itself is missing: the line would be refused again.
  if (command === 'rollback' && !(failure.code === 'not-found' && failure.what === 'version'))
    return `write: refit rollback ${model} --to ${version} --reason "why"`;
  if (isPipelineWanted || OF_RUNS.includes(command))
    return `"${model}@${version}" is a version: refit why ${model}@${version}`;
  if (['served', 'models', 'delivery'].includes(command)) return `write: refit ${command} ${model}`;
  return `refit models ${model} lists the versions of ${model}`;
}

type NameFailure = Extract<Failure, { readonly code: 'pipeline-not-found' | 'not-found' }>;

function nearestName(command: string, failure: NameFailure): string | undefined {
  const near = nearMiss(failure.name, failure.available);
  const isArgument = failure.code === 'pipeline-not-found' || !['step', 'dataset', 'metric'].includes(failure.what);
  if (near === undefined) return undefined;
  return isArgument ? `did you mean "${near}"? refit ${command} ${near}` : `did you mean "${near}"?`;
}
