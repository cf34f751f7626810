import type { Command } from 'commander';
import { answerWith, type CommonOptions, parseNow, perform } from '../cli/action.js';
import type { Instant } from '../domain/support/time.js';

interface WhyOptions extends CommonOptions {
  readonly all?: boolean;
  readonly now?: Instant;
}

export const addWhy = (program: Command): Command =>
  program
    .command('why')
    .description('Show everything that made a model version, a run, a decision or a file, on one screen')
    .argument('<subject>', 'model[@version|@champion], run, decision, or a path')
    .option('--all', 'name every file that was read or written, however many there are')
    .option('--now <time>', 'use this time instead of the clock: who served, and what was known then', parseNow)
    .action(async (subject: string, options: WhyOptions) => {
      await perform('why', options, 'read', async (services) => {
        const { why } = await import('./why.js');
        const { findVersion } = await import('../models/find-version.js');
        const { warnOfServing } = await import('../serving/warn-of-serving.js');
        const asked = {
          isEveryFile: options.all ?? false,
          until: options.now,
        };
        const version = findVersion(services, subject, asked.until);
        if (version !== undefined) await warnOfServing(services, version.model);
        return answerWith(await why(services, subject, services.place(subject), asked));
      });
    });
