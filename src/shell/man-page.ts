import type { Argument, Command, Option } from 'commander';

/** Examples of each command, by its name. */
export type ManExamples = Readonly<Record<string, readonly { readonly purpose: string; readonly line: string }[]>>;

/** The manual page, in the man macros of roff, from the definitions that print the help. */
export function manPage(
  program: Command,
  { version, examples }: { readonly version: string; readonly examples: ManExamples },
): string {
  const { commands } = program;
  const groups = [...new Set(commands.map((command) => command.helpGroup()))];
  return `${[
    `.TH REFIT 1 "" "refit ${roff(version)}" "User Commands"`,
    '.SH NAME',
    `refit \\- ${roff(program.description())}`,
    '.SH SYNOPSIS',
    '.B refit',
    '.I command',
    '[\\fIoptions\\fR]',
    '.SH DESCRIPTION',
    'refit runs pipelines that train models, watches data and models, decides when to train again, judges what was trained,',
    'and publishes what is better.',
    'Every command that shows something prints one JSON document with \\fB\\-\\-json\\fR, also when it fails.',
    ...groups.flatMap((group) => [
      `.SH ${roff(group.replace(/:$/, '').toUpperCase())}`,
      ...commands
        .filter((command) => command.helpGroup() === group)
        .flatMap((command) => commandPart(command, examples[command.name()] ?? [])),
    ]),
    '.SH EXIT STATUS',
    ...EXIT_STATUS.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(([name, meaning]) => ['.TP', `.B ${name}`, roff(meaning)]),
    '.SH FILES',
    ...FILES.flatMap(([name, meaning]) => ['.TP', `.I ${roff(name)}`, roff(meaning)]),
  ].join('\n')}\n`;
}

const EXIT_STATUS = [
  ['0', 'done'],
  ['1', 'something failed'],
  ['2', 'the command line, a name or a pipeline file is wrong'],
  ['3', 'drift was found, or a model got worse'],
  ['4', 'the data is wrong'],
  ['5', 'the gate or a rule refused'],
  ['6', 'another command is working on the same'],
  ['7', 'something stored is not what was recorded'],
  ['8', 'another machine moved the champion meanwhile'],
  ['70', 'a bug in refit'],
] as const;

const ENVIRONMENT = [
  ['COLUMNS', 'width of the output; default that of the terminal, and no limit where there is none'],
  ['NO_COLOR', 'no colours'],
] as const;

const FILES = [
  ['pipelines/*.yaml', 'the pipelines of the workspace'],
  ['refit.yaml', 'settings of the workspace: notifications, remotes, retention'],
  ['.refit/registry.db', 'what happened, and why'],
] as const;

function commandPart(command: Command, examples: ManExamples[string]): readonly string[] {
  const options = command.options.filter((option) => !option.hidden);
  return [
    `.SS ${roff(['refit', command.name(), ...command.registeredArguments.map(spelled)].join(' '))}`,
    roff(command.description()),
    ...command.registeredArguments.flatMap((one) => entry(spelled(one), meaning(one.description, one))),
    ...options.flatMap((one) => entry(one.flags, meaning(one.description, one))),
    ...(examples ?? []).flatMap(({ purpose, line }) => [
      '.PP',
      `${roff(purpose)}:`,
      '.PP',
      '.RS 4',
      '.nf',
      roff(line),
      '.fi',
      '.RE',
    ]),
  ];
}

const entry = (term: string, text: string): readonly string[] => ['.TP', `\\fB${roff(term)}\\fR`, roff(text)];

const spelled = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const meaning = (
  description: string,
  {
    argChoices,
    defaultValue,
    defaultValueDescription,
  }: Pick<Option | Argument, 'argChoices' | 'defaultValue' | 'defaultValueDescription'>,
): string =>
  [
    description,
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(defaultValue === undefined ? [] : [`default ${defaultValueDescription ?? String(defaultValue)}`]),
  ].join('; ');

/** Text in which roff sees no request and no escape. Minus signs can be copied, other characters are named by their code. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replace(
      /[^\n\x20-\x7e]/gu,
      (one) => `\\[u${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
