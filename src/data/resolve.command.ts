import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

interface ResolveOptions extends CommonOptions {
  readonly as: 'bug' | 'normal';
  readonly reason: string;
}

export const addResolve = (program: Command): Command =>
  program
    .command('resolve')
    .description('Answer a finding: "normal" ends its hold, "bug" excludes its rows')
    .argument('<finding>', 'id, as status and retrain show it')
    .addOption(new Option('--as <answer>', 'what it is').choices(['bug', 'normal']).makeOptionMandatory())
    .requiredOption('--reason <text>', 'the reason; it is kept for ever')
    .action(async (finding: string, options: ResolveOptions) => {
      await perform('resolve', options, 'write', async (services) => {
        const { resolveFinding } = await import('./resolve-finding.js');
        return answerWith(resolveFinding(services, finding, options));
      });
    });
