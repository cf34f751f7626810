import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, parseTime, perform, UsageError } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import type { NamedEvent } from '../domain/data/named-event.js';
import type { Instant } from '../domain/support/time.js';

interface EventOptions extends CommonOptions {
  readonly from: Instant;
  readonly until: Instant;
  readonly name: string;
  readonly effect: NamedEvent['effect'];
}

export const addEvent = (program: Command): Command =>
  program
    .command('event')
    .description('Name a span of time, such as a campaign, a storm or an outage')
    .argument('<pipeline>', 'name or file of a pipeline', pipelineArgument)
    .requiredOption('--from <time>', 'its beginning', parseTime('--from'))
    .requiredOption('--until <time>', 'its end: the first moment that is no longer in it', parseTime('--until'))
    .requiredOption('--name <text>', 'what it is called')
    .addOption(
      new Option('--effect <effect>', 'suppress: drift in it is expected; exclude: its rows are not used')
        .choices(['suppress', 'exclude'])
        .default('suppress'),
    )
    .action(async (pipeline: string, options: EventOptions) => {
      if (options.until <= options.from)
        throw new UsageError('event: --until does not lie after --from', 'swap the two times');
      await perform('event', options, 'write', async (services) => {
        const { loadPipeline } = await import('../pipeline/load-pipeline.js');
        const { recordEvent } = await import('./record-event.js');
        const loaded = await loadPipeline(services, pipeline);
        return loaded.ok ? answerWith(recordEvent(services, loaded.value.pipeline, options)) : loaded;
      });
    });
