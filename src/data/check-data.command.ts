import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type Answer,
  answer,
  answerWith,
  type CommonOptions,
  parseNow,
  perform,
  UsageError,
  whenOf,
} from '../cli/action.js';
import { ciOptions } from '../cli/ci-reports.js';
import { isDataFile, namesData } from '../cli/data-file-name.js';
import { EXIT } from '../cli/exit-codes.js';
import {
  collectNames,
  pipelineArgument,
  refuseFileOptions,
  requireFiles,
  requireTimeForNow,
} from '../cli/file-forms.js';
import type { OpenServices } from '../cli/services.js';
import { fromStart } from '../cli/started-in.js';
import type { DataReport } from '../domain/data/finding.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { FindDataBugs } from './windows/triage-window.js';

interface CheckDataOptions extends CommonOptions {
  readonly schema?: string;
  readonly quarantine?: string;
  readonly clean?: string;
  readonly dataset?: string;
  readonly time?: string;
  readonly ignore?: readonly string[];
  readonly infer?: boolean;
  readonly now?: Instant;
}

const FORMS = 'write refit check-data <pipeline>, or refit check-data a.csv b.parquet';

/** `loadFindDataBugs`: the comparison of columns belongs to drift/, which lies above. */
export const addCheckData =
  (loadFindDataBugs: () => Promise<FindDataBugs>) =>
  (program: Command): Command =>
    ciOptions(
      program
        .command('check-data')
        .description('Check datasets of a pipeline, or files: schema, ranges, keys, rules, freshness, outliers')
        .argument('<pipeline-or-file...>', 'a pipeline, or data files anywhere')
        .option('--schema <file>', 'check against this schema file')
        .option('--infer', 'print a schema inferred from the data; check nothing')
        .option('--quarantine <file>', 'write rows that fail a check here, with the reason (.csv, .parquet, .jsonl …)')
        .option('--clean <file>', 'write all other rows here, with outliers capped where the policy says so')
        .option('--no-commands', 'refuse to connect to remote sources that the pipeline names, and to start commands')
        .option('--dataset <name>', 'check only this dataset of the pipeline')
        .option('--time <column>', 'column that holds the event time')
        .option('--ignore <columns>', 'columns to leave out, separated by commas', collectNames)
        .option('--now <time>', 'use this time instead of the clock', parseNow),
    ).action(async (names: string[], options: CheckDataOptions) => {
      const isFiles = names.every(namesData);
      if (isFiles) requireFiles(names);
      if (isFiles) requireTimeForNow('check-data', options);
      else if (names.length > 1) throw new UsageError('check-data: that is neither one pipeline nor data files', FORMS);
      else refuseFileOptions('check-data', options, { time: 'datasets.<name>.time' });
      if (options.schema !== undefined) requireFiles([options.schema]);
      requireTargets(names, options);
      await perform('check-data', options, isFiles ? 'none' : options.infer === true ? 'read' : 'record', (services) =>
        isFiles
          ? checkFiles(services, names, options)
          : checkPipeline(services, names[0] ?? '', { ...options, loadFindDataBugs }),
      );
    });

/** What is written must be a table, and none of what is read. */
function requireTargets(names: readonly string[], { quarantine, clean }: CheckDataOptions): void {
  const targets = [quarantine, clean].flatMap((file) => (file === undefined ? [] : [file]));
  for (const target of targets)
    if (!isDataFile(target))
      throw new UsageError(`${target} is no name of a table`, 'end it with .csv, .tsv, .parquet, .json or .jsonl');
  const taken = names.filter(namesData).map((name) => resolve(name));
  const paths = targets.map((target) => resolve(target));
  const twice = paths.find((path, i) => taken.includes(path) || paths.indexOf(path) < i);
  if (twice !== undefined)
    throw new UsageError(`${basename(twice)} would be written over what is read or written too`, 'give another name');
}

async function checkFiles(
  services: OpenServices,
  names: readonly string[],
  options: CheckDataOptions,
): Promise<Result<Answer, Failure>> {
  const paths = names.map((name) => resolve(name));
  services.datasets.allow(paths);
  const ignore = options.ignore ?? [];
  if (options.infer === true) {
    const { inferFileSchema } = await import('./infer-schema.js');
    return answerWith(await inferFileSchema(services, { paths, names, ignore }));
  }
  const schema = await schemaOf(services, options);
  if (schema?.ok === false) return schema;
  const { checkDataFiles } = await import('./check-data.js');
  const { NO_CHECKS } = await import('../domain/pipeline/checks.js');
  const given = options.schema === undefined ? '' : ` --schema ${options.schema}`;
  const report = await checkDataFiles(services, {
    paths,
    names,
    ignore,
    checks: schema?.value.checks ?? NO_CHECKS,
    now: whenOf(services, options.now).now,
    separateWith: `refit check-data ${names.join(' ')}${given} --quarantine bad.csv --clean good.csv`,
    time: options.time,
    until: options.now,
    ...writeOf(options),
  });
  return report.ok ? shown([report.value], undefined) : report;
}

async function checkPipeline(
  services: OpenServices,
  name: string,
  options: CheckDataOptions & { readonly loadFindDataBugs: () => Promise<FindDataBugs> },
): Promise<Result<Answer, Failure>> {
  const { checkAndRecordData, chooseDatasets } = await import('./check-data.js');
  const { loadPipeline } = await import('../pipeline/load-pipeline.js');
  const { readSources } = await import('./sources/read-sources.js');
  const loaded = await loadPipeline(services, pipelineArgument(name));
  if (!loaded.ok) return loaded;
  const isForOne = options.infer === true || (options.schema ?? options.quarantine ?? options.clean) !== undefined;
  // Before a source is asked for rows that are not checked.
  const named = chooseDatasets(loaded.value.pipeline, options.dataset, isForOne);
  if (!named.ok) return named;
  const when = whenOf(services, options.now);
  const { warnOfDatasets } = await import('./datasets/dataset-warnings.js');
  await warnOfDatasets(services, { ...loaded.value.pipeline, datasets: named.value }, when);
  const read = await readSources(services, loaded.value.pipeline, when);
  if (!read.ok) return read;
  const pipeline = read.value;
  const chosen = chooseDatasets(pipeline, options.dataset, isForOne);
  if (!chosen.ok) return chosen;
  const [only] = chosen.value;
  if (options.infer === true && only !== undefined) {
    const { inferDatasetSchema } = await import('./infer-schema.js');
    return answerWith(await inferDatasetSchema(services, pipeline, only, when));
  }
  const schema = await schemaOf(services, options);
  if (schema?.ok === false) return schema;
  const datasets: Pipeline['datasets'] =
    schema === undefined ? chosen.value : chosen.value.map((one) => ({ ...one, checks: schema.value.checks }));
  const reports = await checkAndRecordData(services, pipeline, {
    ...when,
    datasets,
    findDataBugs: await options.loadFindDataBugs(),
    ignore: options.ignore ?? [],
    ...writeOf(options),
  });
  return reports.ok ? shown(reports.value, pipeline) : reports;
}

async function schemaOf(services: OpenServices, { schema }: CheckDataOptions) {
  if (schema === undefined) return undefined;
  const { readSchema } = await import('../pipeline/load-schema.js');
  return readSchema(services, services.place(schema).folder, basename(schema), schema);
}

const writeOf = ({ quarantine, clean }: CheckDataOptions) =>
  quarantine === undefined && clean === undefined
    ? {}
    : {
        write: {
          quarantine: quarantine === undefined ? undefined : fromStart(quarantine),
          clean: clean === undefined ? undefined : fromStart(clean),
        },
      };

async function shown(reports: readonly DataReport[], pipeline: Pipeline | undefined): Promise<Result<Answer, Failure>> {
  const { dataView } = await import('./views/data-view.js');
  const { dataChecks } = await import('./views/data-checks.js');
  const isBroken = reports.some((report) => report.verdict === 'fail');
  return answer(dataView(reports), isBroken ? EXIT.data : EXIT.done, [], dataChecks(reports, pipeline));
}
