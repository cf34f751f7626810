import type { Command } from 'commander';
import { EXAMPLES } from '../cli/words/help-examples.js';
import { VERSION } from '../cli/version.js';

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
