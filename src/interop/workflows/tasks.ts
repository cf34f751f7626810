import type { InputRef, ParamValue, Pipeline, Step, Template, ValueRef } from '../../domain/pipeline/pipeline.js';
import { shellWord } from '../../domain/support/shell-quote.js';
import type { Task, Words } from './task.js';

/** What only the files of today can answer. */
export interface Lookup {
  /** Shell words for files that a glob or a dataset names. */
  readonly words: (patterns: readonly string[]) => Words;
  readonly isFolder: (path: string) => boolean;
}

/** The steps of a pipeline as tasks that need no refit. The caller has refused what only refit can hand over. */
export const tasksOf = (pipeline: Pipeline, lookup: Lookup): readonly Task[] =>
  pipeline.steps.map((step) => taskOf(pipeline, step, lookup));

function taskOf(pipeline: Pipeline, step: Step, lookup: Lookup): Task {
  const written = [...new Set([...step.outputs.map(({ path }) => path), ...step.metricsPaths])];
  const { cpus, memory, gpus, ...others } = step.resources;
  return {
    name: step.name,
    needs: step.dependsOn,
    script: [...prelude(pipeline, step, written), ...commandLines(pipeline, step, lookup)].join('\n'),
    env: Object.fromEntries(
      Object.entries(step.env).flatMap(([name, value]) => (value.kind === 'literal' ? [[name, value.value]] : [])),
    ),
    given: [
      ...Object.entries(step.env).flatMap(([name, value]) =>
        value.kind === 'from' ? [{ name, from: value.name }] : [],
      ),
      ...step.secrets.map(({ name }) => ({ name, from: name })),
    ],
    image: step.image,
    timeoutS: step.timeoutMs === undefined ? undefined : Math.ceil(step.timeoutMs / 1000),
    retries: step.retries,
    resources: { cpus, memoryBytes: memory, gpus, others },
    inputs: inputPatterns(pipeline, step.inputs ?? []),
    outputs: written.map((path) => ({ path, isFolder: lookup.isFolder(path) })),
  };
}

/** What refit prepares for a step: folders of its outputs, its params, a place for metrics, the programs of its environment. */
function prelude(pipeline: Pipeline, step: Step, written: readonly string[]): readonly string[] {
  const params = JSON.stringify(Object.fromEntries(step.params.map((name) => [name, pipeline.params[name]])));
  const folders = [...new Set(written.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))))].filter(
    (path) => path !== '',
  );
  const { environment, checkpoint } = step;
  return [
    'work=$(mktemp -d)',
    'trap \'rm -rf "$work"\' EXIT',
    `printf '%s\\n' ${shellWord(params)} > "$work/params.json"`,
    ': > "$work/metrics.jsonl"',
    `export REFIT_STEP=${shellWord(step.name)} REFIT_PARAMS="$work/params.json" REFIT_METRICS="$work/metrics.jsonl"`,
    ...(folders.length === 0 ? [] : [`mkdir -p ${folders.map(shellWord).join(' ')}`]),
    ...(checkpoint === undefined
      ? []
      : [
          `mkdir -p ${shellWord(checkpoint)}`,
          `export REFIT_CHECKPOINT="$PWD"/${shellWord(checkpoint)}`,
          'REFIT_RESUME=0; if [ -n "$(ls -A "$REFIT_CHECKPOINT")" ]; then REFIT_RESUME=1; fi; export REFIT_RESUME',
        ]),
    ...(environment?.kind === 'python' ? [`export PATH="$PWD"/${shellWord(environment.name)}/bin:"$PATH"`] : []),
    ...(environment?.kind === 'conda'
      ? [`PATH=$(conda run -n ${shellWord(environment.name)} printenv PATH); export PATH`]
      : []),
  ];
}

/** The command as lines of a script for `sh -eu`. */
function commandLines(pipeline: Pipeline, step: Step, lookup: Lookup): readonly string[] {
  const words = (ref: ValueRef): Words => wordsOf(ref, { pipeline, step, lookup });
  const { command, checkpoint } = step;
  const done = checkpoint === undefined ? [] : [`rm -rf ${shellWord(checkpoint)}`];
  if (command.kind === 'shell')
    return [
      command.script.map((part) => (part.kind === 'text' ? part.text : words(part.ref).join(' '))).join(''),
      ...done,
    ];
  return [command.words.map((word) => spellWord(word, words)).join(' '), ...done];
}

/** One word of a list. A word that is only a dataset becomes several. */
function spellWord(word: Template, words: (ref: ValueRef) => Words): string {
  const parts = word.map((part) => (part.kind === 'text' ? shellWord(part.text) : words(part.ref).join(' ')));
  return parts.length === 0 ? "''" : parts.join('');
}

interface Values {
  readonly pipeline: Pipeline;
  readonly step: Step;
  readonly lookup: Lookup;
}

function wordsOf(ref: ValueRef, { pipeline, step, lookup }: Values): Words {
  switch (ref.kind) {
    case 'param':
      return [shellWord(spell(pipeline.params[ref.name]))];
    case 'matrix':
      return [shellWord(spell(step.matrix[ref.name]))];
    case 'input': {
      const input = step.inputs?.[ref.index];
      if (input === undefined) return [];
      return input.kind === 'path' ? [shellWord(input.path)] : lookup.words(inputPatterns(pipeline, [input]));
    }
    case 'output': {
      const output =
        typeof ref.key === 'number' ? step.outputs[ref.key] : step.outputs.find((one) => one.name === ref.key);
      return output === undefined ? [] : [shellWord(output.path)];
    }
    case 'dataset':
      return lookup.words(patternsOf(pipeline, ref.name));
    case 'now':
      return ['"$REFIT_NOW"'];
    case 'run-id':
      return ['"$REFIT_RUN_ID"'];
    case 'trigger-since':
    case 'champion-path':
    case 'version-path':
    case 'window-new':
    case 'model-path':
    case 'evaluation-path':
    case 'publish-path':
    case 'window-from':
    case 'window-until':
    case 'snapshot-path':
      return ["''"];
  }
}

const inputPatterns = (pipeline: Pipeline, inputs: readonly InputRef[]): readonly string[] =>
  inputs.flatMap((input) => {
    if (input.kind === 'dataset') return patternsOf(pipeline, input.name);
    return input.kind === 'path' ? [input.path] : [input.pattern];
  });

function patternsOf({ datasets }: Pipeline, name: string): readonly string[] {
  const source = datasets.find((one) => one.name === name)?.source;
  return source?.kind === 'paths' ? source.patterns : [];
}

const spell = (value: ParamValue | undefined): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
