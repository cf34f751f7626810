import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';
import { makeFolder } from '../cli/make-folder.js';

export const addInit = (program: Command): Command =>
  program
    .command('init')
    .description('Create a working pipeline with its own data to start from')
    .argument('[dir]', 'folder', '.')
    .addOption(
      new Option('--template <language>', 'language of the steps').choices(['node', 'python']).default('python'),
    )
    .action(async (dir: string, options: CommonOptions & { template: 'node' | 'python' }) => {
      process.chdir(await makeFolder(resolve(dir)));
      await perform('init', options, 'none', async (services) => {
        const { initialize } = await import('./initialize.js');
        return answerWith(await initialize(services, { language: options.template, folder: dir }));
      });
    });
