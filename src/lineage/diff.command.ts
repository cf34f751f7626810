import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

export const addDiff = (program: Command): Command =>
  program
    .command('diff')
    .description('Show every difference of two runs or versions: code, params, data, environment, metrics, gate')
    .argument('<before>', 'run, latest, model[@version], or @champion')
    .argument('<after>', 'the same')
    .action(async (before: string, after: string, options: CommonOptions) => {
      await perform('diff', options, 'read', async (services) => {
        const { diff } = await import('./diff.js');
        return answerWith(await diff(services, before, after));
      });
    });
