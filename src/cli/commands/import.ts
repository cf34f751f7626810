import { basename } from 'node:path';
import { Argument, type Command } from 'commander';
import { answer, type CommonOptions, perform } from '../action.js';

interface ImportOptions extends CommonOptions {
  readonly output?: string;
  readonly name?: string;
  readonly force?: boolean;
}

export const addImport = (program: Command): Command =>
  program
    .command('import')
    .description('a pipeline of another system as one of refit; what cannot be carried over is named')
    .addArgument(new Argument('<file>', 'dvc.yaml, in this folder or one below, which becomes the workspace'))
    .option('-o, --output <file>', 'the pipeline file; default pipelines/<name>.yaml')
    .option('--name <name>', 'of the pipeline; default the name of this folder')
    .option('--force', 'write over a file that is there')
    .action(async (file: string, options: ImportOptions) => {
      await perform('import', options, 'none', async (services) => {
        const { importPipelineFile } = await import('../../flows/import-pipeline.js');
        const name =
          options.name ??
          (basename(process.cwd())
            .replaceAll(/[^A-Za-z0-9_.-]/g, '-')
            .replace(/^[^A-Za-z0-9]+/, '') ||
            'imported');
        const imported = await importPipelineFile(services, services.place(file).path, services.importDvc, {
          name,
          output: services.place(options.output ?? `pipelines/${name}.yaml`).path,
          isForced: options.force ?? false,
        });
        if (!imported.ok) return imported;
        services.output.warn(imported.value.notes);
        return answer(imported.value.view);
      });
    });
