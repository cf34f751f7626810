import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { answerWith, type CommonOptions, perform } from '../cli/action.js';
import { canAsk } from '../cli/confirm.js';
import { collectNames } from '../cli/file-forms.js';
import { makeFolder } from '../cli/make-folder.js';
import type { Failure } from '../domain/failure.js';
import type { Services } from '../domain/ports/services.js';
import type { Run } from '../domain/runs/run.js';
import { err, type Result } from '../domain/support/result.js';

interface InitCommandOptions extends CommonOptions {
  readonly template?: 'sklearn' | 'python' | 'pytorch' | 'r' | 'node';
  readonly name?: string;
  readonly train?: string;
  readonly data?: string;
  readonly from?: readonly string[];
  readonly yes?: boolean;
}

type FindRun = (services: Services, id: string) => Result<Run, Failure>;

/** `finder` finds a run by its name: runs belong to run/, which this room may not import. */
export const addInit =
  (finder: () => Promise<FindRun>) =>
  (program: Command): Command =>
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
      .addOption(
        new Option('--from <run>', 'write it from a run of refit track; several make several steps')
          .argParser(collectNames)
          .conflicts(['template', 'train']),
      )
      .option('--name <pipeline>', 'name of the pipeline; default that of the folder')
      .option('--train <script>', 'the script that makes the model, if several may')
      .option('--data <path>', 'the table or glob to watch for drift, if there are several')
      .option('--yes', 'ask nothing: take the first answer of each question')
      .action(async (dir: string, options: InitCommandOptions) => {
        process.chdir(await makeFolder(resolve(dir)));
        await perform('init', options, options.from === undefined ? 'none' : 'read', async (services) => {
          const { name, train, data, from = [] } = options;
          if (options.template === undefined) {
            const { initProject } = await import('./init/init-project.js');
            const { draftsOfRuns } = await import('./init/drafts-of-runs.js');
            const find = await finder();
            const runs = from.map((id) => find(services, id));
            const isAsking = options.yes !== true && options.json !== true && canAsk();
            const { ask } = await import('../cli/ask.js');
            const written = await initProject(services, {
              folderName: basename(process.cwd()),
              folder: dir,
              choices: { name, train, data },
              drafts: from.length === 0 ? undefined : (project) => draftsOfRuns(services, project, runs),
              ask: isAsking ? ({ text, options: offered }) => ask(text, offered) : undefined,
            });
            if (written !== undefined) return answerWith(written);
          }
          const unused = Object.entries({ name, train, data }).find(([, value]) => value !== undefined);
          if (unused !== undefined) return err(noScripts(`--${unused[0]}`, options.template));
          const { writeTemplate } = await import('./init/write-template.js');
          return answerWith(await writeTemplate(services, { template: options.template, folder: dir }));
        });
      });

/** Options about scripts say nothing about an example, which has names and data of its own. */
const noScripts = (option: string, template: string | undefined): Failure => ({
  code: 'usage',
  problem:
    template === undefined
      ? `${option} is for a folder with scripts or notebooks, and none was found here that could be a step`
      : `${option} is for a folder with scripts; the example "${template}" has its own`,
  next: `leave ${option} out for the example: refit init${template === undefined ? '' : ` --template ${template}`}`,
});
