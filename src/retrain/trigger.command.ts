import type { Command } from 'commander';
import { answer, type CommonOptions, parseNow, parseWait, perform, whenOf } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { failuresOf, retrainExit } from '../cli/retrain-exit.js';
import type { Instant } from '../domain/support/time.js';

interface TriggerOptions extends CommonOptions {
  readonly event: string;
  readonly id: string;
  readonly retrain: boolean;
  readonly now?: Instant;
  readonly wait?: number;
}

export const addTrigger = (program: Command): Command =>
  program
    .command('trigger')
    .description('Report an event, then decide as retrain does. The same id never trains twice.')
    .argument('<pipeline>', 'name or file', pipelineArgument)
    .requiredOption('--event <name>', 'as the pipeline names it: when: { event: <name> }')
    .requiredOption(
      '--id <key>',
      'which one: a date, a commit, a file; an id that was reported before is not trained for twice',
    )
    .option('--no-retrain', 'only record it; the next retrain uses it')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .option('--wait <duration>', 'wait for a busy pipeline', parseWait)
    .action(async (name: string, options: TriggerOptions) => {
      await perform('trigger', options, 'write', async (services) => {
        const { loadPipeline } = await import('../pipeline/load-pipeline.js');
        const { recordTriggerEvent } = await import('./record-trigger-event.js');
        const { triggerView } = await import('./views/trigger-view.js');
        const loaded = await loadPipeline(services, name);
        if (!loaded.ok) return loaded;
        const recorded = await recordTriggerEvent(
          services,
          loaded.value.pipeline,
          { name: options.event, key: options.id, isOnlyRecorded: !options.retrain },
          {
            ...whenOf(services, options.now),
            isForced: false,
            isDryRun: false,
            waitMs: options.wait,
          },
        );
        if (!recorded.ok) return recorded;
        const { retrain } = recorded.value;
        const view = triggerView(recorded.value);
        return retrain === undefined
          ? answer(view, EXIT.done)
          : answer(view, retrainExit(retrain), failuresOf(retrain));
      });
    });
