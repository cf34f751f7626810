import type { Command } from 'commander';
import { answer, type CommonOptions, parseWait, perform, UsageError } from '../../cli/action.js';
import { pipelineArgument } from '../../cli/file-forms.js';
import { DAY_MS, type Instant, parseDuration, parseInstant } from '../../domain/support/time.js';

interface BacktestCommandOptions extends CommonOptions {
  readonly from: Instant;
  readonly to: Instant;
  readonly every: number;
  readonly calendar?: number;
  readonly wait?: number;
}

export const addBacktest = (program: Command): Command =>
  program
    .command('backtest')
    .description('Replay the retraining policy over history with real training, beside simpler policies')
    .argument('<pipeline>', 'name or file', pipelineArgument)
    .requiredOption('--from <time>', 'first tick: the first model is trained then', readTime('--from'))
    .requiredOption('--to <time>', 'no tick is later', readTime('--to'))
    .requiredOption('--every <duration>', 'between two ticks, as cron would be: 7d', readDuration('--every'))
    .option(
      '--calendar <duration>',
      'age at which the policy to compare with retrains; default: 30d',
      readDuration('--calendar'),
    )
    .option('--wait <duration>', 'wait for another backtest of the pipeline', parseWait)
    .action(async (name: string, options: BacktestCommandOptions) => {
      if (options.to <= options.from)
        throw new UsageError('backtest: --to is not after --from', 'write --from 2001-02-01 --to 2001-07-01');
      await perform('backtest', options, 'scratch', async (services) => {
        const { backtest } = await import('./backtest.js');
        const { backtestView } = await import('../views/backtest-view.js');
        const { from, to, every, calendar, wait } = options;
        const report = await backtest(services, services.makeScratchWorkspace, name, {
          from,
          to,
          everyMs: every,
          calendarMs: calendar ?? 30 * DAY_MS,
          waitMs: wait,
        });
        return report.ok ? answer(backtestView(report.value)) : report;
      });
    });

function readTime(option: string): (text: string) => Instant {
  return (text) => {
    const at = parseInstant(text);
    if (at === undefined) throw new UsageError(`${option} ${text}: not a time`, `write ${option} 2001-02-01`);
    return at;
  };
}

function readDuration(option: string): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms === undefined || ms === 0) throw new UsageError(`${option} ${text}: not a duration`, `write ${option} 7d`);
    return ms;
  };
}
