import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

export const addImpact = (program: Command): Command =>
  program
    .command('impact')
    .description('List every run, model version and time of serving that a file, folder or model affected')
    .argument('<artifact>', 'a path, model@version, or the beginning of a hash')
    .action(async (subject: string, options: CommonOptions) => {
      await perform('impact', options, 'read', async (services) => {
        const { impact } = await import('./impact.js');
        return answerWith(await impact(services, subject, services.place(subject).path));
      });
    });
