import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform, UsageError } from '../cli/action.js';
import { type Instant, parseInstant } from '../domain/support/time.js';

export const addServed = (program: Command): Command =>
  program
    .command('served')
    .description('Show which version serves, or served at a time, and its ledger')
    .argument('<model>', 'such as flights-delay')
    .option('--at <time>', 'show what served then', parseAt)
    .action(async (model: string, options: CommonOptions & { readonly at?: Instant }) => {
      await perform('served', options, 'read', async (services) => {
        const { served } = await import('./served.js');
        const { warnOfServing } = await import('./warn-of-serving.js');
        await warnOfServing(services, model);
        return answerWith(served(services, model, options.at));
      });
    });

function parseAt(text: string): Instant {
  const at = parseInstant(text);
  if (at === undefined) throw new UsageError(`--at ${text}: not a time`, 'write 2026-02-01 or 2026-02-01T03:00:00Z');
  return at;
}
