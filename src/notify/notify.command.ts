import type { Command } from 'commander';
import { answer, type CommonOptions, perform, UsageError } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';

export const addNotify = (program: Command): Command =>
  program
    .command('notify')
    .description('Send waiting notices, and show the state of every channel in refit.yaml')
    .argument('[channel]', 'with --test: only this channel')
    .option('--test', 'send a test notice to each channel instead')
    .action(async (channel: string | undefined, options: CommonOptions & { readonly test?: boolean }) => {
      if (channel !== undefined && options.test !== true)
        throw new UsageError('notify: a channel is named without --test', `write refit notify ${channel} --test`);
      await perform('notify', options, 'write', async (services) => {
        const { channelStates, sendNotices, tryChannels } = await import('./send-notices.js');
        const { channelsView } = await import('./views/channels-view.js');
        if (options.test === true) {
          const tried = await tryChannels(services, channel);
          if (!tried.ok) return tried;
          const hasFailed = tried.value.some((one) => one.problem !== undefined);
          return answer(channelsView(tried.value), hasFailed ? EXIT.failed : EXIT.done);
        }
        await sendNotices(services, services.clock.now());
        return answer(channelsView(await channelStates(services)));
      });
    });
