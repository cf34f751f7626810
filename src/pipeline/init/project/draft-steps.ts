import type { ParamValue, Role } from '../../../domain/pipeline/pipeline.js';
import { baseName, isAtOrBelow } from '../../../domain/support/paths.js';
import { folderOf, importedBy, packageOf, placeOf, workingFolder } from './paths-of-script.js';
import type { LeftOut, Project, Script } from './project.js';
import type { PathUse } from './read-script.js';

interface DraftOutput {
  readonly path: string;
  readonly writes?: PathUse['writes'];
}

export interface StepDraft {
  readonly name: string;
  readonly script: Script;
  readonly role: Role | undefined;
  readonly cwd: string;
  /** The value of `run` that was recorded; otherwise the script is run by the means of its language. */
  readonly command?: string;
  /** Nothing is known of what it opens: without inputs it is never fresh. */
  readonly isUnseen?: boolean;
  /** It was seen to record metrics through REFIT_METRICS. */
  readonly recordsMetrics?: boolean;
  /** Values that it was given. */
  readonly params?: Readonly<Record<string, ParamValue>>;
  /** Files of code. */
  readonly code: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly DraftOutput[];
  /** What a person has to look at. */
  readonly notes: readonly string[];
}

export interface Drafts {
  readonly steps: readonly StepDraft[];
  readonly leftOut: readonly LeftOut[];
}

const SERVES =
  /(^|\/)(app|main_api|api|serve[rd]?|serving|predict\w*|inference|dashboard|streamlit\w*|gradio\w*|cli)\.(py|R|r)$/;

/** Decides which scripts are steps, and what each of them reads and writes. */
export function draftSteps(project: Project, root: string): Drafts {
  const leftOut: LeftOut[] = [];
  const isLeftOut = (script: Script): boolean => {
    const why = whyNoStep(script, project);
    if (why !== undefined) leftOut.push({ path: script.path, why });
    return why !== undefined;
  };
  const chosen = project.scripts.filter((script) => !isLeftOut(script));
  const names = new Set<string>();
  const steps = chosen.map((script) => draftStep(script, stepName(script, names), project, root));
  return { steps: connected(steps, project), leftOut };
}

function whyNoStep(script: Script, project: Project): string | undefined {
  const { scripts } = project;
  if (scripts.length === 1) return undefined;
  if (script.language === 'notebook')
    return scripts.some((one) => one.language !== 'notebook' && (one.trains || writesOf(one).length > 0))
      ? 'there are scripts, so notebooks are taken for exploration'
      : undefined;
  const writes = writesOf(script);
  if (SERVES.test(script.path) && !script.trains) return 'it uses a model, and makes none';
  const user = scripts.find((one) => one !== script && importedBy(one, project).includes(script));
  if (user !== undefined && !(script.isProgram && writes.length > 0)) return `it is a part of ${user.path}`;
  return writes.length === 0 && !script.trains && script.unclearWrites === 0
    ? 'it writes nothing that was understood'
    : undefined;
}

const writesOf = (script: Script): readonly PathUse[] => script.uses.filter((one) => one.use === 'write');

export function stepName(script: Pick<Script, 'path'>, taken: Set<string>): string {
  const file = baseName(script.path).replace(/\.\w+$/, '');
  const plain = file
    .replace(/^\d+[-_. ]*/, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const base = /^[A-Za-z]/.test(plain) ? plain : `step-${plain || 'one'}`;
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}-${i}`;
  taken.add(name);
  return name;
}

export function roleOf(script: Pick<Script, 'trains'>, name: string): Role | undefined {
  if (/train|fit/i.test(name)) return 'train';
  if (/eval|metric|score/i.test(name)) return 'evaluate';
  if (/extract|download|fetch|ingest|query|collect/i.test(name)) return 'extract';
  if (/prep|clean|feature|split|process|transform|build|make/i.test(name)) return 'prepare';
  if (/valid|check/i.test(name)) return 'validate';
  return script.trains ? 'train' : undefined;
}

function draftStep(script: Script, name: string, project: Project, root: string): StepDraft {
  const own = packageOf(script, project);
  const cwd = own === undefined ? workingFolder(script, project, root) : '';
  const parts = importedBy(script, project);
  const uses = [script, ...parts].flatMap((one) => one.uses.map((use) => ({ use, from: one.path })));
  const notes: string[] = [];
  const reads = new Set<string>();
  const writes = new Map<string, DraftOutput>();
  for (const { use, from } of uses) {
    const place = placeOf(use.path, from, cwd, root);
    if (place.kind !== 'inside') notes.push(noteOutside(use, place.kind, script));
    else if (/[\p{C}{}"'`\\$]/u.test(place.path)) continue;
    else if (use.use === 'write') writes.set(place.path, { path: place.path, writes: use.writes });
    else if (use.use === 'append')
      notes.push(`${script.path} appends to ${place.path}: it is no output, because refit moves old outputs aside`);
    else if (use.use === 'list' && /[*?[]/.test(place.path))
      for (const path of matchesOf(place.path, project)) reads.add(path);
    else reads.add(place.path);
  }
  for (const text of [script, ...parts].flatMap((one) => one.texts)) {
    const place = text.length < 300 ? placeOf(text, script.path, cwd, root) : undefined;
    if (place?.kind === 'inside' && isData(place.path, project) && !writes.has(place.path)) reads.add(place.path);
  }
  return {
    name,
    script,
    role: roleOf(script, name),
    cwd,
    code:
      own === undefined
        ? [script.path, ...parts.map((one) => one.path)]
        : [own.folder, ...outsideOf(own.folder, parts)],
    reads: [...reads],
    writes: [...writes.values()],
    notes: [...new Set([...notes, ...notesOf(script)])],
  };
}

const outsideOf = (folder: string, parts: readonly Script[]): readonly string[] =>
  parts.map((one) => one.path).filter((path) => !path.startsWith(`${folder}/`));

/** A text of a script that is the name of a table, or of a folder with tables, is taken for something that it reads. */
const isData = (path: string, { data, folders }: Project): boolean =>
  path !== '' && (data.includes(path) || (folders.has(path) && data.some((one) => folderOf(one) === path)));

/** Files of data that a glob of a script matches: only stars within one name are understood. */
function matchesOf(glob: string, { data }: Project): readonly string[] {
  const folder = folderOf(`${glob.slice(0, glob.search(/[*?[]/))}x`);
  const inside = data.filter((path) => path.startsWith(folder === '' ? '' : `${folder}/`));
  return inside.length === 0 || folder === '' ? inside : [folder];
}

function noteOutside({ use, path }: PathUse, kind: 'outside' | 'address', { path: script }: Script): string {
  if (kind === 'address') return `${script} reads ${path}: refit does not see when it changes`;
  return use === 'write'
    ? `${script} writes ${path}, outside of this folder: let it write below work/, and add that to its outputs`
    : `${script} reads ${path}, outside of this folder: copy it here, or list its folder under "roots" in refit.yaml, and add it to the inputs`;
}

function notesOf({ path, required, unclearWrites, readsArguments }: Script): readonly string[] {
  return [
    ...(required.length > 0 ? [`${path} insists on ${required.join(', ')}: add it to "run"`] : []),
    ...(readsArguments && required.length === 0 ? [`${path} reads its arguments: add them to "run"`] : []),
    ...(unclearWrites > 0
      ? [
          `${path} writes ${unclearWrites === 1 ? 'a file' : `${unclearWrites} files`} whose name is made while it runs: add it to its outputs`,
        ]
      : []),
  ];
}

/** Several recorded commands may run one script. */
const titleOf = ({ command, name, script }: StepDraft): string => (command === undefined ? script.path : name);

/** Keeps what fits together: one writer for each path, nothing both read and written, no cycle, no input that is not there. */
export function connected(steps: readonly StepDraft[], project: Project): readonly StepDraft[] {
  const writers = new Map<string, StepDraft>();
  const written = steps.map((step) => {
    const notes: string[] = [];
    const writes = step.writes.filter(({ path }) => {
      if (path === '' || /^\.(git|refit)(\/|$)/.test(path)) return false;
      const other = [...writers].find(([one]) => isAtOrBelow(one, path) || isAtOrBelow(path, one));
      if (other !== undefined && other[1].name !== step.name)
        notes.push(`${titleOf(step)} writes ${path}, and so does ${titleOf(other[1])}: only one may`);
      if (other !== undefined) return false;
      if (step.reads.includes(path) && project.data.includes(path)) {
        notes.push(`${step.script.path} rewrites ${path}, which it reads: let it write another file`);
        return false;
      }
      writers.set(path, step);
      return true;
    });
    return { ...step, writes, notes: [...step.notes, ...notes] };
  });
  const ordered: StepDraft[] = [];
  return written.map((step) => {
    const kept = keepReads(step, written, project, ordered);
    ordered.push(kept);
    return kept;
  });
}

function keepReads(
  step: StepDraft,
  steps: readonly StepDraft[],
  { files, folders }: Project,
  ordered: readonly StepDraft[],
): StepDraft {
  const own = new Set(step.writes.map((one) => one.path));
  const notes: string[] = [];
  const reads = step.reads.filter((path) => {
    const isAbove = (one: string): boolean => isAtOrBelow(one, path) || isAtOrBelow(path, one);
    if (path === '' || [...own].some(isAbove)) return false;
    const writer = steps.find((one) => one.name !== step.name && one.writes.some((write) => isAbove(write.path)));
    if (writer === undefined) {
      if (files.has(path) || (folders.has(path) && !step.code.includes(path))) return true;
      notes.push(`${step.script.path} reads ${path}, which is not here: add it to the inputs once it is`);
      return false;
    }
    const isCycle = ordered.some((one) => one.name === writer.name && reaches(one, step, steps));
    if (isCycle)
      notes.push(
        `${step.script.path} and ${writer.script.path} read what the other one writes: one of them has to go first`,
      );
    return !isCycle;
  });
  return { ...step, reads, notes: [...step.notes, ...notes] };
}

/** Whether a step reads, directly or through others, what `from` writes. */
function reaches(step: StepDraft, from: StepDraft, steps: readonly StepDraft[], seen = new Set<string>()): boolean {
  if (seen.has(step.name)) return false;
  seen.add(step.name);
  return step.reads.some((path) =>
    steps.some(
      (one) =>
        one.writes.some((write) => write.path === path) && (one.name === from.name || reaches(one, from, steps, seen)),
    ),
  );
}
