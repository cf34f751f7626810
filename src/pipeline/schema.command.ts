import type { Command } from 'commander';

export const addSchema = (program: Command): Command =>
  program
    .command('schema')
    .description('Print the JSON schema of the pipeline file, for editors')
    .action(async () => {
      const { pipelineJsonSchema } = await import('./parse/schema.js');
      process.stdout.write(`${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
    });
