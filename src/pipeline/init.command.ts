import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';
import { canAsk } from '../cli/confirm.js';
import { makeFolder } from '../cli/make-folder.js';

interface InitCommandOptions extends CommonOptions {
  readonly template?: 'sklearn' | 'python' | 'pytorch' | 'r' | 'node';
  readonly name?: string;
  readonly train?: string;
  readonly data?: string;
  readonly yes?: boolean;
}

export const addInit = (program: Command): Command =>
  program
    .command('init')
    .description('Write a pipeline for the scripts of a folder, or an example with its own data where there are none')
    .argument('[dir]', 'folder', '.')
    .addOption(
      new Option('--template <kind>', 'write this example; python is sklearn').choices([
        'sklearn',
        'python',
        'pytorch',
        'r',
        'node',
      ]),
    )
    .option('--name <pipeline>', 'name of the pipeline; default that of the folder')
    .option('--train <script>', 'the script that makes the model, if several may')
    .option('--data <path>', 'the table or glob to watch for drift, if there are several')
    .option('--yes', 'ask nothing: take the first answer of each question')
    .action(async (dir: string, options: InitCommandOptions) => {
      process.chdir(await makeFolder(resolve(dir)));
      await perform('init', options, 'none', async (services) => {
        const { name, train, data } = options;
        if (options.template === undefined) {
          const { initProject } = await import('./init/init-project.js');
          const isAsking = options.yes !== true && options.json !== true && canAsk();
          const { ask } = await import('../cli/ask.js');
          const written = await initProject(services, {
            folderName: basename(process.cwd()),
            folder: dir,
            choices: { name, train, data },
            ask: isAsking ? ({ text, options: offered }) => ask(text, offered) : undefined,
          });
          if (written !== undefined) return answerWith(written);
        }
        const { writeTemplate } = await import('./init/write-template.js');
        return answerWith(await writeTemplate(services, { template: options.template, folder: dir }));
      });
    });
