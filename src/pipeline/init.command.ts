import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, perform, UsageError } from '../cli/action.js';

export const addInit = (program: Command): Command =>
  program
    .command('init')
    .description('a working pipeline to start from, with its own data')
    .argument('[dir]', 'where', '.')
    .addOption(
      new Option('--template <language>', 'language of its steps').choices(['node', 'python']).default('python'),
    )
    .action(async (dir: string, options: CommonOptions & { template: 'node' | 'python' }) => {
      process.chdir(await made(resolve(dir)));
      await perform('init', options, 'none', async (services) => {
        const { initialize } = await import('./initialize.js');
        return answerWith(await initialize(services, { language: options.template, folder: dir }));
      });
    });

async function made(dir: string): Promise<string> {
  const { mkdir } = await import('node:fs/promises');
  try {
    await mkdir(dir, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the folder ${dir} cannot be made: ${reason}`, 'choose another, or check its permissions');
  }
  return dir;
}
