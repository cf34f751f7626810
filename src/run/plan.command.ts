import type { Command } from 'commander';
import { answer, type CommonOptions, collectParams, parseNow, perform, whenOf } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { executorOption, type SelectionOptions, selectionOptions, toSelection } from '../cli/selection.js';
import type { ExecutorName } from '../domain/pipeline/executor.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';

interface PlanOptions extends CommonOptions, SelectionOptions {
  readonly now?: Instant;
  readonly profile?: string;
  readonly executor?: ExecutorName;
  readonly param?: Readonly<Record<string, string>>;
}

/** A plan connects to nothing. What `run` would do may differ, because it reads the sources again. */
function warnOfSnapshots({ emit }: Pick<Services, 'emit'>, { datasets }: Pipeline): void {
  for (const { name, remote } of datasets)
    if (remote !== undefined)
      emit({
        type: 'warning',
        code: 'planned-with-snapshots',
        text: `dataset "${name}" is planned with the snapshots that are here; "refit run" reads ${remote.place.kind} again`,
      });
}

export const addPlan = (program: Command): Command =>
  selectionOptions(
    program
      .command('plan')
      .description('Show which steps would run, be restored or be skipped, and why')
      .argument('<pipeline>', 'name or file', pipelineArgument),
  )
    .option('--param <k=v>', 'set a param', collectParams)
    .addOption(executorOption())
    .option('--profile <name>', 'apply this profile')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .action(async (name: string, options: PlanOptions) => {
      await perform('plan', options, 'read', async (services) => {
        const { loadPipeline } = await import('../pipeline/load-pipeline.js');
        const { planPipeline } = await import('../execute/plan-pipeline.js');
        const { planView } = await import('./views/plan-view.js');
        const loaded = await loadPipeline(services, name, {
          profile: options.profile,
          params: options.param,
        });
        if (!loaded.ok) return loaded;
        warnOfSnapshots(services, loaded.value.pipeline);
        const when = whenOf(services, options.now);
        const { warnOfDatasets } = await import('../data/datasets/dataset-warnings.js');
        await warnOfDatasets(services, loaded.value.pipeline, when);
        const plan = await planPipeline(services, loaded.value.pipeline, {
          ...when,
          ...toSelection(options),
          trigger: { kind: 'manual' },
          executor: options.executor,
        });
        return plan.ok ? answer(planView(plan.value)) : plan;
      });
    });
