import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

export const addModels = (program: Command): Command =>
  program
    .command('models')
    .description('List versions, the one that serves, and every move')
    .argument('[model]', 'only this model')
    .action(async (name: string | undefined, options: CommonOptions) => {
      await perform('models', options, 'read', async (services) => {
        const { listModels } = await import('./list-models.js');
        return answerWith(listModels(services, name));
      });
    });
