import { type Command, Option } from 'commander';

export const addHelper = (program: Command): Command =>
  program
    .command('helper')
    .description(
      'Print a file without dependencies for your scripts: params, metrics, predictions, evaluation, champion',
    )
    .addOption(new Option('--print <language>', 'language of the file').choices(['python', 'r']).makeOptionMandatory())
    .action(async ({ print }: { readonly print: 'python' | 'r' }) => {
      const text =
        print === 'python'
          ? (await import('./helper/python.js')).PYTHON_HELPER
          : (await import('./helper/r.js')).R_HELPER;
      process.stdout.write(text);
    });
