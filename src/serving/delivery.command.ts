import type { Command } from 'commander';
import { answerWith, type CommonOptions, parseNow, parseTime, perform, whenOf } from '../cli/action.js';
import type { Instant } from '../domain/support/time.js';

interface DeliveryOptions extends CommonOptions {
  readonly since?: Instant;
  readonly now?: Instant;
}

export const addDelivery = (program: Command): Command =>
  program
    .command('delivery')
    .description('Show delivery times and counts: commit → train → gate → serving, refusals, rollbacks, model age')
    .argument('[model]', 'only this model')
    .option('--since <time>', 'only what happened since', parseTime('--since'))
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .action(async (name: string | undefined, options: DeliveryOptions) => {
      await perform('delivery', options, 'read', async (services) => {
        const { delivery } = await import('./delivery.js');
        const span = whenOf(services, options.now);
        return answerWith(
          delivery(services, name, options.since === undefined ? span : { ...span, since: options.since }),
        );
      });
    });
