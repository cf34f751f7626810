import type { Command } from 'commander';
import { VERSION } from '../cli/version.js';
import { EXAMPLES } from '../cli/words/help-examples.js';

/** `createProgram`: the program with all commands, whose definitions the page shows. */
export const addMan =
  (createProgram: () => Promise<Command>) =>
  (program: Command): Command =>
    program
      .command('man')
      .description('Print the manual page, for man')
      .action(async () => {
        const { manPage } = await import('./man-page.js');
        process.stdout.write(manPage(await createProgram(), { version: VERSION, examples: EXAMPLES }));
      });
