import { type Command, Option } from 'commander';
import {
  answer,
  type CommonOptions,
  collectParams,
  parseCount,
  parseNow,
  parseWait,
  perform,
  whenOf,
} from '../cli/action.js';
import { ciOptions } from '../cli/ci-reports.js';
import { EXIT, exitCodeOf } from '../cli/exit-codes.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { executorOption, type SelectionOptions, selectionOptions, toSelection } from '../cli/selection.js';
import type { PipelineResult } from '../domain/decisions/retrain-report.js';
import type { ExecutorName } from '../domain/pipeline/executor.js';
import type { Instant } from '../domain/support/time.js';

interface RunCommandOptions extends CommonOptions, SelectionOptions {
  readonly now?: Instant;
  readonly profile?: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly jobs?: number;
  readonly executor?: ExecutorName;
  readonly keepGoing?: boolean;
  readonly failFast?: boolean;
  readonly wait?: number;
  readonly trace?: boolean;
}

export const addRun = (program: Command): Command =>
  ciOptions(
    selectionOptions(
      program
        .command('run')
        .description('Run stale steps, then register and evaluate the model. Never publishes.')
        .argument('<pipeline>', 'name or file', pipelineArgument),
    ),
  )
    .option('--param <k=v>', 'set a param', collectParams)
    .option('--profile <name>', 'apply this profile')
    .option('--jobs <n>', 'run at most this many steps at once; default the number of processors', parseCount('--jobs'))
    .addOption(executorOption())
    .addOption(
      new Option('--keep-going', 'after a failure, go on with steps that do not need the failed one').conflicts(
        'failFast',
      ),
    )
    .option('--fail-fast', 'after a failure, end the steps that are still running')
    .option('--trace', 'list files that steps open without declaring them (needs strace)')
    .option('--now <time>', 'use this time instead of the clock; rows at or after it are not read', parseNow)
    .option('--wait <duration>', 'wait for a busy pipeline', parseWait)
    .action(async (name: string, options: RunCommandOptions) => {
      await perform('run', options, 'write', async (services) => {
        const [{ loadPipeline }, { warnOfDatasets }, { readSources }, { runPipeline }, { runView }, { runChecks }] =
          await Promise.all([
            import('../pipeline/load-pipeline.js'),
            import('../data/datasets/dataset-warnings.js'),
            import('../data/sources/read-sources.js'),
            import('./run-pipeline.js'),
            import('./views/run-view.js'),
            import('./views/run-checks.js'),
          ]);
        if (options.trace === true) {
          const { needStrace } = await import('../execute/trace/need-strace.js');
          const there = await needStrace(services);
          if (!there.ok) return there;
        }
        const loaded = await loadPipeline(services, name, {
          profile: options.profile,
          params: options.param,
        });
        if (!loaded.ok) return loaded;
        const when = whenOf(services, options.now);
        await warnOfDatasets(services, loaded.value.pipeline, when);
        const read = await readSources(services, loaded.value.pipeline, when);
        if (!read.ok) return read;
        const ran = await runPipeline(services, read.value, {
          ...when,
          ...toSelection(options),
          trigger: { kind: 'manual' },
          isTraced: options.trace,
          jobs: options.jobs,
          executor: options.executor,
          ...(options.keepGoing ? { onFailure: 'go-on' } : {}),
          ...(options.failFast ? { onFailure: 'end-running' } : {}),
          waitMs: options.wait,
        });
        if (!ran.ok) return ran;
        const checks = runChecks(ran.value, read.value);
        return answer(runView(ran.value), runExit(ran.value), failuresOf(ran.value), checks);
      });
    });

const failuresOf = ({ report, failure }: PipelineResult) => [
  ...report.failures,
  ...(failure === undefined ? [] : [failure]),
];

/** A refused gate is not a failure of `run`, which publishes nothing. A tainted run is a failure. */
function runExit({ report, failure }: PipelineResult): number {
  const { failures } = report;
  if (failures.length > 0 && failures.every(({ code }) => code === 'busy')) return EXIT.busy;
  if (report.run.status !== 'succeeded' || report.run.isTainted) return EXIT.failed;
  return failure === undefined ? EXIT.done : exitCodeOf(failure);
}
