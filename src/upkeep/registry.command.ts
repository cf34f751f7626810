import { Argument, type Command } from 'commander';
import { answerWith, type CommonOptions, parseReason, parseWait, perform, UsageError } from '../cli/action.js';

interface RegistryOptions extends CommonOptions {
  readonly wait?: number;
  readonly reason?: string;
}

export const addRegistry = (program: Command): Command =>
  program
    .command('registry')
    .description(
      'Copy the registry while others use it, put a copy in its place, or accept one that is older than what serves',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['backup', 'restore', 'accept']))
    .argument('[file]', 'backup: where the copy goes (it must not exist); restore: the copy')
    .option('--wait <duration>', 'with restore: wait for busy pipelines', parseWait)
    .option('--reason <text>', 'with accept: why the newer registry is lost; it is kept for ever', parseReason)
    .action(async (action: string, file: string | undefined, options: RegistryOptions) => {
      if (action === 'accept') {
        const { reason } = options;
        if (reason === undefined) throw new UsageError('registry accept needs --reason', 'write --reason "why"');
        return perform('registry', options, 'write', async (services) => {
          const { acceptOlder } = await import('./accept-older.js');
          return answerWith(await acceptOlder(services, services.surroundings.mask(reason)));
        });
      }
      if (file === undefined)
        throw new UsageError(`registry ${action} needs a file`, `write refit registry ${action} <file>`);
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
