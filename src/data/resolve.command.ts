import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

interface ResolveOptions extends CommonOptions {
  readonly as: 'bug' | 'normal';
  readonly reason: string;
}

export const addResolve = (program: Command): Command =>
  program
    .command('resolve')
    .description("a human's answer to a finding: normal ends its hold, bug keeps its rows out")
    .argument('<finding>', 'id, as shown by status and retrain')
    .addOption(new Option('--as <answer>', 'what it is').choices(['bug', 'normal']).makeOptionMandatory())
    .requiredOption('--reason <text>', 'why: kept for ever')
    .action(async (finding: string, options: ResolveOptions) => {
      await perform('resolve', options, 'write', async (services) => {
        const { resolveFinding } = await import('./resolve-finding.js');
        return answerWith(resolveFinding(services, finding, options));
      });
    });
