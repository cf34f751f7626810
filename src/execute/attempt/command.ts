import type { RunId } from '../../domain/ids.js';
import type { Command, OutputRef, ParamValue, Template, ValueRef } from '../../domain/pipeline/pipeline.js';
import { shellWord } from '../../domain/support/shell-quote.js';
import { type Instant, toIso } from '../../domain/support/time.js';
import { spell } from '../../pipeline/parse/template.js';

/** The values that a command may use. A dataset or an input glob is several words. */
export interface CommandValues {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly inputs?: readonly (readonly string[])[];
  readonly outputs?: readonly OutputRef[];
  readonly datasets?: Readonly<Record<string, readonly string[]>>;
  readonly matrix?: Readonly<Record<string, ParamValue>>;
  /** Already rounded down. */
  readonly now?: Instant;
  readonly since?: Instant;
  readonly runId?: RunId;
  /** Models that the step starts from, by the value that names them; absent where no version serves. */
  readonly parents?: Readonly<Record<string, string | undefined>>;
  /** Files of rows that are new since the champion was trained, by the value. */
  readonly windows?: Readonly<Record<string, readonly string[]>>;
  readonly modelPath?: string;
  readonly evaluationPath?: string;
  readonly publishPath?: string;
}

/** An absolute path, which POSIX guarantees: searching the PATH costs ten failed system calls per step. */
const SHELL = '/bin/sh';

/** The words to execute: `sh -eu` with the script, every value quoted as one word, or the list as it is. */
export function resolveCommand(command: Command, values: CommandValues): readonly string[] {
  if (command.kind === 'shell')
    return [
      SHELL,
      '-eu',
      '-c',
      command.script
        .map((part) => (part.kind === 'text' ? part.text : wordsOf(part.ref, values).map(shellWord).join(' ')))
        .join(''),
    ];
  return command.words.flatMap((word) => resolveWord(word, values));
}

/** A word that is only a dataset becomes several words. */
function resolveWord(word: Template, values: CommandValues): readonly string[] {
  const only = word.length === 1 ? word[0] : undefined;
  if (only?.kind === 'value') return wordsOf(only.ref, values);
  return [word.map((part) => (part.kind === 'text' ? part.text : wordsOf(part.ref, values).join(' '))).join('')];
}

function wordsOf(ref: ValueRef, values: CommandValues): readonly string[] {
  switch (ref.kind) {
    case 'param':
      return [spellParam(values.params[ref.name])];
    case 'matrix':
      return [spellParam(values.matrix?.[ref.name])];
    case 'input':
      return values.inputs?.[ref.index] ?? [];
    case 'output':
      return [outputPath(ref.key, values.outputs ?? [])];
    case 'dataset':
      return values.datasets?.[ref.name] ?? [];
    case 'now':
      return [values.now === undefined ? '' : toIso(values.now)];
    case 'trigger-since':
      return [values.since === undefined ? '' : toIso(values.since)];
    case 'run-id':
      return [values.runId ?? ''];
    case 'champion-path':
      return [values.parents?.champion ?? ''];
    case 'version-path':
      return [values.parents?.[`versions[${ref.version}]`] ?? ''];
    case 'window-new':
      return values.windows?.[spell(ref)] ?? [];
    case 'model-path':
      return [values.modelPath ?? ''];
    case 'evaluation-path':
      return [values.evaluationPath ?? ''];
    case 'publish-path':
      return [values.publishPath ?? ''];
    case 'window-from':
    case 'window-until':
    case 'snapshot-path':
      throw new Error(`internal error: ${ref.kind} outside of a source`);
  }
}

const spellParam = (value: ParamValue | undefined): string =>
  typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);

function outputPath(key: string | number, outputs: readonly OutputRef[]): string {
  const output = typeof key === 'number' ? outputs[key] : outputs.find((one) => one.name === key);
  if (output === undefined) throw new Error(`internal error: unknown output ${key}`);
  return output.path;
}
