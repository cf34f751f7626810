import { relative } from 'node:path';
import type { Command } from 'commander';
import { answer, type CommonOptions, collectParams, parseWait, perform, UsageError, whenOf } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import { fromStart } from '../cli/started-in.js';
import { apart } from '../domain/failure.js';

interface TrackCommandOptions extends CommonOptions {
  readonly name: string;
  readonly param?: Readonly<Record<string, string>>;
  readonly trace: boolean;
  readonly wait?: number;
}

export const addTrack = (program: Command): Command =>
  program
    .command('track')
    .description('Run a command that no pipeline has, and record it with the files that it opens')
    .usage('[options] -- <command>')
    .argument('<command...>', 'the command, after --')
    .option('--name <name>', 'record it as a run of this name, which no pipeline may have', 'tracked')
    .option('--param <k=v>', 'record a param, and hand it over in REFIT_PARAMS', collectParams)
    .option('--no-trace', 'do not record the files that it opens (strace makes a command slower)')
    .option('--wait <duration>', 'wait for another such command of this name', parseWait)
    .action(async (words: readonly string[], options: TrackCommandOptions) => {
      if (words.some((word) => word === '')) throw new UsageError('a word of the command is empty', 'leave it away');
      await perform('track', options, 'make', async (services) => {
        const [{ trackCommand }, { trackView }] = await Promise.all([
          import('./track/track-command.js'),
          import('./views/track-view.js'),
        ]);
        const tracked = await trackCommand(services, {
          ...whenOf(services, undefined),
          name: options.name,
          words,
          folder: relative(services.files.root, fromStart('.')),
          params: options.param ?? {},
          isTraced: options.trace,
          waitMs: options.wait,
        });
        if (!tracked.ok) return tracked;
        const { run } = tracked.value.report;
        const failures = tracked.value.report.failures.map(apart);
        const isBusy = failures.some(({ code }) => code === 'busy');
        const isGood = run.status === 'succeeded' && !run.isTainted;
        return answer(trackView(tracked.value), isBusy ? EXIT.busy : isGood ? EXIT.done : EXIT.failed, failures);
      });
    });
