import { createProgram } from './program.js';

/** The command reference, from the same objects that print `--help`. */
export async function commandsSection() {
  const { commands } = await createProgram();
  const common = sharedOptions(commands);
  const groups = [...new Set(commands.map((command) => command.helpGroup()))];
  return [
    `Every command${exceptions(commands, common)} takes ${sentence(common.map(({ flags, description }) => `\`${flags}\` (${description})`))}.`,
    ...groups.flatMap((group) => [
      `## ${group.replace(/:$/, '')}`,
      ...commands.filter((command) => command.helpGroup() === group).map((command) => entry(command, common)),
    ]),
  ].join('\n\n');
}

/** Options that all commands have but those that print a file: told once. */
function sharedOptions(commands) {
  const counts = new Map();
  for (const { flags, description } of commands.flatMap((command) => command.options))
    counts.set(flags, { flags, description, count: (counts.get(flags)?.count ?? 0) + 1 });
  const most = Math.max(...[...counts.values()].map(({ count }) => count));
  return [...counts.values()].filter(({ count }) => count === most);
}

function exceptions(commands, common) {
  const without = commands.filter((command) => !command.options.some(({ flags }) => flags === common[0]?.flags));
  return without.length === 0 ? '' : ` but ${sentence(without.map((command) => `\`${command.name()}\``))}`;
}

const sentence = (items) =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;

function entry(command, common) {
  const args = command.registeredArguments;
  const options = command.options.filter(({ flags, hidden }) => !hidden && !common.some((one) => one.flags === flags));
  const rows = [
    ...args.map((one) => [spell(one), meaning(one.description, one)]),
    ...options.map((one) => [one.flags, meaning(one.description, one)]),
  ];
  const usage = [
    'refit',
    command.name(),
    ...args.map(spell),
    ...options.filter((one) => one.mandatory).map((one) => one.flags),
  ];
  return [
    `### ${command.name()}`,
    '',
    `\`${usage.join(' ')}\``,
    '',
    sentenceOf(command.description()),
    ...(rows.length === 0
      ? []
      : ['', '| | |', '|---|---|', ...rows.map((row) => `| \`${row[0]}\` | ${cell(row[1])} |`)]),
  ].join('\n');
}

/** A description as a sentence: help prints it without capital and full stop. */
const sentenceOf = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;

const spell = (argument) => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const meaning = (description, { argChoices, defaultValue, defaultValueDescription, mandatory }) =>
  [
    description,
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(defaultValue === undefined ? [] : [`default: ${defaultValueDescription ?? defaultValue}`]),
    ...(mandatory ? ['required'] : []),
  ].join('; ');

const cell = (text) => text.replaceAll('|', '\\|');
