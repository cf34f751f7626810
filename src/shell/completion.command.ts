import { Argument, type Command, Option } from 'commander';
import type { Commands } from '../cli/complete.js';
import { isOfferable, quoteForBash, readLine } from '../cli/shell-words.js';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from './completion-scripts.js';

interface CompletionOptions {
  readonly line?: string;
  readonly breaks?: string;
}

export const addCompletion =
  (commands: Commands) =>
  (program: Command): Command =>
    program
      .command('completion')
      .description('Print the script with which a shell completes commands, options and the names of this workspace')
      .addArgument(new Argument('<shell>', 'the shell that loads it').choices(SHELLS))
      .argument('[words...]', 'after --: complete these words, as the script asks; the last one is being typed')
      .addOption(new Option('--line <text>', 'the line up to the cursor, as bash tells it').hideHelp())
      .addOption(new Option('--breaks <characters>', 'COMP_WORDBREAKS of bash').hideHelp())
      .action(async (shell: Shell, words: readonly string[], options: CompletionOptions) => {
        if (words.length === 0 && options.line === undefined) {
          process.stdout.write(COMPLETION_SCRIPTS[shell]);
          return;
        }
        const found = await suggestions(commands, words, options);
        process.stdout.write(found.map((one) => `${one}\n`).join(''));
      });

/** Silent where something is wrong: a message in the middle of a command line helps nobody. */
async function suggestions(
  commands: Commands,
  words: readonly string[],
  { line, breaks = '' }: CompletionOptions,
): Promise<readonly string[]> {
  try {
    const typed = line === undefined ? undefined : readLine(line, breaks);
    // The first word of the line is the program.
    const found = await offered(commands, typed === undefined ? words : typed.words.slice(1));
    if (typed === undefined) return found;
    return found.flatMap((one) => quoteForBash(one.slice(typed.kept), typed.quote) ?? []);
  } catch {
    return [];
  }
}

async function offered(commands: Commands, words: readonly string[]): Promise<readonly string[]> {
  const { completions } = await import('../cli/complete.js');
  const { openWorkspaceNames } = await import('../cli/workspace-names.js');
  using names = openWorkspaceNames();
  return (await completions(commands, words, names)).filter(isOfferable);
}
