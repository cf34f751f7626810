import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, parseCount, perform } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import type { DecisionKind } from '../domain/decisions/decision.js';

interface DecisionsOptions extends CommonOptions {
  readonly limit: number;
  readonly decision?: DecisionKind;
}

const LIMIT = 20;

export const addDecisions = (program: Command): Command =>
  program
    .command('decisions')
    .description('List what retrain decided and why, newest first; why <decision> shows one in full')
    .argument('[pipeline]', 'only this pipeline', pipelineArgument)
    .addOption(
      new Option('--decision <decision>', 'only this kind').choices(['retrain', 'wait', 'hold', 'suggest', 'paused']),
    )
    .option('--limit <n>', 'show at most this many', parseCount('--limit'), LIMIT)
    .action(async (name: string | undefined, options: DecisionsOptions) => {
      await perform('decisions', options, 'read', async (services) => {
        const { listDecisions } = await import('./list-decisions.js');
        return answerWith(await listDecisions(services, name, options));
      });
    });
