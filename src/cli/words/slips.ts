import { existsSync } from 'node:fs';
import { isDataFile } from '../data-file-name.js';

/**
 * Common slips of the command line, and the line to type instead. One table for commands, one for options, one for arguments;
 * names that only the registry knows are explained in `explain-name.ts`.
 */

/** A command line that was refused. */
export interface Refused {
  readonly command: string;
  /** The words after the command. */
  readonly words: readonly string[];
  /** Those that are no options, as far as that can be told without the definitions. */
  readonly args: readonly string[];
  /** Long and short names of the options that the command has. */
  readonly options: readonly string[];
}

const P = '<pipeline>';

/** Words that other tools use for a command, and what to type here. */
const COMMANDS: Readonly<Record<string, string>> = {
  drift: `refit check-drift ${P}`,
  monitor: `refit check-drift ${P}`,
  data: `refit check-data ${P}`,
  quality: `refit check-data ${P}`,
  performance: `refit check-performance ${P}`,
  perf: `refit check-performance ${P}`,
  evaluate: `refit check-performance ${P}`,
  list: 'refit runs, refit models or refit status',
  ls: 'refit runs, refit models or refit status',
  ps: 'refit status',
  history: 'refit runs',
  experiments: 'refit runs',
  log: 'refit logs latest',
  tail: 'refit logs latest -f',
  deploy: 'refit promote <model@version> --reason "why"',
  publish: 'refit promote <model@version> --reason "why"',
  serve: 'refit promote <model@version> --reason "why"',
  release: 'refit promote <model@version> --reason "why"',
  serving: 'refit served <model>',
  train: `refit run ${P}`,
  start: `refit run ${P}`,
  exec: `refit run ${P}`,
  execute: `refit run ${P}`,
  repro: `refit run ${P}`,
  'dry-run': `refit plan ${P}`,
  dag: `refit plan ${P}, or refit lineage <model>`,
  graph: 'refit lineage <model> --dot',
  explain: 'refit why <model@version>, or refit why latest',
  info: 'refit show latest',
  describe: 'refit show latest',
  inspect: 'refit show latest',
  undo: 'refit rollback <model> --reason "why"',
  revert: 'refit rollback <model> --reason "why"',
  stop: `refit pause ${P} --reason "why"`,
  continue: `refit resume ${P} --reason "why"`,
  unpause: `refit resume ${P} --reason "why"`,
  cron: `refit schedule ${P} --print cron`,
  new: 'refit init',
  create: 'refit init',
  check: 'refit validate',
  lint: 'refit validate',
  fsck: 'refit doctor, and refit verify',
  repair: 'refit doctor --repair',
  clean: 'refit gc, which only lists; refit gc --apply deletes',
  prune: 'refit gc, which only lists; refit gc --apply deletes',
  backup: 'refit registry backup <file>',
  restore: 'refit registry restore <file>',
  versions: 'refit models',
  card: 'refit report <model@version> --card',
  completions: 'refit completion bash',
  manual: 'refit man',
  version: 'refit --version',
};

/** Options of other tools. A list holds what serves the same here; the first one that the command has is named. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  '-v': ['--verbose'],
  '-vv': ['--verbose'],
  '--debug': ['--verbose'],
  '-q': ['--quiet'],
  '--silent': ['--quiet'],
  '-s': ['--quiet'],
  '-j': ['--jobs'],
  '--workers': ['--jobs'],
  '--parallel': ['--jobs'],
  '-p': ['--param'],
  '-P': ['--param'],
  '--params': ['--param'],
  '--set': ['--param'],
  '-S': ['--param'],
  '-f': ['--force', '--follow'],
  '--yes': ['--apply', '--force'],
  '-y': ['--yes', '--apply', '--force'],
  '-n': ['--dry-run', '--limit', '--lines'],
  '--dryrun': ['--dry-run'],
  '--tail': ['--lines'],
  '--last': ['--limit'],
  '--max': ['--limit'],
  '--top': ['--limit'],
  '--format': ['--json'],
  '--output': ['--json'],
  '-o': ['--output', '--json'],
  '--out': ['--output'],
  '--date': ['--now', '--at'],
  '--as-of': ['--now', '--at'],
  '--since': ['--since', '--from'],
  '-m': ['--reason'],
  '--message': ['--reason'],
  '--comment': ['--reason'],
  '--step': ['--only'],
  '--filter': ['--where'],
  '--query': ['--where'],
  '--metric': ['--key'],
  '--version': ['--to'],
  '--ref': ['--reference'],
  '--baseline': ['--reference'],
  '--target': ['--label'],
  '--features': ['--segment'],
  '--check': ['--dry-run'],
  '--no-color': [],
  '--color': [],
  '-C': [],
  '--workspace': [],
  '--config': [],
};

/** What does the same where no option does. */
const INSTEAD: Readonly<Record<string, string>> = {
  '-v': 'refit --version prints the version',
  '--version': 'refit --version prints the version',
  '--no-color': 'set NO_COLOR=1 in the environment',
  '--color': 'set FORCE_COLOR=1 in the environment',
  '-C': 'go to the folder first: cd <folder> && refit …',
  '--workspace': 'go to the folder first: cd <folder> && refit …',
  '--config': 'settings are read from refit.yaml in the workspace',
};

/** A word as a shell takes it. */
export const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : JSON.stringify(text));

const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text);

type Rule = (args: readonly string[]) => string | undefined;

const versionApart =
  (command: string): Rule =>
  ([model, version]) => {
    if (model === undefined || model.includes('@')) return undefined;
    if (isNumber(version)) return `refit ${command} ${model}@${version} --reason "why"`;
    return `refit ${command} ${model}@<version> --reason "why"; refit models ${model} lists the versions`;
  };

const twoFiles: Rule = ([a, b]) =>
  a !== undefined && b !== undefined && isDataFile(a) && isDataFile(b)
    ? `refit check-drift --reference ${quoted(a)} --current ${quoted(b)}`
    : undefined;

const oneStep =
  (command: string): Rule =>
  ([pipeline, step]) =>
    pipeline === undefined || step === undefined
      ? undefined
      : `refit ${command} ${quoted(pipeline)} --only ${quoted(step)}; for a second pipeline call refit again`;

/** Slips in the arguments of a command: too many, too few, or in the wrong place. */
const ARGUMENTS: Readonly<Record<string, Rule>> = {
  'check-drift': twoFiles,
  run: oneStep('run'),
  plan: oneStep('plan'),
  retrain: ([first, second]) => (first === undefined || second === undefined ? undefined : 'refit retrain --all'),
  promote: versionApart('promote'),
  approve: versionApart('approve'),
  reject: versionApart('reject'),
  rollback: ([model, version]) =>
    isNumber(version) ? `refit rollback ${model} --to ${version} --reason "why"` : undefined,
  served: ([model, time]) => (time === undefined ? undefined : `refit served ${model} --at ${quoted(time)}`),
  note: ([model, ...words]) =>
    words.length > 1 ? `refit note ${model} ${JSON.stringify(words.join(' '))}` : undefined,
  resolve: ([finding, answer]) =>
    answer === 'bug' || answer === 'normal' ? `refit resolve ${finding} --as ${answer} --reason "why"` : undefined,
  trigger: ([pipeline, event]) =>
    event === undefined ? undefined : `refit trigger ${pipeline} --event ${quoted(event)} --id <id>`,
  show: ([run, step]) => (step === undefined ? undefined : `refit logs ${run} ${quoted(step)}`),
  diff: ([only, other]) => (other === undefined && only !== undefined ? `refit diff @champion ${only}` : undefined),
  metrics: ([pipeline, key]) => (key === undefined ? undefined : `refit metrics ${pipeline} --key ${quoted(key)}`),
  status: ([, second]) => (second === undefined ? undefined : 'refit status, which shows all pipelines'),
  registry: ([file]) => (file === undefined ? undefined : `refit registry backup ${quoted(file)}`),
};

/** A word in the place of a command: what to type instead. */
export function commandSlip(word: string, rest: readonly string[]): string | undefined {
  if (Object.hasOwn(COMMANDS, word)) return COMMANDS[word];
  const line = [word, ...rest].map(quoted).join(' ');
  if (/\.ya?ml$/i.test(word)) return `refit run ${line}, or refit validate ${quoted(word)}`;
  if (isDataFile(word)) return `refit check-data ${line}`;
  if (existsSync(`pipelines/${word}.yaml`) || existsSync(`pipelines/${word}.yml`))
    return `refit run ${line}, or refit status ${quoted(word)}`;
  if (word.includes('@')) return `refit why ${quoted(word)}`;
  return undefined;
}

/** An option that the command does not have. */
export function optionSlip(option: string, options: readonly string[]): string | undefined {
  const [name = ''] = option.split('=');
  const known = Object.hasOwn(OPTIONS, name) ? (OPTIONS[name] ?? []) : [];
  const same = known.find((one) => options.includes(one));
  if (same !== undefined) return `write ${same} instead of ${name}`;
  return Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
}

/** Arguments that the command does not take so. */
export function argumentSlip({ command, args }: Pick<Refused, 'command' | 'args'>): string | undefined {
  const rule = Object.hasOwn(ARGUMENTS, command) ? ARGUMENTS[command] : undefined;
  const line = rule?.(args);
  return line === undefined ? undefined : `write: ${line}`;
}
