import type { Command } from 'commander';
import {
  answer,
  answerWith,
  type CommonOptions,
  parseNow,
  parseReason,
  parseWait,
  perform,
  whenOf,
} from '../cli/action.js';
import { EXIT, exitCodeOf } from '../cli/exit-codes.js';
import { versionArgument } from '../cli/file-forms.js';
import type { Instant } from '../domain/support/time.js';

interface AnswerOptions extends CommonOptions {
  readonly reason: string;
  readonly now?: Instant;
}

const withReason = (command: Command): Command =>
  command
    .argument('<model@version>', 'such as flights-delay@3', versionArgument(command.name()))
    .requiredOption('--reason <text>', 'the reason; it is kept for ever', parseReason)
    .option('--now <time>', 'use this time instead of the clock', parseNow);

export const addApprove = (program: Command): Command =>
  withReason(
    program.command('approve').description('Approve a version where the pipeline asks for approval, and serve it'),
  )
    .option('--wait <duration>', 'wait for a busy pipeline', parseWait)
    .action(async (subject: string, options: AnswerOptions & { readonly wait?: number }) => {
      await perform('approve', options, 'write', async (services) => {
        const { loadModel } = await import('../models/load-model.js');
        const { approve } = await import('./approval.js');
        const loaded = await loadModel(services, subject);
        if (!loaded.ok) return loaded;
        const { pipeline, version } = loaded.value;
        const when = whenOf(services, options.now);
        const done = await approve(services, pipeline, version, {
          ...when,
          reason: services.surroundings.mask(options.reason),
          waitMs: options.wait,
        });
        if (!done.ok) return done;
        const { view, report } = done.value;
        if (report.failure !== undefined) return answer(view, exitCodeOf(report.failure), [report.failure]);
        return answer(view, report.move === undefined ? EXIT.refused : EXIT.done);
      });
    });

export const addReject = (program: Command): Command =>
  withReason(program.command('reject').description('Reject a version where the pipeline asks for approval')).action(
    async (subject: string, options: AnswerOptions) => {
      await perform('reject', options, 'write', async (services) => {
        const { loadModel } = await import('../models/load-model.js');
        const { reject } = await import('./approval.js');
        const loaded = await loadModel(services, subject);
        if (!loaded.ok) return loaded;
        const when = whenOf(services, options.now);
        return answerWith(
          reject(services, loaded.value.pipeline, loaded.value.version, {
            ...when,
            reason: services.surroundings.mask(options.reason),
          }),
        );
      });
    },
  );
