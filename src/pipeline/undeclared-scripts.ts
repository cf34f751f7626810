import type { Diagnostic } from '../domain/pipeline/diagnostic.js';
import type { Command, Dataset, InputRef, Pipeline, Step } from '../domain/pipeline/pipeline.js';
import type { Files } from '../domain/ports/platform.js';
import { compileGlob, globMatches } from '../domain/support/glob.js';
import { isAtOrBelow } from '../domain/support/paths.js';
import { patternsOfDataset } from './parse/graph.js';
import { normalizePath } from './parse/paths.js';
import { linesOf } from './parse/source/bundle.js';

interface NotRead {
  readonly step: Step;
  readonly message: string;
  readonly suggestion: string;
}

type Dependencies = { readonly files: Pick<Files, 'stat' | 'root'> };

/** Files of the workspace that a step's command names and that are neither its inputs nor written by it. */
export async function scriptsNotRead(
  { files }: Dependencies,
  { steps, datasets }: Pick<Pipeline, 'steps' | 'datasets'>,
): Promise<readonly NotRead[]> {
  const found: NotRead[] = [];
  const seen = new Set<string>();
  for (const step of steps) {
    if (step.inputs === undefined) continue;
    for (const path of namedPaths(step.command, files.root)) {
      const key = `${step.declaredName} ${path}`;
      if (seen.has(key) || isDeclared(path, step, datasets)) continue;
      seen.add(key);
      if ((await files.stat(path))?.kind !== 'file') continue;
      found.push({
        step,
        message: `step "${step.declaredName}" names ${path}, which is neither among its inputs nor its outputs: a change of it would not run the step again`,
        suggestion: `add ${path} to its inputs if the step reads it, to its outputs if it writes it`,
      });
    }
  }
  return found;
}

export async function undeclaredScripts(
  services: Dependencies,
  { steps, datasets, text }: Pick<Pipeline, 'steps' | 'datasets' | 'text'>,
): Promise<readonly Diagnostic[]> {
  const lineOf = linesOf(text);
  return (await scriptsNotRead(services, { steps, datasets })).map(({ step: { at }, message, suggestion }) => ({
    severity: 'warning',
    code: 'undeclared-script',
    message,
    suggestion,
    at: at,
    sourceLine: lineOf(at),
  }));
}

/** Words that look like a path of a file. Hidden folders (.venv) and installed packages are not the user's own code. */
function namedPaths(command: Command, root: string): readonly string[] {
  const templates = command.kind === 'shell' ? [command.script] : command.words;
  const text = templates
    .map((template) => template.map((part) => (part.kind === 'text' ? part.text : '\0')).join(''))
    .join(' ');
  return text.split(/[\s;&|()<>"'`=,:]+/).flatMap((word) => {
    if (!/^[\w./@+-]*[./][\w@+-]+$/.test(word)) return [];
    const path = normalizePath(word, root);
    return path === undefined || /(^|\/)(\.|node_modules(\/|$))/.test(path) ? [] : [path];
  });
}

function isDeclared(path: string, { inputs = [], outputs, metricsPaths }: Step, datasets: readonly Dataset[]): boolean {
  const patterns = inputs.flatMap((input) => patternsOf(input, datasets));
  return (
    patterns.some((pattern) => isBelow(path, pattern) || globMatches(compileGlob(pattern, { hasDots: true }), path)) ||
    outputs.some((output) => isBelow(path, output.path)) ||
    metricsPaths.some((one) => one === path)
  );
}

const isBelow = (path: string, folder: string): boolean => folder === '.' || isAtOrBelow(path, folder);

function patternsOf(input: InputRef, datasets: readonly Dataset[]): readonly string[] {
  if (input.kind !== 'dataset') return [input.kind === 'path' ? input.path : input.pattern];
  return datasets.filter(({ name }) => name === input.name).flatMap(patternsOfDataset);
}
