import type { Command } from 'commander';
import { answerWith, type CommonOptions, parseNow, perform, whenOf } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import type { Instant } from '../domain/support/time.js';

interface OperatorOptions extends CommonOptions {
  readonly reason: string;
  readonly now?: Instant;
}

type Kind = 'pause' | 'resume' | 'review';

/** Adds `pause`, `resume` or `review`. Each call is recorded as one row. */
const operatorCommand = (kind: Kind, description: string) => (program: Command) =>
  program
    .command(kind)
    .description(description)
    .argument('<pipeline>', 'name or file', pipelineArgument)
    .requiredOption('--reason <text>', 'the reason; it is kept for ever')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .action(async (name: string, options: OperatorOptions) => {
      await perform(kind, options, 'write', async (services) => {
        const { loadPipeline } = await import('../pipeline/load-pipeline.js');
        const { recordOperatorAction } = await import('./pause.js');
        const loaded = await loadPipeline(services, name);
        if (!loaded.ok) return loaded;
        const when = whenOf(services, options.now);
        return answerWith(
          await recordOperatorAction(services, loaded.value.pipeline, {
            kind,
            reason: services.surroundings.mask(options.reason),
            ...when,
          }),
        );
      });
    });

export const addPause = operatorCommand('pause', 'Stop retraining until resume; decisions are still made and recorded');
export const addResume = operatorCommand('resume', 'End a pause, made by hand or after failures');
export const addReview = operatorCommand(
  'review',
  'Record that a person reviewed the pipeline; review_every counts from here',
);
