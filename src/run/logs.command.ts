import type { Command } from 'commander';
import { answerWith, type CommonOptions, parseCount, perform } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';

interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly lines?: number;
}

export const addLogs = (program: Command): Command =>
  program
    .command('logs')
    .description('Print the logs of a run; with -f follow them')
    .argument('<run>', 'id, the beginning of one, or latest')
    .argument('[step]', 'only this step')
    .option('-f, --follow', 'go on until the run or the step has ended')
    .option('-n, --lines <n>', 'print only the last lines of each log', parseCount('--lines'))
    .action(async (id: string, step: string | undefined, options: LogsOptions) => {
      await perform('logs', options, 'read', async (services) => {
        const { copyLogs, readLogs } = await import('./logs.js');
        const query = {
          id,
          step,
          lastLines: options.lines,
        };
        const isFollowed = options.follow ?? false;
        if (options.json) {
          // One JSON document: with `--follow` it is written when the run has ended.
          const awaited = isFollowed ? await copyLogs(services, { ...query, isFollowed }, async () => true) : undefined;
          return awaited?.ok === false ? awaited : answerWith(await readLogs(services, query));
        }
        const copied = await copyLogs(services, { ...query, isFollowed }, services.output.writeLog);
        return copied.ok ? { ok: true, value: { exit: EXIT.done } } : copied;
      });
    });
