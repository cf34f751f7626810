import { posix } from 'node:path';
import type { YamlPath } from '../../pipeline/parse/source.js';
import type { NotedDocument } from './document.js';
import type { Instance } from './instances.js';
import { isMap, wordsOf } from './template.js';

/** A step of refit, made of a stage. */
export interface ImportedStep {
  readonly name: string;
  readonly description?: string;
  readonly run: string;
  /** DVC runs it whatever its inputs are: refit does where none are declared. */
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

/** What a flag of an output asks for that refit does not do. */
const FLAGS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  persist: (value) =>
    value === true ? 'refit moves old outputs aside before a step runs: it finds nothing to go on from' : undefined,
  cache: (value) =>
    value === false ? 'refit keeps every output in its store; that git has it too does no harm' : undefined,
  remote: () => 'an output has no remote of its own',
  push: (value) => (value === false ? 'there is no output that is kept from being pushed' : undefined),
  checkpoint: (value) => (value === true ? 'there are no checkpoints: the step runs to its end' : undefined),
};
/** Words about a plot, or for people. */
const SILENT = ['desc', 'type', 'labels', 'meta', 'hash'];
const STAGE_KEYS = ['cmd', 'wdir', 'deps', 'params', 'outs', 'metrics', 'plots', 'desc', 'vars', 'always_changed'];

/** `base`: folder of the dvc.yaml, seen from the workspace. */
export function stepOf({ name, path, stage }: Instance, base: string, document: NotedDocument): ImportedStep {
  const lost = (at: YamlPath, message: string): void =>
    document.note(at, { severity: 'warning', code: 'no-equivalent', message });
  for (const key of Object.keys(stage))
    if (!STAGE_KEYS.includes(key) && key !== 'frozen' && key !== 'meta')
      lost([...path, key], `"${key}" has no equivalent`);
  if (stage.frozen === true)
    lost(
      [...path, 'frozen'],
      'nothing is frozen: refit runs the step whenever it is stale; to keep what is there, take the step away',
    );
  if (stage.meta !== undefined) lost([...path, 'meta'], '"meta" has no equivalent');
  const folder = posix.join(base, String(stage.wdir ?? '.'));
  const placed = ({ path: below, at }: Entry): readonly string[] => {
    const full = posix.join(folder, below).replace(/\/$/, '');
    if (!/^([a-z0-9]+:\/\/|\/|~)/i.test(below) && !full.startsWith('..')) return [full];
    lost(at, `${below} lies outside the workspace: nobody sees it change`);
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

/** A list of paths, each alone or with its flags. */
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

/** Names stand for params.yaml, a map for the file that it names. */
function paramFiles(raw: unknown, at: YamlPath): readonly Entry[] {
  if (!Array.isArray(raw)) return [];
  const files = raw.flatMap((one: unknown, place) =>
    (isMap(one) ? Object.keys(one) : ['params.yaml']).map((path) => ({ path, flags: {}, at: [...at, place] })),
  );
  return files.filter((one, place) => files.findIndex(({ path }) => path === one.path) === place);
}

/** Commands of a list are lines of one script, which ends at the first that fails, as DVC does. */
function commandOf(cmd: unknown, folder: string, missing: () => void): string {
  if (cmd === undefined || cmd === '') missing();
  const lines = (Array.isArray(cmd) ? cmd : [cmd]).map(wordsOf);
  const isElsewhere = folder !== '.' && folder !== './';
  return [...(isElsewhere ? [`cd '${folder.replace(/\/$/, '').replaceAll("'", `'\\''`)}'`] : []), ...lines].join('\n');
}
