import { posix } from 'node:path';
import { isRecord } from '../../domain/support/json.js';
import { shellQuote } from '../../domain/support/shell-quote.js';
import type { YamlPath } from '../../pipeline/parse/source/yaml-source.js';
import type { NotedDocument } from './document.js';
import type { Instance } from './instances.js';
import { wordsOf } from './template.js';

/** A refit step made from a DVC stage. */
export interface ImportedStep {
  readonly name: string;
  readonly description?: string;
  readonly run: string;
  /** DVC always runs the stage. refit always runs steps without declared inputs. */
  readonly isAlwaysRun: boolean;
  readonly inputs: readonly ImportedInput[];
  readonly outputs: readonly string[];
  readonly metrics: readonly string[];
  /** DVC does not run the stage and takes its outputs as they are. */
  readonly isFrozen: boolean;
}

/** A path, or the values of a file that count. */
export type ImportedInput = string | { readonly file: string; readonly keys: readonly string[] };

export const pathOf = (input: ImportedInput): string => (typeof input === 'string' ? input : input.file);

interface Entry {
  readonly path: string;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly at: YamlPath;
}

/** Output flags of DVC without an equivalent, with the note for the user. */
const FLAGS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  persist: (value) =>
    value === true
      ? 'refit moves old outputs aside before a step runs, so the step cannot continue from them'
      : undefined,
  cache: (value) =>
    value === false ? 'refit keeps every output in its store; having it in git too does no harm' : undefined,
  remote: () => 'an output cannot have its own remote',
  push: (value) => (value === false ? 'refit cannot exclude an output from being pushed' : undefined),
  checkpoint: (value) =>
    value === true
      ? 'write its folder as "checkpoint" of the step: it is kept until the step has succeeded'
      : undefined,
};
/** Descriptive keys that are ignored without a note. */
const SILENT = ['desc', 'type', 'labels', 'meta', 'hash'];
const STAGE_KEYS = ['cmd', 'wdir', 'deps', 'params', 'outs', 'metrics', 'plots', 'desc', 'vars', 'always_changed'];

/** Converts a stage instance. `base` is the folder of the dvc.yaml, relative to the workspace. */
export function stepOf({ name, path, stage }: Instance, base: string, document: NotedDocument): ImportedStep {
  const lost = (at: YamlPath, message: string): void =>
    document.note(at, { severity: 'warning', code: 'no-equivalent', message });
  for (const key of Object.keys(stage))
    if (!STAGE_KEYS.includes(key) && key !== 'frozen' && key !== 'meta')
      lost([...path, key], `"${key}" has no equivalent`);
  if (stage.frozen === true)
    document.note([...path, 'frozen'], {
      severity: 'warning',
      code: 'frozen-stage',
      message: `"${name}" is frozen, so it is written as a comment: its outputs are taken as they are`,
      suggestion: 'remove the # in front of its lines to run it again',
    });
  if (stage.meta !== undefined) lost([...path, 'meta'], '"meta" has no equivalent');
  const folder = posix.join(base, String(stage.wdir ?? '.'));
  const placed = ({ path: below, at }: Entry): readonly string[] => {
    const full = posix.join(folder, below).replace(/\/$/, '');
    if (!/^([a-z0-9]+:\/\/|\/|~)/i.test(below) && !full.startsWith('..')) return [full];
    lost(at, `${below} lies outside the workspace, so refit does not notice changes`);
    return [];
  };
  const outs = [...entriesOf(stage.outs, [...path, 'outs']), ...entriesOf(stage.plots, [...path, 'plots'])];
  const metrics = entriesOf(stage.metrics, [...path, 'metrics']);
  for (const { flags, at } of [...outs, ...metrics])
    for (const [flag, value] of Object.entries(flags)) {
      const why = FLAGS[flag]?.(value);
      if (why !== undefined) lost(at, `${flag}: ${why}`);
    }
  if (stage.plots !== undefined)
    lost([...path, 'plots'], 'plots are outputs like others; refit metrics --plot draws metrics');
  const isReadable = (one: Entry): boolean => /\.(json|jsonl|csv)$/.test(one.path);
  for (const one of metrics)
    if (!isReadable(one)) lost(one.at, `${one.path} is an output only: metrics are read from JSON and CSV`);
  const deps = entriesOf(stage.deps, [...path, 'deps']);
  const params = paramFiles(stage.params, [...path, 'params']);
  for (const one of params)
    if (one.keys === undefined && one.isNamed)
      document.note(one.at, {
        severity: 'warning',
        code: 'param-file',
        message: `the whole of ${one.path} is an input, because it is neither YAML nor JSON: any change in it makes the step stale`,
      });
  const inputs = [...deps, ...params.filter((one) => one.keys === undefined)].flatMap(placed);
  const values = params.flatMap((one): readonly ImportedInput[] =>
    placed(one).flatMap((file) => (one.keys === undefined || inputs.includes(file) ? [] : [{ file, keys: one.keys }])),
  );
  return {
    name: name.replaceAll(/[^A-Za-z0-9_.-]/g, '-'),
    run: commandOf(stage.cmd, folder, () =>
      document.note(path, { severity: 'error', code: 'missing-key', message: `the stage "${name}" has no cmd` }),
    ),
    isAlwaysRun: stage.always_changed === true,
    isFrozen: stage.frozen === true,
    inputs: [...new Set(inputs), ...values],
    outputs: [...outs, ...metrics.filter((one) => !isReadable(one))].flatMap(placed),
    metrics: metrics.filter(isReadable).flatMap(placed),
    ...(typeof stage.desc === 'string' ? { description: stage.desc } : {}),
  };
}

/** Entries of a list of paths, each a string or a map with flags. */
function entriesOf(raw: unknown, at: YamlPath): readonly Entry[] {
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((one: unknown, place): readonly Entry[] =>
    isRecord(one)
      ? Object.entries(one).map(([path, flags]) => ({
          path,
          at: [...at, place],
          flags: isRecord(flags)
            ? Object.fromEntries(Object.entries(flags).filter(([key]) => !SILENT.includes(key)))
            : {},
        }))
      : [{ path: wordsOf(one), flags: {}, at: [...at, place] }],
  );
}

interface ParamFile extends Entry {
  /** The values that count. Absent: the whole file. */
  readonly keys?: readonly string[];
  /** Whether the stage names values of the file. */
  readonly isNamed: boolean;
}

/** Param files of a stage, each once. A plain name is a value of params.yaml; a map names values of other files. */
function paramFiles(raw: unknown, at: YamlPath): readonly ParamFile[] {
  if (!Array.isArray(raw)) return [];
  const found = new Map<string, { readonly at: YamlPath; readonly names: string[]; isWhole: boolean }>();
  for (const [place, one] of raw.entries()) {
    const named: readonly (readonly [string, unknown])[] = isRecord(one)
      ? Object.entries(one)
      : [['params.yaml', [wordsOf(one)]]];
    for (const [path, names] of named) {
      const file = found.get(path) ?? { at: [...at, place], names: [], isWhole: false };
      found.set(path, file);
      if (Array.isArray(names) && names.length > 0) file.names.push(...names.map(wordsOf));
      else file.isWhole = true;
    }
  }
  return [...found].map(([path, { at: place, names, isWhole }]) => ({
    path,
    at: place,
    flags: {},
    isNamed: !isWhole,
    keys: isWhole || !/\.(ya?ml|json)$/i.test(path) ? undefined : [...new Set(names)],
  }));
}

/** Joins a list of commands to one script that stops at the first failure, like DVC. */
function commandOf(cmd: unknown, folder: string, missing: () => void): string {
  if (cmd === undefined || cmd === '') missing();
  const lines = (Array.isArray(cmd) ? cmd : [cmd]).map(wordsOf);
  const isElsewhere = folder !== '.' && folder !== './';
  return [...(isElsewhere ? [`cd ${shellQuote(folder.replace(/\/$/, ''))}`] : []), ...lines].join('\n');
}
