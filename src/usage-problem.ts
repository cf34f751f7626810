import type { Command, CommanderError } from 'commander';
import { UsageError } from './cli/action.js';
import { EXAMPLES } from './cli/words/help-examples.js';
import type { RefusedLine } from './cli/words/missing-words.js';
import { argumentSlip, commandSlip, optionSlip } from './cli/words/slips.js';

/** A refused command line in words: what is wrong, and the line to type instead. */
export interface UsageProblem {
  readonly message: string;
  readonly next: string;
}

/** The problem of a command line, from what the argument parser or a command has thrown. */
export async function usageProblem(
  error: CommanderError | UsageError,
  program: Command | undefined,
  words: readonly string[],
): Promise<UsageProblem> {
  const command = program?.commands.find((one) => one.name() === words[0]);
  const help = command === undefined ? 'refit --help lists the commands' : `refit ${command.name()} --help says more`;
  const { withOnlyNames } = await import('./cli/words/missing-words.js');
  if (error instanceof UsageError)
    return { message: error.message, next: error.next === undefined ? help : await withOnlyNames(error.next) };
  const message = error.message.replace(/^error: /, '');
  const next =
    command === undefined
      ? await nextForCommand(program, words)
      : await nextForWords(error, { command, words: words.slice(1) });
  return { message, next: next === undefined ? help : await withOnlyNames(next) };
}

/** Options of the whole program, which commander reports as unknown, or a word that is no command. */
async function nextForCommand(program: Command | undefined, words: readonly string[]): Promise<string | undefined> {
  const [word = '', ...rest] = words;
  if (word.startsWith('-')) {
    const command = words.find((one) => !one.startsWith('-'));
    return command === undefined
      ? optionSlip(word, ['--help'])
      : `options come after the command: refit ${command} ${words.filter((one) => one !== command).join(' ')}`;
  }
  const slip = commandSlip(word, rest);
  if (slip !== undefined) return `write: ${slip}`;
  const { nearMiss } = await import('./domain/support/near-miss.js');
  const near = nearMiss(word, program?.commands.map((one) => one.name()) ?? []);
  return near === undefined ? undefined : `did you mean: refit ${[near, ...rest].join(' ')}`;
}

async function nextForWords({ code, message }: CommanderError, line: RefusedLine): Promise<string | undefined> {
  const { command } = line;
  const name = command.name();
  const { argumentsOf, lineWithMissing } = await import('./cli/words/missing-words.js');
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  const args = argumentsOf(line);
  const slip = argumentSlip({ command: name, args });
  const such = EXAMPLES[name]?.[0]?.line;
  const example = such === undefined ? undefined : `such as: ${such}`;
  switch (code) {
    case 'commander.unknownOption': {
      if (name === 'track') return `write "--" before the command: refit track -- ${args[0] ?? 'python train.py'} …`;
      const known = command.options.flatMap(({ long, short }) => [long ?? [], short ?? []].flat());
      return optionSlip(quoted, known) ?? (await nearestOption(quoted, known));
    }
    case 'commander.missingArgument':
      // "compare main": a name of the workspace is not what it is mostly called with.
      return slip ?? (name === 'compare' ? undefined : await lineWithMissing(line)) ?? example;
    case 'commander.missingMandatoryOptionValue':
      return slip ?? (await lineWithMissing(line)) ?? example;
    case 'commander.invalidArgument':
      return (await nearestChoice(message)) ?? slip;
    case 'commander.excessArguments':
      return slip ?? example;
    case 'commander.optionMissingArgument':
      return example;
    default:
      return undefined;
  }
}

async function nearestOption(option: string, known: readonly string[]): Promise<string | undefined> {
  const { nearMiss } = await import('./domain/support/near-miss.js');
  const near = option.startsWith('--') ? nearMiss(option, known) : undefined;
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** `… argument 'sklern' is invalid. Allowed choices are node, python.` */
async function nearestChoice(message: string): Promise<string | undefined> {
  const [, given = '', choices = ''] = /'([^']*)' is invalid.*Allowed choices are (.*)\.$/.exec(message) ?? [];
  const { nearMiss } = await import('./domain/support/near-miss.js');
  const near = nearMiss(given, choices.split(', '));
  return near === undefined ? undefined : `did you mean ${near}?`;
}
