import { Argument, type Command } from 'commander';
import { answer, answerWith, type CommonOptions, parseNow, perform, UsageError, whenOf } from '../cli/action.js';
import { outputFile, pathInside, writeOutput } from '../cli/output-file.js';
import type { OpenServices } from '../cli/services.js';
import { VERSION } from '../cli/version.js';
import type { JsonObject } from '../domain/support/json.js';
import { ok } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';

interface ExportOptions extends CommonOptions {
  readonly output?: string;
  readonly now?: Instant;
  readonly image?: string;
}

const WORKFLOWS = ['argo', 'airflow', 'snakemake', 'kubernetes-cronjob'] as const;

interface Exported {
  readonly text: string;
  readonly json: JsonObject;
}

export const addExport = (program: Command): Command =>
  program
    .command('export')
    .description('Write what the registry holds, or a pipeline, in the format of another system')
    .addArgument(
      new Argument(
        '<format>',
        "openlineage: a run's events, one JSON a line; mlflow: every run and version as a folder that mlflow-export-import reads; prometheus: how everything stands, for node_exporter's textfile collector; argo, airflow, snakemake: the steps of a pipeline, to run without refit; kubernetes-cronjob: a job that calls refit retrain",
      ).choices(['openlineage', 'mlflow', 'prometheus', ...WORKFLOWS]),
    )
    .argument(
      '[what]',
      'openlineage: run id, the beginning of one, or latest (default); pipeline for the last four formats',
    )
    .option(
      '--image <image>',
      'argo: image of steps without one; kubernetes-cronjob: an image with refit and what the steps need',
    )
    .option(
      '-o, --output <file>',
      'file to write, whole or not at all; default stdout. mlflow: a new folder in the workspace',
    )
    .option('--now <time>', 'prometheus: use this time instead of the clock', parseNow)
    .action(async (format: string, run: string | undefined, options: ExportOptions) => {
      const workflow = WORKFLOWS.find((one) => one === format);
      if (workflow !== undefined) return exportPipeline(workflow, run, options);
      if (options.image !== undefined)
        throw new UsageError(
          `export ${format}: --image is for a pipeline`,
          'write refit export argo <pipeline> --image …',
        );
      if (format !== 'openlineage' && run !== undefined)
        throw new UsageError(`export ${format} ${run}: this format covers everything, not one run`, 'omit the run');
      if (format === 'mlflow') return exportFolder(options);
      await perform('export', options, 'read', async (services) => {
        const exported =
          format === 'prometheus'
            ? await exportGauges(services, whenOf(services, options.now).now)
            : await exportEvents(services, run ?? 'latest');
        if (!exported.ok) return exported;
        return deliver(services, options, exported.value);
      });
    });

async function deliver(services: OpenServices, options: ExportOptions, { text, json }: Exported) {
  const output = outputFile(options.output);
  if (output === undefined) return answer({ json, parts: [{ kind: 'text', lines: text.trimEnd().split('\n') }] });
  const written = await writeOutput(services, output, text);
  return written.ok ? answer({ json, parts: [{ kind: 'line', line: ['wrote ', written.value] }] }) : written;
}

/** What the other system does not do is said on stderr too. */
async function exportPipeline(
  format: (typeof WORKFLOWS)[number],
  name: string | undefined,
  options: ExportOptions,
): Promise<void> {
  if (name === undefined)
    throw new UsageError(`export ${format}: no pipeline is given`, `write refit export ${format} <pipeline>`);
  await perform('export', options, 'read', async (services) => {
    const asked = { name, image: options.image, version: VERSION };
    const { exportCronJob } = await import('./workflows/export-cron-job.js');
    const { exportWorkflow } = await import('./workflows/export-workflow.js');
    const exported =
      format === 'kubernetes-cronjob'
        ? await exportCronJob(services, asked)
        : await exportWorkflow(services, format, asked);
    if (!exported.ok) return exported;
    const { text, notes } = exported.value;
    for (const note of notes)
      services.emit({ type: 'warning', code: 'not-exported', text: `not as in refit: ${note}` });
    return deliver(services, options, { text, json: { format, text, notes } });
  });
}

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
    return answerWith(await exportRuns(services, await services.openRunExport(context), path.value));
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
