import type { Argument, Command, Option } from 'commander';
import type { NameKind, WorkspaceNames } from './workspace-names.js';

const VERSION: readonly NameKind[] = ['version', 'alias'];
const SUBJECT: readonly NameKind[] = ['model', ...VERSION, 'latest', 'run'];

/** What the arguments and the values of options name, by the words that help shows for them. */
const KINDS: Readonly<Record<string, readonly NameKind[]>> = {
  pipeline: ['pipeline'],
  'pipeline-or-file': ['pipeline'],
  'pipeline or files': ['pipeline'],
  model: ['model'],
  'model@version': VERSION,
  run: ['latest', 'run'],
  subject: [...SUBJECT, 'decision'],
  base: SUBJECT,
  before: SUBJECT,
  after: SUBJECT,
  other: SUBJECT,
  artifact: VERSION,
  finding: ['finding'],
  channel: ['channel'],
  remote: ['remote'],
  step: ['step'],
  profile: ['profile'],
  dataset: ['dataset'],
  metric: ['metric'],
};

/** Arguments of some commands that name more than the word says, and values of options that are called by another word. */
const SPECIAL: Readonly<Record<string, readonly NameKind[]>> = {
  'report subject': ['pipeline', ...SUBJECT],
  'reproduce subject': SUBJECT,
  'lineage subject': SUBJECT,
  'note model': ['model', 'version'],
  'runs pipeline': ['pipeline', 'recorded'],
  'metrics pipeline': ['pipeline', 'recorded'],
  'decisions pipeline': ['pipeline', 'recorded'],
  'export what': ['pipeline', 'latest', 'run'],
  '--profile name': ['profile'],
  '--dataset name': ['dataset'],
};

/** The commands of the program, known without loading them, and the definitions of one of them. */
export interface Commands {
  readonly names: readonly string[];
  readonly load: (name: string) => Promise<Command | undefined>;
}

/** What may stand at the end of a command line. `words` are those after `refit`; the last one is being typed. */
export async function completions(
  commands: Commands,
  words: readonly string[],
  names: WorkspaceNames | undefined,
): Promise<readonly string[]> {
  const typed = words.at(-1) ?? '';
  const [name = ''] = words;
  const isCommand = words.length < 2 || (name === 'help' && words.length === 2);
  if (isCommand) return begunWith(typed, typed.startsWith('-') ? ['--help', '--version'] : [...commands.names, 'help']);
  if (!commands.names.includes(name)) return [];
  const command = await commands.load(name);
  return command === undefined ? [] : begunWith(typed, await wordsOf(command, words.slice(1), names));
}

const begunWith = (typed: string, all: readonly string[]): readonly string[] => [
  ...new Set(all.filter((one) => one.startsWith(typed))),
];

async function wordsOf(
  command: Command,
  words: readonly string[],
  names: WorkspaceNames | undefined,
): Promise<readonly string[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const position = positionOf(command, before);
  const [pipeline] = position.args;
  const listed = async (kinds: readonly NameKind[]): Promise<readonly string[]> =>
    (
      await Promise.all(kinds.map(async (kind) => (await names?.list(kind, pipelineOf(command, pipeline))) ?? []))
    ).flat();
  if (position.option !== undefined) return valuesOf(position.option, listed);
  const [, joined] = position.isOver ? [] : (/^(--[\w-]+)=/.exec(typed) ?? []);
  if (joined !== undefined) {
    const option = command.options.find(({ long }) => long === joined);
    return option === undefined ? [] : (await valuesOf(option, listed)).map((value) => `${joined}=${value}`);
  }
  if (typed.startsWith('-') && !position.isOver) return optionNames(command, before);
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = registeredArguments[position.args.length] ?? (last?.variadic === true ? last : undefined);
  return argument === undefined ? [] : argumentValues(argument, command, listed);
}

/** Only a name that stands where a pipeline belongs selects steps. */
const pipelineOf = (command: Command, first: string | undefined): string | undefined =>
  /^pipeline/.test(command.registeredArguments[0]?.name() ?? '') ? first : undefined;

export interface Position {
  /** The arguments before the cursor. */
  readonly args: readonly string[];
  /** The option whose value is being typed. */
  readonly option?: Option;
  /** Whether `--` ended the options. */
  readonly isOver: boolean;
}

/** Tells the arguments of a line from the values of its options. */
export function positionOf(command: Command, before: readonly string[]): Position {
  const args: string[] = [];
  let open: Option | undefined;
  for (const [i, word] of before.entries()) {
    if (word === '--') return { args: [...args, ...before.slice(i + 1)], isOver: true };
    const option = word.startsWith('-') ? command.options.find((one) => isCalled(one, word)) : undefined;
    if (option !== undefined) open = option.required ? option : undefined;
    else if (open !== undefined) open = open.variadic ? open : undefined;
    else if (!word.startsWith('-')) args.push(word);
  }
  return { args, option: open, isOver: false };
}

const isCalled = ({ long, short }: Option, word: string): boolean => word === long || word === short;

/** Options that were given already are not offered again, except those that may be repeated. */
const optionNames = (command: Command, before: readonly string[]): readonly string[] => [
  ...command.options
    .filter(
      (option) => !option.hidden && (option.parseArg !== undefined || !before.some((word) => isCalled(option, word))),
    )
    .map(({ long, short }) => long ?? short ?? ''),
  '--help',
];

type List = (kinds: readonly NameKind[]) => Promise<readonly string[]>;

/** `<step>` of `--until <step>`. */
const valueName = ({ flags }: Option): string => /[<[]=?([^>\].]+)/.exec(flags)?.[1] ?? '';

async function valuesOf(option: Option, listed: List): Promise<readonly string[]> {
  if (option.argChoices !== undefined) return option.argChoices;
  const name = valueName(option);
  return listed(kindsOf(`${option.long} ${name}`, name));
}

async function argumentValues(argument: Argument, command: Command, listed: List): Promise<readonly string[]> {
  if (argument.argChoices !== undefined) return argument.argChoices;
  return listed(kindsOf(`${command.name()} ${argument.name()}`, argument.name()));
}

function kindsOf(special: string, name: string): readonly NameKind[] {
  if (Object.hasOwn(SPECIAL, special)) return SPECIAL[special] ?? [];
  return Object.hasOwn(KINDS, name) ? (KINDS[name] ?? []) : [];
}
