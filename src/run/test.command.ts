import type { Command } from 'commander';
import { answer, type CommonOptions, collectParams, parseCount, parseNow, perform, whenOf } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import type { Instant } from '../domain/support/time.js';

interface TestCommandOptions extends CommonOptions {
  readonly now?: Instant;
  readonly param?: Readonly<Record<string, string>>;
  readonly jobs?: number;
  readonly keep?: boolean;
}

export const addTest = (program: Command): Command =>
  program
    .command('test')
    .description('Run the pipeline twice with profiles.test in a scratch workspace, and check its outputs')
    .argument('<pipeline>', 'name or file')
    .option('--param <k=v>', 'set a param', collectParams)
    .option('--jobs <n>', 'run at most this many steps at once; default the number of processors', parseCount('--jobs'))
    .option('--now <time>', 'use this time instead of the clock; rows at or after it are not read', parseNow)
    .option('--keep', 'keep the scratch workspace with its logs')
    .action(async (name: string, options: TestCommandOptions) => {
      await perform('test', options, 'scratch', async (services) => {
        const { testPipeline } = await import('./test-pipeline.js');
        const { testView } = await import('./views/test-view.js');
        const tested = await testPipeline(services, services.makeScratchWorkspace, name, {
          ...whenOf(services, options.now),
          isKept: options.keep ?? false,
          params: options.param,
          jobs: options.jobs,
        });
        if (!tested.ok) return tested;
        const { problems } = tested.value;
        const failures = problems.flatMap((one) => (one.code === 'step-failed' ? [one.failure] : []));
        return answer(testView(tested.value), problems.length === 0 ? EXIT.done : EXIT.failed, failures);
      });
    });
