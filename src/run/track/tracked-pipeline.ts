import { baseName } from '../../domain/support/paths.js';
import { list, plain, word } from '../../pipeline/init/project/yaml-text.js';

export interface TrackedCommand {
  /** Name of the pipeline that the run is recorded under. */
  readonly name: string;
  readonly words: readonly string[];
  /** Where it was given, relative to the workspace; empty for its root. */
  readonly folder: string;
  /** As given with `--param`: values that are no JSON are texts. */
  readonly params: Readonly<Record<string, string>>;
}

/** The definition of a run of one command: a pipeline of one step that declares nothing, as nothing is known yet. */
export function trackedPipeline({ name, words, folder, params }: TrackedCommand): string {
  const command =
    folder === '' ? list(words) : plain(`cd ${word(folder)} && ${words.map((one) => word(one)).join(' ')}`);
  const names = Object.keys(params);
  const values = Object.entries(params).map(([key, text]) => `${plain(key)}: ${scalar(text)}`);
  return [
    `pipeline: ${plain(name)}`,
    ...(names.length === 0 ? [] : [`params: { ${values.join(', ')} }`]),
    'steps:',
    `  ${stepOf(words)}:`,
    `    run: ${command}`,
    ...(names.length === 0 ? [] : [`    params: ${list(names)}`]),
    '',
  ].join('\n');
}

/** A text is a scalar of YAML if it is one of JSON. */
function scalar(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== 'object') return text;
  } catch {
    // no JSON: a text
  }
  return JSON.stringify(text);
}

const SCRIPT = /\.(py|R|r|jl|js|mjs|cjs|ts|sh|ipynb|rb|pl)$/;

/** The name of the script, of the module (`python -m pkg.train`), or of the program. */
function stepOf(words: readonly string[]): string {
  const module = words[words.indexOf('-m') + 1];
  const script = words.find((one) => SCRIPT.test(one)) ?? (words.includes('-m') ? module : undefined) ?? words[0] ?? '';
  const last = baseName(script).replace(SCRIPT, '');
  const name = (words.includes('-m') && script === module ? last.replace(/^.*\./, '') : last)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z]+|-+$/g, '');
  return name === '' ? 'command' : name;
}
