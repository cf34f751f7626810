import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

export const addWhy = (program: Command): Command =>
  program
    .command('why')
    .description('Show everything that made a model version, a run, a decision or a file, on one screen')
    .argument('<subject>', 'model[@version|@champion], run, decision, or a path')
    .action(async (subject: string, options: CommonOptions) => {
      await perform('why', options, 'read', async (services) => {
        const { why } = await import('./why.js');
        const { findVersion } = await import('../models/find-version.js');
        const { warnOfServing } = await import('../serving/warn-of-serving.js');
        const version = findVersion(services, subject);
        if (version !== undefined) await warnOfServing(services, version.model);
        return answerWith(await why(services, subject, services.place(subject)));
      });
    });
