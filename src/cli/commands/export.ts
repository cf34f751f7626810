import { Argument, type Command } from 'commander';
import type { Instant } from '../../domain/time.js';
import { answer, type CommonOptions, parseNow, perform, whenOf } from '../action.js';

interface ExportOptions extends CommonOptions {
  readonly output?: string;
  readonly now?: Instant;
}

export const addExport = (program: Command): Command =>
  program
    .command('export')
    .description('how pipelines and models stand, for a monitoring system')
    .addArgument(
      new Argument('<format>', "prometheus: text for node_exporter's textfile collector").choices(['prometheus']),
    )
    .option('-o, --output <file>', 'into this file of the workspace, whole or not at all; to stdout without')
    .option('--now <time>', 'as if it were this moment', parseNow)
    .action(async (_format: string, options: ExportOptions) => {
      await perform('export', options, 'read', async (services) => {
        const { collectGauges } = await import('../../flows/export-gauges.js');
        const gauges = collectGauges(services, whenOf(services, options.now).now);
        const text = services.writeGauges(gauges);
        const json = { gauges: gauges.map((gauge) => ({ ...gauge, labels: { ...gauge.labels } })) };
        if (options.output === undefined)
          return answer({ json, parts: [{ kind: 'text', lines: text.trimEnd().split('\n') }] });
        const { path } = services.place(options.output);
        const written = await services.files.writeText(path, text);
        return written.ok ? answer({ json, parts: [{ kind: 'line', line: ['wrote ', path] }] }) : written;
      });
    });
