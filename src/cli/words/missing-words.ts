import type { Command, Option } from 'commander';
import { completions, positionOf } from '../complete.js';
import { openWorkspaceNames, type WorkspaceNames } from '../workspace-names.js';
import { quoted } from './slips.js';

/** Names that a hint lists. */
const MOST = 5;

/** A line that was refused. */
export interface RefusedLine {
  readonly command: Command;
  /** The words after the command. */
  readonly words: readonly string[];
}

interface Line extends RefusedLine {
  readonly names: WorkspaceNames | undefined;
}

/** The words of the line that are neither options nor their values. */
export const argumentsOf = ({ command, words }: RefusedLine): readonly string[] => positionOf(command, words).args;

/**
 * The same line with the arguments and options that are missing, from the names of the workspace: `write: refit run sales`. With
 * several names it lists them. `undefined` where the workspace has no name for the first argument that is missing.
 */
export async function lineWithMissing({ command, words }: RefusedLine): Promise<string | undefined> {
  using names = openWorkspaceNames();
  const given = words.filter((word) => word !== '--json');
  const { args } = positionOf(command, given);
  const missing = command.registeredArguments.slice(args.length).filter(({ required }) => required);
  const offered = missing.length === 0 ? [] : await offeredNext({ command, words: given, names });
  if (missing.length > 0 && offered.length === 0) return undefined;
  const [only, ...others] = offered;
  const line = [
    `refit ${command.name()}`,
    ...given.map(quoted),
    ...missing.map((one, i) =>
      i === 0 && only !== undefined && others.length === 0 ? quoted(only) : `<${one.name()}>`,
    ),
    ...command.options.filter((one) => one.mandatory && !isGiven(one, given)).map(optionText),
  ].join(' ');
  return `write: ${line}${others.length === 0 ? '' : `; there are: ${listed(offered)}`}`;
}

/** Names that can stand at the end of the line. */
const offeredNext = ({ command, words, names }: Line): Promise<readonly string[]> =>
  completions({ names: [command.name()], load: () => Promise.resolve(command) }, [command.name(), ...words, ''], names);

const isGiven = ({ long, short }: Option, words: readonly string[]): boolean =>
  words.some((word) => word === long || word === short || word.startsWith(`${long}=`));

/** `--as <bug|normal>`, `--reason "why"`. */
function optionText({ long, flags, argChoices }: Option): string {
  const value = /<[^>]*>/.exec(flags)?.[0] ?? '';
  if (argChoices !== undefined) return `${long} <${argChoices.join('|')}>`;
  return `${long} ${value === '<text>' ? '"why"' : value}`.trim();
}

const listed = (names: readonly string[]): string =>
  `${names.slice(0, MOST).map(quoted).join(', ')}${names.length > MOST ? ` and ${names.length - MOST} more` : ''}`;

/** Fills in the pipeline and the model of a hint where the workspace has only one. */
export async function withOnlyNames(hint: string): Promise<string> {
  using names = /<(pipeline|model)>/.test(hint) ? openWorkspaceNames() : undefined;
  let text = hint;
  for (const kind of ['pipeline', 'model'] as const) {
    if (!text.includes(`<${kind}>`)) continue;
    const [only, ...others] = (await names?.list(kind)) ?? [];
    if (only !== undefined && others.length === 0) text = text.replaceAll(`<${kind}>`, quoted(only));
  }
  return text;
}
