import { posix } from 'node:path';
import type { YamlPath } from '../../pipeline/parse/yaml-source.js';
import type { NotedDocument } from './document.js';
import type { Instance } from './instances.js';
import { isMap, wordsOf } from './template.js';

/** A refit step made from a DVC stage. */
export interface ImportedStep {
  readonly name: string;
  readonly description?: string;
  readonly run: string;
  /** DVC always runs the stage. refit always runs steps without declared inputs. */
  readonly isAlwaysRun: boolean;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly metrics?: string;
}

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
    lost(
      [...path, 'frozen'],
      'frozen: refit cannot freeze a step and runs it whenever it is stale; to keep the existing output, remove the step',
    );
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
  const read = metrics.find((one) => /\.(json|jsonl|csv)$/.test(one.path));
  for (const one of metrics)
    if (one !== read) lost(one.at, `${one.path} is an output: one file of JSON or CSV is read for metrics`);
  const deps = entriesOf(stage.deps, [...path, 'deps']);
  const params = paramFiles(stage.params, [...path, 'params']);
  for (const one of params)
    document.note(one.at, {
      severity: 'warning',
      code: 'param-file',
      message: `the whole of ${one.path} is an input: any change in it makes the step stale`,
    });
  const metricsPath = read === undefined ? undefined : placed(read)[0];
  return {
    name: name.replaceAll(/[^A-Za-z0-9_.-]/g, '-'),
    run: commandOf(stage.cmd, folder, () =>
      document.note(path, { severity: 'error', code: 'missing-key', message: `the stage "${name}" has no cmd` }),
    ),
    isAlwaysRun: stage.always_changed === true,
    inputs: [...new Set([...deps, ...params].flatMap(placed))],
    outputs: [...outs, ...metrics.filter((one) => one !== read)].flatMap(placed),
    metrics: metricsPath,
    ...(typeof stage.desc === 'string' ? { description: stage.desc } : {}),
  };
}

/** Entries of a list of paths, each a string or a map with flags. */
function entriesOf(raw: unknown, at: YamlPath): readonly Entry[] {
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((one: unknown, place): readonly Entry[] =>
    isMap(one)
      ? Object.entries(one).map(([path, flags]) => ({
          path,
          at: [...at, place],
          flags: isMap(flags) ? Object.fromEntries(Object.entries(flags).filter(([key]) => !SILENT.includes(key))) : {},
        }))
      : [{ path: wordsOf(one), flags: {}, at: [...at, place] }],
  );
}

/** Param files of a stage. A plain name refers to params.yaml, a map to the file it names. */
function paramFiles(raw: unknown, at: YamlPath): readonly Entry[] {
  if (!Array.isArray(raw)) return [];
  const files = raw.flatMap((one: unknown, place) =>
    (isMap(one) ? Object.keys(one) : ['params.yaml']).map((path) => ({ path, flags: {}, at: [...at, place] })),
  );
  return files.filter((one, place) => files.findIndex(({ path }) => path === one.path) === place);
}

/** Joins a list of commands to one script that stops at the first failure, like DVC. */
function commandOf(cmd: unknown, folder: string, missing: () => void): string {
  if (cmd === undefined || cmd === '') missing();
  const lines = (Array.isArray(cmd) ? cmd : [cmd]).map(wordsOf);
  const isElsewhere = folder !== '.' && folder !== './';
  return [...(isElsewhere ? [`cd '${folder.replace(/\/$/, '').replaceAll("'", `'\\''`)}'`] : []), ...lines].join('\n');
}
