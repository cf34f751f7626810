import type { Command } from 'commander';
import { answer, type CommonOptions, parseCount, perform } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';

export interface ReproduceOptions extends CommonOptions {
  readonly jobs?: number;
  readonly keep?: boolean;
}

export const addReproduce = (program: Command): Command =>
  program
    .command('reproduce')
    .description(
      'Run a version or run again in a scratch workspace, from its commit and inputs, and compare every byte',
    )
    .argument('<subject>', 'model[@version|@champion], or a run')
    .option('--jobs <n>', 'run at most this many steps at once; default the number of processors', parseCount('--jobs'))
    .option('--keep', 'keep the scratch workspace with its logs')
    .action(async (subject: string, options: ReproduceOptions) => {
      await perform('reproduce', options, 'scratch', async (services) => {
        const { reproduce } = await import('./reproduce.js');
        const { reproduceView } = await import('./views/reproduce-view.js');
        const made = await reproduce(services, services.makeScratchWorkspace, subject, {
          isKept: options.keep ?? false,
          jobs: options.jobs,
        });
        if (!made.ok) return made;
        const failures = made.value.steps.flatMap((step) => step.failure ?? []);
        return answer(reproduceView(made.value), made.value.verdict === 'same' ? EXIT.done : EXIT.failed, failures);
      });
    });
