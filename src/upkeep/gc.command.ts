import type { Command } from 'commander';
import {
  answer,
  type CommonOptions,
  parseCount,
  parseNow,
  parseWait,
  perform,
  UsageError,
  whenOf,
} from '../cli/action.js';
import { type Instant, MOST_DAYS } from '../domain/support/time.js';

export interface GcOptions extends CommonOptions {
  readonly apply?: boolean;
  readonly versions?: number;
  readonly days?: number;
  readonly keep?: readonly string[];
  readonly now?: Instant;
  readonly wait?: number;
}

export const addGc = (program: Command): Command =>
  program
    .command('gc')
    .description('List what retention (refit.yaml) no longer needs; with --apply delete it')
    .option('--apply', 'delete it; without this it is only listed')
    .option('--versions <n>', 'keep this many newest versions of each model (10)', parseCount('--versions'))
    .option('--days <n>', 'keep what is younger than this many days (90)', parseDays)
    .option('--keep <model@version>', 'keep this version; may be repeated', (name, sofar: readonly string[] = []) => [
      ...sofar,
      name,
    ])
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .option('--wait <duration>', 'wait for a busy pipeline', parseWait)
    .action(async (options: GcOptions) => {
      await perform('gc', options, options.apply === true ? 'write' : 'read', async (services) => {
        const { collectGarbage } = await import('./gc.js');
        const { gcView } = await import('./views/upkeep-view.js');
        const done = await collectGarbage(services, {
          now: whenOf(services, options.now).now,
          isApplied: options.apply ?? false,
          versions: options.versions,
          days: options.days,
          keep: options.keep,
          waitMs: options.wait,
        });
        return done.ok ? answer(gcView(done.value)) : done;
      });
    });

export function parseDays(text: string): number {
  const days = Number(text.replace(/d$/, ''));
  if (!/^\d+d?$/.test(text) || days > MOST_DAYS)
    throw new UsageError(`--days ${text}: not a number of days`, 'write --days 30');
  return days;
}
