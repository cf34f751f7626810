import type { Command } from 'commander';
import { answer, type CommonOptions, perform } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';

export const addVerify = (program: Command): Command =>
  program
    .command('verify')
    .description('Check that every stored byte and registry row is what was recorded; list what is affected if not')
    .argument('[artifact]', 'only this: model@version, a path, or the beginning of a hash')
    .option('--fast', 'skip objects that did not change since they were last checked')
    .action(async (subject: string | undefined, options: CommonOptions & { fast?: boolean }) => {
      await perform('verify', options, 'read', async (services) => {
        const { verify } = await import('./verify.js');
        const { presentVerification } = await import('./views/verify-view.js');
        const found = await verify(services, {
          isFast: options.fast ?? false,
          only: subject === undefined ? undefined : { subject, path: services.place(subject).path },
        });
        if (!found.ok) return found;
        if (subject === undefined) await (await import('../serving/warn-of-serving.js')).warnOfServing(services);
        const { view, isWhole } = presentVerification(found.value);
        return answer(view, isWhole ? EXIT.done : EXIT.integrity);
      });
    });
