import type { Command } from 'commander';
import { answer, type CommonOptions, parseNow, parseReason, parseWait, perform, whenOf } from '../cli/action.js';
import { EXIT, exitCodeOf } from '../cli/exit-codes.js';
import { versionArgument } from '../cli/file-forms.js';
import type { Instant } from '../domain/support/time.js';

interface PromoteCommandOptions extends CommonOptions {
  readonly reason: string;
  readonly force?: boolean;
  readonly now?: Instant;
  readonly wait?: number;
}

export const addPromote = (program: Command): Command =>
  program
    .command('promote')
    .description('Make a registered version the champion if it passes the gate')
    .argument('<model@version>', 'such as flights-delay@3', versionArgument('promote'))
    .requiredOption('--reason <text>', 'the reason; it is kept for ever', parseReason)
    .option('--force', 'promote although the gate refuses it or approval is missing; marked for ever')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .option('--wait <duration>', 'wait for a busy pipeline', parseWait)
    .action(async (subject: string, options: PromoteCommandOptions) => {
      await perform('promote', options, 'write', async (services) => {
        const { loadModel } = await import('../models/load-model.js');
        const { promote } = await import('./promote.js');
        const { promoteView } = await import('./views/promote-view.js');
        const loaded = await loadModel(services, subject);
        if (!loaded.ok) return loaded;
        const { pipeline, version } = loaded.value;
        const done = await promote(services, pipeline, version, {
          ...whenOf(services, options.now),
          reason: services.surroundings.mask(options.reason),
          isForced: options.force ?? false,
          waitMs: options.wait,
        });
        if (!done.ok) return done;
        const { gate, move, failure, isServing } = done.value;
        const view = promoteView(version, gate, done.value);
        if (failure !== undefined) return answer(view, exitCodeOf(failure), [failure]);
        const isIn = move !== undefined || (isServing === true && (gate?.verdict !== 'fail' || options.force === true));
        return answer(view, isIn ? EXIT.done : EXIT.refused);
      });
    });
