import { Argument, type Command } from 'commander';
import { answerWith, type CommonOptions, parseWait, perform } from '../cli/action.js';

export const addRegistry = (program: Command): Command =>
  program
    .command('registry')
    .description('Make a consistent copy of the registry while others use it, or put a copy in its place')
    .addArgument(new Argument('<action>', 'what to do').choices(['backup', 'restore']))
    .argument('<file>', 'where the copy goes (it must not exist), or the copy to restore')
    .option('--wait <duration>', 'with restore: wait for busy pipelines', parseWait)
    .action(async (action: string, file: string, options: CommonOptions & { readonly wait?: number }) => {
      if (action === 'backup')
        return perform('registry', options, 'read', async (services) => {
          const { backUpRegistry } = await import('./back-up.js');
          return answerWith(await backUpRegistry(services, services.place(file)));
        });
      return perform('registry', options, 'restore', async (services) => {
        const { restoreBackup } = await import('./restore-backup.js');
        return answerWith(await restoreBackup(services, { ...services.place(file), waitMs: options.wait }));
      });
    });
