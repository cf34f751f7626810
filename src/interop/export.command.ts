import { Argument, type Command } from 'commander';
import { answer, answerWith, type CommonOptions, parseNow, perform, UsageError, whenOf } from '../cli/action.js';
import { outputFile, pathInside, writeOutput } from '../cli/output-file.js';
import type { OpenServices } from '../cli/services.js';
import type { JsonObject } from '../domain/support/json.js';
import { ok } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';

interface ExportOptions extends CommonOptions {
  readonly output?: string;
  readonly now?: Instant;
}

interface Exported {
  readonly text: string;
  readonly json: JsonObject;
}

export const addExport = (program: Command): Command =>
  program
    .command('export')
    .description('Write what the registry holds in the format of another system')
    .addArgument(
      new Argument(
        '<format>',
        "openlineage: a run's events, one JSON a line; mlflow: every run and version as a folder that mlflow-export-import reads; prometheus: how everything stands, for node_exporter's textfile collector",
      ).choices(['openlineage', 'mlflow', 'prometheus']),
    )
    .argument('[run]', 'openlineage: run id, the beginning of one, or latest (default)')
    .option(
      '-o, --output <file>',
      'file to write, whole or not at all; default stdout. mlflow: a new folder in the workspace',
    )
    .option('--now <time>', 'prometheus: use this time instead of the clock', parseNow)
    .action(async (format: string, run: string | undefined, options: ExportOptions) => {
      if (format !== 'openlineage' && run !== undefined)
        throw new UsageError(`export ${format} ${run}: this format covers everything, not one run`, 'omit the run');
      if (format === 'mlflow') return exportFolder(options);
      await perform('export', options, 'read', async (services) => {
        const exported =
          format === 'prometheus'
            ? await exportGauges(services, whenOf(services, options.now).now)
            : await exportEvents(services, run ?? 'latest');
        if (!exported.ok) return exported;
        const { text, json } = exported.value;
        const output = outputFile(options.output);
        if (output === undefined) return answer({ json, parts: [{ kind: 'text', lines: text.trimEnd().split('\n') }] });
        const written = await writeOutput(services, output, text);
        return written.ok ? answer({ json, parts: [{ kind: 'line', line: ['wrote ', written.value] }] }) : written;
      });
    });

async function exportFolder(options: ExportOptions): Promise<void> {
  const output = outputFile(options.output);
  if (output === undefined)
    throw new UsageError(
      'export mlflow: the output folder is missing',
      'name it: refit export mlflow -o mlflow-export',
    );
  await perform('export', options, 'read', async (services) => {
    const path = pathInside(services, output);
    if (!path.ok) return path;
    const { exportRuns } = await import('./export-runs.js');
    const context = { user: services.surroundings.actor(), at: services.clock.now() };
    return answerWith(await exportRuns(services, services.openRunExport(context), path.value));
  });
}

async function exportGauges(services: OpenServices, now: Instant) {
  const { collectGauges } = await import('./export-gauges.js');
  const gauges = await collectGauges(services, now);
  const json = { gauges: gauges.map((gauge) => ({ ...gauge, labels: { ...gauge.labels } })) };
  return ok<Exported>({ text: services.writeGauges(gauges), json });
}

async function exportEvents(services: OpenServices, id: string) {
  const { exportLineage } = await import('./export-lineage.js');
  const exported = await exportLineage(services, id);
  if (!exported.ok) return exported;
  const { run, events } = exported.value;
  return ok<Exported>({ text: events.map((event) => `${JSON.stringify(event)}\n`).join(''), json: { run, events } });
}
