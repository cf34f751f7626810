import type { Command } from 'commander';
import { answer, answerWith, type CommonOptions, perform } from '../cli/action.js';
import { outputFile, writeOutput } from '../cli/output-file.js';

interface ReportOptions extends CommonOptions {
  readonly output?: string;
}

export const addReport = (program: Command): Command =>
  program
    .command('report')
    .description('Print a model card in Markdown, from the registry')
    .argument('<subject>', 'pipeline, or model[@version|@champion]')
    .requiredOption('--card', 'as a model card')
    .option('-o, --output <file>', 'write to this file instead of stdout')
    .action(async (subject: string, options: ReportOptions) => {
      await perform('report', options, 'read', async (services) => {
        const { reportCard } = await import('./report-card.js');
        const card = await reportCard(services, subject);
        const output = outputFile(options.output);
        if (!card.ok || output === undefined) return answerWith(card);
        const written = await writeOutput(services, output, String(card.value.json.card));
        if (!written.ok) return written;
        return answer({ json: card.value.json, parts: [{ kind: 'line', line: ['wrote ', written.value] }] });
      });
    });
