import type { Command } from 'commander';
import {
  answer,
  type CommonOptions,
  parseCount,
  parseNow,
  parseReason,
  parseWait,
  perform,
  whenOf,
} from '../cli/action.js';
import { exitCodeOf } from '../cli/exit-codes.js';
import type { Instant } from '../domain/support/time.js';

interface RollbackOptions extends CommonOptions {
  readonly to?: number;
  readonly reason: string;
  readonly force?: boolean;
  readonly now?: Instant;
  readonly wait?: number;
}

export const addRollback = (program: Command): Command =>
  program
    .command('rollback')
    .description('Serve the previous version again, or a named one')
    .argument('[model]', 'such as flights-delay; default the one that serves here')
    .requiredOption('--reason <text>', 'the reason; it is kept for ever', parseReason)
    .option('--to <version>', 'a version number', parseCount('--to'))
    .option('--force', 'also to a version that never served or was refused or rejected; marked for ever')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .option('--wait <duration>', 'wait for a busy pipeline', parseWait)
    .action(async (name: string | undefined, options: RollbackOptions) => {
      await perform('rollback', options, 'write', async (services) => {
        const { loadModel } = await import('../models/load-model.js');
        const { rollBack } = await import('./roll-back.js');
        const { rollbackView } = await import('./views/promote-view.js');
        const { findModel, onlyServedModel } = await import('../models/find-model.js');
        const model = name === undefined ? onlyServedModel(services, 'rollback') : findModel(services, name);
        if (!model.ok) return model;
        const loaded = await loadModel(services, model.value);
        if (!loaded.ok) return loaded;
        const done = await rollBack(services, loaded.value.pipeline, {
          ...whenOf(services, options.now),
          reason: services.surroundings.mask(options.reason),
          to: options.to,
          isForced: options.force ?? false,
          waitMs: options.wait,
        });
        if (!done.ok) return done;
        const { failure } = done.value;
        const view = rollbackView(model.value, done.value);
        return failure === undefined ? answer(view) : answer(view, exitCodeOf(failure), [failure]);
      });
    });
