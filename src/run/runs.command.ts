import type { Command } from 'commander';
import { answerWith, type CommonOptions, parseCount, perform } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';

export interface LimitOptions extends CommonOptions {
  readonly limit: number;
}

export const LIMIT = 20;

export const WHERE_HELP = `
Fields of --where: id, pipeline, status, trigger, profile, actor, host, commit,
branch, dirty, tainted, started, finished, now, duration, model, metric.<key>,
param.<name>, step.<name>, tool.<name>. Operators: = != < <= > >=,
[not] in (a, b), [not] contains, is missing, is present; joined by and, or, not
and ( ). Times are 2026-02-01, durations 10m.`;

export const addRuns = (program: Command): Command =>
  program
    .command('runs')
    .description('List runs, newest first')
    .argument('[pipeline]', 'only this pipeline', pipelineArgument)
    .option('--where <condition>', 'such as: metric.auc > 0.7 and trigger = drift or param.trees in (40, 50)')
    .option('--limit <n>', 'show at most this many', parseCount('--limit'), LIMIT)
    .addHelpText('after', WHERE_HELP)
    .action(async (name: string | undefined, options: LimitOptions & { where?: string }) => {
      await perform('runs', options, 'read', async (services) => {
        const { listRuns } = await import('./lists.js');
        return answerWith(await listRuns(services, name, options));
      });
    });
