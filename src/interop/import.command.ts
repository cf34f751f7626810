import { basename, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import { answer, answerWith, type CommonOptions, perform, UsageError } from '../cli/action.js';
import { isDatabase, requireFiles } from '../cli/file-forms.js';
import { pathInside } from '../cli/output-file.js';

interface ImportOptions extends CommonOptions {
  readonly output?: string;
  readonly name?: string;
  readonly force?: boolean;
}

export const addImport = (program: Command): Command =>
  program
    .command('import')
    .description('Import a pipeline of DVC, or runs and models of MLflow; what cannot be imported is listed')
    .addArgument(
      new Argument(
        '<file>',
        'dvc.yaml in this folder or below (this folder becomes the workspace), or the SQLite file of an MLflow server',
      ),
    )
    .option('-o, --output <file>', 'dvc.yaml: the pipeline file; default pipelines/<name>.yaml')
    .option('--name <name>', 'dvc.yaml: name of the pipeline; default the name of this folder')
    .option('--force', 'dvc.yaml: overwrite an existing file')
    .action(async (file: string, options: ImportOptions) => {
      requireFiles([file]);
      await (isDatabase(file) ? importDatabase(file, options) : importPipeline(file, options));
    });

async function importDatabase(file: string, options: ImportOptions): Promise<void> {
  if (options.output !== undefined || options.name !== undefined || options.force !== undefined)
    throw new UsageError(
      `import ${file}: --output, --name and --force are about a pipeline file`,
      'leave them away: runs get the names of their experiments',
    );
  await perform('import', options, 'make', async (services) => {
    const { importHistory } = await import('./import-history.js');
    const opened = await services.openHistory(resolve(file));
    if (!opened.ok) return opened;
    using history = opened.value;
    return answerWith(await importHistory(services, history, file));
  });
}

async function importPipeline(file: string, options: ImportOptions): Promise<void> {
  await perform('import', options, 'none', async (services) => {
    const { importPipelineFile } = await import('./import-pipeline.js');
    const name =
      options.name ??
      (basename(process.cwd())
        .replaceAll(/[^A-Za-z0-9_.-]/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '') ||
        'imported');
    const from = pathInside(services, file);
    if (!from.ok) return from;
    const output = pathInside(services, options.output ?? `pipelines/${name}.yaml`);
    if (!output.ok) return output;
    const imported = await importPipelineFile(services, from.value, {
      name,
      output: output.value,
      isForced: options.force ?? false,
    });
    if (!imported.ok) return imported;
    services.output.warn(imported.value.notes);
    return answer(imported.value.view);
  });
}
