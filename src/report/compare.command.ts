import type { Command } from 'commander';
import { answer, type CommonOptions, perform } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { outputFile, writeOutput } from '../cli/output-file.js';

interface CompareOptions extends CommonOptions {
  readonly md?: boolean;
  readonly output?: string;
}

export const addCompare = (program: Command): Command =>
  program
    .command('compare')
    .description(
      'Compare the latest run of this working tree with that of a branch or commit, or with another run: metrics, params, data, gate, drift',
    )
    .argument('<base>', 'git revision (main, v1.2, HEAD~1), run, latest, or model[@version|@champion]')
    .argument('[pipeline]', 'only this one, by name or file', pipelineArgument)
    .option('--md', 'as Markdown, with charts that GitHub and GitLab draw')
    .option('-o, --output <file>', 'write the Markdown to this file')
    .action(async (subject: string, pipeline: string | undefined, options: CompareOptions) => {
      await perform('compare', options, 'read', async (services) => {
        const { compare } = await import('./compare/compare.js');
        const { compareView } = await import('./views/compare-view.js');
        const compared = await compare(services, { subject, pipeline });
        if (!compared.ok) return compared;
        const view = compareView(compared.value);
        if (options.md !== true && options.output === undefined) return answer(view);
        const { compareMarkdown } = await import('./views/compare-markdown.js');
        const lines = compareMarkdown(compared.value.name, view);
        const file = outputFile(options.output);
        if (file === undefined)
          return answer({ json: { ...view.json, markdown: lines.join('\n') }, parts: [{ kind: 'text', lines }] });
        const path = await writeOutput(services, file, `${lines.join('\n')}\n`);
        if (!path.ok) return path;
        return answer({
          json: { ...view.json, file: path.value },
          parts: [{ kind: 'line', line: ['wrote ', path.value] }],
        });
      });
    });
