import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

export const addModels = (program: Command): Command =>
  program
    .command('models')
    .description('versions, which one serves, and every move')
    .argument('[model]', 'of one model')
    .action(async (name: string | undefined, options: CommonOptions) => {
      await perform('models', options, 'read', async (services) => {
        const { listModels } = await import('./list-models.js');
        return answerWith(listModels(services, name));
      });
    });
