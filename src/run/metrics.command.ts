import type { Command } from 'commander';
import { answerWith, parseCount, perform } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { LIMIT, type LimitOptions } from './runs.command.js';

export const addMetrics = (program: Command): Command =>
  program
    .command('metrics')
    .description("Show metrics of a pipeline's runs")
    .argument('<pipeline>', 'name', pipelineArgument)
    .option('--plot', 'draw them over the runs, with the limits of the gate')
    .option('--key <metric>', 'only this metric')
    .option('--limit <n>', 'how many runs', parseCount('--limit'), LIMIT)
    .action(async (name: string, options: LimitOptions & { plot?: boolean; key?: string }) => {
      await perform('metrics', options, 'read', async (services) => {
        const { listMetrics } = await import('./lists.js');
        return answerWith(await listMetrics(services, name, { ...options, isPlotted: options.plot ?? false }));
      });
    });
