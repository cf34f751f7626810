import type { Command } from 'commander';
import { answerWith, parseCount, perform } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { LIMIT, type LimitOptions } from './runs.command.js';

export const addMetrics = (program: Command): Command =>
  program
    .command('metrics')
    .description("metrics of a pipeline's runs")
    .argument('<pipeline>', 'name', pipelineArgument)
    .option('--plot', 'drawn over the runs; with --key as a chart, of a series over its steps')
    .option('--key <metric>', 'just this metric')
    .option('--limit <n>', 'how many runs', parseCount('--limit'), LIMIT)
    .action(async (name: string, options: LimitOptions & { plot?: boolean; key?: string }) => {
      await perform('metrics', options, 'read', async (services) => {
        const { listMetrics } = await import('./lists.js');
        return answerWith(await listMetrics(services, name, { ...options, isPlotted: options.plot ?? false }));
      });
    });
