import type { StepDraft } from './draft-steps.js';
import { folderOf } from './paths-of-script.js';
import type { Project } from './project.js';

/** What only a person knows. Each has a flag; without an answer the first option counts. */
export interface Choices {
  readonly name?: string | undefined;
  readonly train?: string | undefined;
  readonly data?: string | undefined;
}

export interface Question {
  readonly about: keyof Choices;
  readonly text: string;
  /** The best one first. */
  readonly options: readonly string[];
}

const MODEL = /\.(pkl|pickle|joblib|pt|pth|ckpt|onnx|rds|h5|hdf5|keras|bst|ubj|cbm|lgb|safetensors|bin|mar)$/i;

/** Outputs of a step that may be its model, the best one first. */
export function modelsOf(step: StepDraft): readonly string[] {
  const rank = (path: string): number =>
    (/model|clf|classifier|regressor|net/i.test(path) ? 0 : 2) +
    (/scaler|encoder|vectori|preproc|feature/i.test(path) ? 1 : 0);
  return step.writes
    .filter(
      ({ path, writes }) =>
        MODEL.test(path) ||
        (writes === 'model' && !/\.(png|svg|pdf|jpe?g|json|csv|html|txt|md)$/i.test(path)) ||
        // Of a recorded command the name is all that is known. In JavaScript a model is often JSON.
        ((step.command !== undefined || step.script.language === 'node') &&
          /(^|\/)[^/]*model[^/]*$/i.test(path) &&
          !/\.(png|svg|pdf|jpe?g|csv|html|log|md)$/i.test(path)),
    )
    .map((one) => one.path)
    .sort((a, b) => rank(a) - rank(b));
}

/** Steps that may be the one that trains, the best one first. */
export function trainers(steps: readonly StepDraft[]): readonly StepDraft[] {
  const rank = (step: StepDraft): number =>
    (modelsOf(step).length > 0 ? 0 : 4) + (step.script.trains ? 0 : 2) + (step.role === 'train' ? 0 : 1);
  return steps.filter((step) => rank(step) < 6).sort((a, b) => rank(a) - rank(b));
}

/** A dataset: a single table, or all tables of one kind in a folder. */
export interface DataChoice {
  readonly pattern: string;
  readonly files: readonly string[];
}

/** The data that is watched, and the step that keeps what a version was trained on. */
export interface Watched extends DataChoice {
  readonly dataset: string;
  readonly rows: string;
  readonly ignored: readonly string[];
  readonly time: string | undefined;
}

/** Tables that steps read and that no step writes, the best one first. */
export function datasetsOf(steps: readonly StepDraft[], project: Project): readonly DataChoice[] {
  const reads = [...new Set(steps.flatMap((step) => step.reads))].filter(
    (path) => !steps.some((step) => step.writes.some((write) => write.path === path)),
  );
  const choices = reads.flatMap((path): readonly DataChoice[] => {
    if (project.data.includes(path)) return [{ pattern: path, files: [path] }];
    const inside = project.data.filter((one) => folderOf(one) === path);
    const ending = /\.\w+(\.gz)?$/.exec(inside[0] ?? '')?.[0];
    const files = inside.filter((one) => ending !== undefined && one.endsWith(ending));
    return files.length === 0 ? [] : [{ pattern: `${path}/*${ending}`, files }];
  });
  const rank = ({ pattern }: DataChoice): number =>
    /test|valid|holdout/i.test(pattern) ? 2 : /train/i.test(pattern) ? 0 : 1;
  return choices.sort((a, b) => rank(a) - rank(b));
}

/** What to ask a person at a terminal: at most three questions, each only where the folder does not settle it. */
export function questionsFor(project: Project, steps: readonly StepDraft[], given: Choices): readonly Question[] {
  const training = trainers(steps);
  const [best, second] = training;
  const isTied = best !== undefined && second !== undefined && modelsOf(best).length > 0 && modelsOf(second).length > 0;
  const datasets = datasetsOf(steps, project);
  const tables = datasets.length > 0 ? datasets.map((one) => one.pattern) : project.data;
  return [
    ...(given.name === undefined
      ? [{ about: 'name', text: 'Name of the pipeline?', options: [nameOf(project.folder)] } as const]
      : []),
    ...(given.train === undefined && isTied
      ? [
          {
            about: 'train',
            text: 'Which script makes the model that serves?',
            options: training.map((one) => one.script.path),
          } as const,
        ]
      : []),
    ...(given.data === undefined && tables.length > 1
      ? [{ about: 'data', text: 'Which data should be watched for drift?', options: tables.slice(0, 9) } as const]
      : []),
  ];
}

/** A name that a pipeline may have, from that of its folder. */
export const nameOf = (folder: string): string =>
  folder
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 60) || 'model';
