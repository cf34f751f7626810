import type { Command } from 'commander';
import { answer, type CommonOptions, perform } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';

/** The commands that look after the registry and the store themselves. */
export const addVerify = (program: Command): Command =>
  program
    .command('verify')
    .description('whether every stored byte and registry row is still what was recorded, and what is touched if not')
    .argument('[artifact]', 'just one: model@version, a path, or the beginning of a hash')
    .option('--fast', 'do not read again what was not touched since it was last proved')
    .action(async (subject: string | undefined, options: CommonOptions & { fast?: boolean }) => {
      await perform('verify', options, 'read', async (services) => {
        const { verify } = await import('./verify.js');
        const { presentVerification } = await import('./views/verify-view.js');
        const found = await verify(services, {
          isFast: options.fast ?? false,
          only: subject === undefined ? undefined : { subject, path: services.place(subject).path },
        });
        if (!found.ok) return found;
        const { view, isWhole } = presentVerification(found.value);
        return answer(view, isWhole ? EXIT.done : EXIT.integrity);
      });
    });
