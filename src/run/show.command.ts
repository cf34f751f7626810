import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

export const addShow = (program: Command): Command =>
  program
    .command('show')
    .description('Show one run: steps, metrics, code, environment')
    .argument('<run>', 'id, the beginning of one, or latest')
    .action(async (id: string, options: CommonOptions) => {
      await perform('show', options, 'read', async (services) => {
        const { showRun } = await import('./lists.js');
        return answerWith(showRun(services, id));
      });
    });
