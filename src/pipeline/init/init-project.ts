import type { Failure } from '../../domain/failure.js';
import type { WorkspacePath } from '../../domain/ids.js';
import type { Services } from '../../domain/ports/services.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import type { View } from '../../domain/view.js';
import { listPipelineFiles } from '../load-pipeline.js';
import { parsePipeline } from '../parse/parse-pipeline.js';
import { projectView } from '../views/init-view.js';
import { writeNewFiles } from './new-files.js';
import { type Choices, type Question, questionsFor } from './project/choices.js';
import { type ComposedPipeline, composePipeline } from './project/compose-pipeline.js';
import { type Drafts, draftSteps } from './project/draft-steps.js';
import type { Project } from './project/project.js';
import { scanProject } from './project/scan-project.js';

type Dependencies = Pick<Services, 'files' | 'environments'>;

export interface InitOptions {
  /** Name of the folder itself, and the folder as the caller named it. */
  readonly folderName: string;
  readonly folder: string;
  readonly choices: Choices;
  /** Asks a person; absent where nobody can be asked. Returns one of the options, or a text of their own. */
  readonly ask?: ((question: Question) => Promise<string>) | undefined;
  /** The steps, where they are not to be read from the scripts. */
  readonly drafts?: ((project: Project) => Result<Drafts, Failure>) | undefined;
}

/**
 * Looks at the project in the workspace and writes a pipeline for it. Runs nothing of the project and overwrites nothing.
 * `undefined` if there is no project: no script and no notebook.
 */
export async function initProject(
  services: Dependencies,
  options: InitOptions,
): Promise<Result<View, Failure> | undefined> {
  const whole = await scanProject(services, options.folderName);
  if (options.drafts !== undefined) {
    const drafts = options.drafts(whole);
    return drafts.ok ? writeProject(services, whole, { ...options, steps: drafts.value }) : drafts;
  }
  if (whole.scripts.length === 0) return undefined;
  const project = await withoutTaken(services, whole);
  if (project.scripts.length === 0) return err(allTaken(await listPipelineFiles(services)));
  return writeProject(services, project, { ...options, steps: draftSteps(project, services.files.root) });
}

async function writeProject(
  services: Dependencies,
  project: Project,
  options: InitOptions & { readonly steps: Drafts },
): Promise<Result<View, Failure>> {
  const chosen = await choose(project, options);
  if (!chosen.ok) return chosen;
  const composed = validOne(project, options.steps, chosen.value);
  const file = `pipelines/${composed.name}.yaml`;
  const written = await writeNewFiles(services, { [file]: composed.text }, 'choose another name: refit init --name …');
  return written.ok ? ok(projectView(written.value, { ...composed, folder: options.folder, file })) : written;
}

/** Scripts that a pipeline of the workspace names already need no second one. */
async function withoutTaken({ files }: Dependencies, project: Project): Promise<Project> {
  const texts: string[] = [];
  for (const file of await listPipelineFiles({ files })) {
    const text = await files.readConfig(file);
    if (text.ok) texts.push(text.value);
  }
  const isTaken = ({ path }: { readonly path: string }): boolean =>
    texts.some((text) => text.split(/[\s,"'[\]{}]+/).includes(path));
  return {
    ...project,
    scripts: project.scripts.filter((script) => !isTaken(script)),
    leftOut: [
      ...project.leftOut,
      ...project.scripts.filter(isTaken).map(({ path }) => ({ path, why: 'a pipeline here runs it already' })),
    ],
  };
}

const allTaken = (files: readonly string[]): Failure => ({
  code: 'usage',
  problem: `every script here belongs to a pipeline already: ${files.join(', ')}`,
  next: 'nothing was written; see them with refit validate, or write an example into another folder: refit init <folder>',
});

async function choose(
  project: Project,
  { choices, ask, steps: { steps } }: InitOptions & { readonly steps: Drafts },
): Promise<Result<Choices, Failure>> {
  let answered: Choices = choices;
  if (ask !== undefined)
    for (const question of questionsFor(project, steps, choices))
      answered = { ...answered, [question.about]: await ask(question) };
  const fault = faultOf(answered, project);
  return fault === undefined ? ok(answered) : err(fault);
}

function faultOf({ name, train, data }: Choices, project: Project): Failure | undefined {
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name))
    return {
      code: 'usage',
      problem: `"${name}" cannot be the name of a pipeline`,
      next: 'use letters, digits, "-", "_" and "."',
    };
  const scripts = project.scripts.map((script) => script.path);
  if (train !== undefined && !scripts.includes(train)) return absent('script', train, scripts);
  const isData = data === undefined || project.data.includes(data) || data.includes('*');
  return isData ? undefined : absent('table', data, project.data);
}

const absent = (what: string, name: string, available: readonly string[]): Failure => ({
  code: 'not-found',
  what,
  name,
  available: available.slice(0, 20),
  next: 'name a file of this folder, as it stands in this list',
});

/** The pipeline is parsed before it is written. If what the scripts seem to read and write contradicts itself, their code alone stays. */
function validOne(project: Project, drafts: Drafts, choices: Choices): ComposedPipeline {
  const full = composePipeline(project, drafts, choices);
  if (isValid(full)) return full;
  const steps = drafts.steps.map((step) => ({ ...step, reads: [], writes: [] }));
  const bare = composePipeline(project, { ...drafts, steps }, choices);
  return {
    ...bare,
    fillIn: [
      'what the scripts read and write could not be brought together: add inputs and outputs by hand',
      ...bare.fillIn,
    ],
  };
}

const isValid = ({ name, text }: ComposedPipeline): boolean =>
  parsePipeline(`pipelines/${name}.yaml` as WorkspacePath, text).diagnostics.every((one) => one.severity !== 'error');
