import { Argument, type Command } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';

export const addRegistry = (program: Command): Command =>
  program
    .command('registry')
    .description('Make a consistent copy of the registry while others use it')
    .addArgument(new Argument('<action>', 'what to do').choices(['backup']))
    .argument('<file>', 'where the copy goes; it must not exist')
    .action(async (_action: string, file: string, options: CommonOptions) => {
      await perform('registry', options, 'read', async (services) => {
        const { backUpRegistry } = await import('./back-up.js');
        return answerWith(await backUpRegistry(services, services.place(file)));
      });
    });
