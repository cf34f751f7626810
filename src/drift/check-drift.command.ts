import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type Answer, answer, type CommonOptions, parseNow, perform, UsageError, whenOf } from '../cli/action.js';
import { ciOptions } from '../cli/ci-reports.js';
import { EXIT } from '../cli/exit-codes.js';
import {
  collectNames,
  pipelineArgument,
  refuseFileOptions,
  requireFiles,
  requireTimeForNow,
} from '../cli/file-forms.js';
import { executorOption } from '../cli/selection.js';
import type { OpenServices } from '../cli/services.js';
import type { DriftReport } from '../domain/data/drift.js';
import type { TableProfile } from '../domain/data/profile.js';
import type { Failure } from '../domain/failure.js';
import {
  AUTO,
  METHOD_NAMES,
  type MethodChoice,
  type MethodName,
  parseMethod,
} from '../domain/pipeline/drift-method.js';
import type { ExecutorName } from '../domain/pipeline/executor.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';

interface CheckDriftOptions extends CommonOptions {
  readonly reference?: readonly string[];
  readonly current?: readonly string[];
  readonly time?: string;
  readonly ignore?: readonly string[];
  readonly label?: string;
  readonly method?: MethodChoice;
  readonly segment?: readonly string[];
  readonly classifier?: boolean;
  readonly plot?: boolean;
  readonly exitZero?: boolean;
  readonly strict?: boolean;
  readonly executor?: ExecutorName;
  readonly now?: Instant;
}

const FORMS = 'write refit check-drift <pipeline>, or refit check-drift --reference a.csv --current b.csv';

const PIPELINE_KEYS = { time: 'datasets.<name>.time', ignore: 'monitor.ignore', label: 'monitor.labels.label' };

export const addCheckDrift = (program: Command): Command =>
  ciOptions(
    program
      .command('check-drift')
      .description("Compare the current window with the champion's reference, or two sets of files")
      .argument('[pipeline]', 'name or file of a pipeline', pipelineArgument)
      .option(
        '--reference <file...>',
        'files to compare with, or a profile of "refit profile export"; needs no workspace',
      )
      .option('--current <file...>', 'files to check for drift')
      .option('--time <column>', 'column that holds the event time')
      .option('--ignore <columns>', 'columns to leave out, separated by commas', collectNames)
      .option('--label <column>', 'label column of the files, which may come later than the rows')
      .option(
        '--method <name>',
        'distance for all columns, or column=name,…; auto where it does not apply',
        readMethods,
      )
      .option('--segment <columns>', 'columns whose values are compared one by one', collectNames)
      .option('--classifier', 'also train a classifier to tell the windows apart, using all columns together')
      .option('--plot', 'draw the columns that moved: reference and current window over each other')
      .option('--exit-zero', 'exit 0 even if drift is found')
      .option('--strict', 'exit 3 also if the verdict is undecided')
      .addOption(executorOption('read the large files of the window there: slurm, or slurm:<profile> of refit.yaml'))
      .option('--no-commands', 'refuse what the pipeline names: commands (monitor.current.prepare) and remote sources')
      .option('--now <time>', 'use this time instead of the clock', parseNow),
  ).action(async (name: string | undefined, options: CheckDriftOptions) => {
    const { reference, current } = options;
    const isFiles = reference !== undefined || current !== undefined;
    if (isFiles && (name !== undefined || reference === undefined || current === undefined))
      throw new UsageError('check-drift: that is neither a pipeline nor two sets of files', FORMS);
    if (!isFiles && name === undefined) throw new UsageError('check-drift: no pipeline is given', FORMS);
    requireFiles([...(reference ?? []), ...(current ?? [])]);
    if (isFiles) requireTimeForNow('check-drift', options);
    else refuseFileOptions('check-drift', options, PIPELINE_KEYS);
    if (isFiles && options.executor !== undefined)
      throw new UsageError('check-drift: --executor reads the files of a pipeline, and there is none', FORMS);
    if (options.executor?.startsWith('kubernetes') === true)
      throw new UsageError(
        'check-drift: its jobs call refit, which the image of a Kubernetes job need not have',
        'add --executor slurm, or leave --executor away to read the files here',
      );
    await perform('check-drift', options, isFiles ? 'none' : 'record', (services) =>
      reference !== undefined && current !== undefined
        ? checkFiles(services, { reference, current }, options)
        : checkPipeline(services, name ?? '', options),
    );
  });

async function checkFiles(
  services: OpenServices,
  named: { readonly reference: readonly string[]; readonly current: readonly string[] },
  options: CheckDriftOptions,
): Promise<Result<Answer, Failure>> {
  const files = {
    reference: named.reference.map((file) => resolve(file)),
    current: named.current.map((file) => resolve(file)),
  };
  const profile = await profileIn(services, named.reference);
  if (!profile.ok) return profile;
  const { checkDriftFiles } = await import('./check-drift-files.js');
  services.datasets.allow([...files.reference, ...files.current]);
  const report = await checkDriftFiles(services, {
    ...files,
    profile: profile.value,
    ignore: options.ignore ?? [],
    ...overridesOf(options),
    time: options.time,
    until: options.now,
    label: options.label,
  });
  return report.ok ? answerOf(report.value, options) : report;
}

/** The profile in the only file that is named, if it is an exported one and no table. */
async function profileIn(
  services: OpenServices,
  [name, ...more]: readonly string[],
): Promise<Result<TableProfile | undefined, Failure>> {
  if (name === undefined || more.length > 0 || !/\.json$/i.test(name)) return ok(undefined);
  const { isProfileFile, readProfileFile } = await import('./profile-file.js');
  const text = await services.place(name).folder.readText(basename(name));
  const value = text.ok ? parsed(text.value) : undefined;
  if (!isProfileFile(value)) return ok(undefined);
  const read = readProfileFile(value);
  if (read.ok) return ok(read.value);
  return err({
    code: 'usage',
    problem: `--reference ${name} is not a profile that can be used: ${read.error}`,
    next: `write it again: refit profile export <pipeline> -o ${name}`,
  });
}

/** A table in JSON lines is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function checkPipeline(
  services: OpenServices,
  name: string,
  options: CheckDriftOptions,
): Promise<Result<Answer, Failure>> {
  const { checkAndRecordDrift, missingMonitor } = await import('./check-drift.js');
  const { loadPipeline } = await import('../pipeline/load-pipeline.js');
  const { readSources } = await import('../data/sources/read-sources.js');
  const loaded = await loadPipeline(services, name);
  if (!loaded.ok) return loaded;
  // Before a source is asked for rows that nothing is compared with.
  const missing = missingMonitor(loaded.value.pipeline);
  if (missing !== undefined) return err(missing);
  const when = whenOf(services, options.now);
  const { warnOfDatasets } = await import('../data/datasets/dataset-warnings.js');
  await warnOfDatasets(services, loaded.value.pipeline, when);
  const read = await readSources(services, loaded.value.pipeline, when);
  if (!read.ok) return read;
  const pipeline = read.value;
  const overrides = { ...overridesOf(options), executor: options.executor };
  const report = await checkAndRecordDrift(services, pipeline, when, overrides);
  if (!report.ok) return report;
  const { recordWindow } = await import('./window-history.js');
  recordWindow(services, pipeline, when, report.value);
  return answerOf(report.value, options, pipeline);
}

/** Files have no pipeline. */
async function answerOf(
  report: DriftReport,
  options: CheckDriftOptions,
  pipeline?: Pipeline,
): Promise<Result<Answer, Failure>> {
  const { driftView } = await import('./views/drift-view.js');
  const { driftChecks } = await import('./views/drift-checks.js');
  return answer(driftView(report), exitOf(report, options), [], driftChecks(report, pipeline));
}

const overridesOf = (options: CheckDriftOptions) => ({
  methods: options.method,
  segments: options.segment,
  isClassified: options.classifier === true,
  isPlotted: options.plot === true,
});

/** `psi`, or `distance=wasserstein,carrier=chi2`. */
function readMethods(text: string, sofar: MethodChoice = AUTO): MethodChoice {
  const columns: Record<string, MethodName | 'auto'> = { ...sofar.columns };
  let { table } = sofar;
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=');
    const method = parseMethod(part.slice(at + 1));
    if (method === undefined)
      throw new InvalidArgumentError(
        `There is no method "${part.slice(at + 1)}"; there are auto, ${METHOD_NAMES.join(', ')}.`,
      );
    if (at < 0) table = method;
    else columns[part.slice(0, at)] = method;
  }
  return { table, columns };
}

/** A data bug outranks drift. */
function exitOf(report: DriftReport, options: CheckDriftOptions): number {
  if (report.dataBugs.length > 0) return EXIT.data;
  if (report.verdict === 'drift') return options.exitZero === true ? EXIT.done : EXIT.drift;
  return report.verdict === 'undecided' && options.strict === true ? EXIT.drift : EXIT.done;
}
