import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Command } from '../../domain/pipeline/pipeline.js';
import type { Services } from '../../domain/ports/services.js';
import { type Run, TRACKED } from '../../domain/runs/run.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { parsePipeline } from '../parse/parse-pipeline.js';
import { connected, type Drafts, roleOf, type StepDraft, stepName } from './project/draft-steps.js';
import { folderOf } from './project/paths-of-script.js';
import type { Project, Script } from './project/project.js';
import { list, plain } from './project/yaml-text.js';

/** One step for each recorded command, in the order in which they ran: with what it was seen to read and write. */
export function draftsOfRuns(
  services: Pick<Services, 'registry'>,
  project: Project,
  named: readonly Result<Run, Failure>[],
): Result<Drafts, Failure> {
  const runs: Run[] = [];
  for (const run of named) {
    if (!run.ok) return run;
    const fault = faultOf(run.value);
    if (fault !== undefined) return err(fault);
    if (!runs.some(({ id }) => id === run.value.id)) runs.push(run.value);
  }
  const values = new Map<string, string>();
  for (const [name, value] of runs.flatMap(({ params }) => Object.entries(params))) {
    const text = JSON.stringify(value);
    if ((values.get(name) ?? text) !== text) return err(twoValues(name));
    values.set(name, text);
  }
  const names = new Set<string>();
  const steps = runs
    .sort((a, b) => a.startedAt - b.startedAt)
    .flatMap((run) => draftOf(services, project, run, names) ?? []);
  return ok({ steps: connected(steps, project), leftOut: [] });
}

const twoValues = (name: string): Failure => ({
  code: 'usage',
  problem: `the runs have different values of the param ${name}, and a pipeline has one`,
  next: 'name runs that agree, or write a pipeline for each',
});

function faultOf({ id, trigger, pipeline, status }: Run): Failure | undefined {
  if (trigger.kind !== TRACKED)
    return {
      code: 'usage',
      problem: `run ${id} is one of the pipeline ${pipeline}, which has its file already`,
      next: "name a run of refit track: refit runs --where 'trigger = track'",
    };
  return status === 'succeeded'
    ? undefined
    : {
        code: 'usage',
        problem: `run ${id} ${status}: what it would have written is not known`,
        next: "name one that succeeded: refit runs --where 'trigger = track and status = succeeded'",
      };
}

function draftOf(
  { registry }: Pick<Services, 'registry'>,
  project: Project,
  run: Run,
  names: Set<string>,
): StepDraft | undefined {
  const [execution] = registry.runs.executions(run.id);
  const definition = registry.runs.definition(run.definitionHash);
  const [step] =
    definition === undefined
      ? []
      : (parsePipeline(run.file as WorkspacePath, definition, { isElsewhere: true }).pipeline?.steps ?? []);
  if (execution === undefined || step === undefined) return undefined;
  const uses = registry.runs.uses(execution.id);
  const read = uses.reads.map((use) => use.path);
  const writes = uses.writes.map((use) => ({ path: use.path }));
  const trace = registry.runs.lastTrace(run.pipeline, step.name);
  const made = new Set<string>(uses.writes.map((use) => use.path));
  const changed = trace?.run === run.id ? trace.writes.filter((path) => !made.has(path)) : [];
  const isUnseen = read.length + writes.length + changed.length === 0;
  const { command, words } = commandOf(step.command);
  const script = project.scripts.find(({ path }) => words.includes(path)) ?? unread(words, step.name);
  return {
    name: stepName({ path: step.name }, names),
    script,
    role: roleOf(script, step.name),
    cwd: '',
    command,
    code: read.filter(isCode),
    reads: wholeFolders(
      read.filter((path) => !isCode(path)),
      project,
    ),
    writes,
    params: run.params,
    recordsMetrics: registry.runs.metrics(execution.id).length > 0,
    isUnseen,
    notes: [
      ...(isUnseen ? [`the files that ${step.name} opens were not recorded: add its inputs and outputs`] : []),
      ...changed.map(
        (path) =>
          `${step.name} changes ${path}, which was there before: it is no output, because refit moves old outputs aside`,
      ),
    ],
  };
}

const isCode = (path: string): boolean => /\.(py|pyi|R|r|jl|js|mjs|cjs|ts|sh|sql|ipynb|rb|pl)$/.test(path);

function commandOf(command: Command): { readonly command: string; readonly words: readonly string[] } {
  if (command.kind === 'shell') {
    const text = plainText(command.script);
    return { command: plain(text), words: text.split(/\s+/) };
  }
  const words = command.words.map(plainText);
  return { command: list(words), words };
}

const plainText = (template: readonly { readonly kind: string; readonly text?: string }[]): string =>
  template.map((part) => part.text ?? '').join('');

/** A program of which only the command is known. */
const unread = (words: readonly string[], name: string): Script => ({
  path: words.find(isCode) ?? words[0] ?? name,
  language: words.some((word) => /\.[Rr]$|Rscript$/.test(word)) ? 'r' : 'python',
  uses: [],
  texts: [],
  unclearWrites: 0,
  required: [],
  readsArguments: false,
  trains: false,
  isProgram: true,
  imports: [],
});

/** A folder of which every file was read is an input itself, so that files that come later count too. */
function wholeFolders(reads: readonly string[], { files }: Project): readonly string[] {
  const all = new Set(reads);
  const whole = [...new Set(reads.map(folderOf))].filter((folder) => {
    const inside = folder === '' ? [] : [...files].filter((one) => one.startsWith(`${folder}/`));
    return inside.length > 1 && inside.every((one) => all.has(one));
  });
  return [...new Set(reads.map((path) => (whole.includes(folderOf(path)) ? folderOf(path) : path)))];
}
