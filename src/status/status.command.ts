import type { Command } from 'commander';
import { answer, type CommonOptions, parseNow, perform, whenOf } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import { pipelineArgument } from '../cli/file-forms.js';
import type { Instant } from '../domain/support/time.js';

interface StatusOptions extends CommonOptions {
  readonly all?: boolean;
  readonly now?: Instant;
}

export const addStatus = (program: Command): Command =>
  program
    .command('status')
    .description('Show the state of pipelines: steps, champion, last decision; the worst first')
    .argument('[pipeline]', 'name or file; default all', pipelineArgument)
    .option('--all', 'also the pipelines that one screen does not hold')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .action(async (name: string | undefined, options: StatusOptions) => {
      await perform('status', options, 'read', async (services) => {
        const { status } = await import('./status.js');
        const found = await status(services, name, { ...whenOf(services, options.now), isAll: options.all });
        return found.ok ? answer(found.value.view, found.value.isDamaged ? EXIT.integrity : EXIT.done) : found;
      });
    });
