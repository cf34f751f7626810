import { resolve } from 'node:path';
import type { Command } from 'commander';
import { answer, type CommonOptions, parseNow, perform, UsageError, whenOf } from '../cli/action.js';
import { ciOptions } from '../cli/ci-reports.js';
import { namesData } from '../cli/data-file-name.js';
import { EXIT } from '../cli/exit-codes.js';
import { collectNames, pipelineArgument, refuseFileOptions, requireFiles } from '../cli/file-forms.js';
import type { OpenServices } from '../cli/services.js';
import { DETECTOR_NAMES } from '../domain/data/detector.js';
import type { EarnedVerdict, EarnedVersion, PerformanceReport } from '../domain/data/performance.js';
import type { Failure } from '../domain/failure.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import { err, ok, type Result } from '../domain/support/result.js';
import { type Instant, parseDuration } from '../domain/support/time.js';

interface CheckPerformanceOptions extends CommonOptions {
  readonly predictions?: readonly string[];
  readonly labels?: readonly string[];
  readonly time?: string;
  readonly key?: string;
  readonly prediction?: string;
  readonly label?: string;
  readonly delay?: number;
  readonly metric?: string;
  readonly window?: number;
  readonly drop?: number;
  readonly segment?: readonly string[];
  readonly detector?: readonly string[];
  readonly plot?: boolean;
  readonly exitZero?: boolean;
  readonly strict?: boolean;
  readonly now?: Instant;
}

const FORMS =
  'write refit check-performance <pipeline>, or refit check-performance log.csv --time at --prediction score --label late';

const PIPELINE_KEYS = {
  labels: 'monitor.labels.path',
  time: 'monitor.predictions.time',
  key: 'monitor.predictions.key',
  prediction: 'monitor.predictions.prediction',
  label: 'monitor.labels.label',
  delay: 'monitor.labels.delay',
  segment: 'monitor.segments',
};

/** Judges what retraining has earned. */
type EarnedVerdicts = (
  services: OpenServices,
  pipeline: Pipeline,
  earned: readonly EarnedVersion[],
) => Promise<readonly EarnedVerdict[]>;

/** `loadEarned` is passed in, because it pairs predictions as the gate does, which this room may not import. */
export const addCheckPerformance =
  (loadEarned: () => Promise<EarnedVerdicts>) =>
  (program: Command): Command =>
    ciOptions(
      program
        .command('check-performance')
        .description(
          'Compare predictions of the serving model with what came true: by window, since when it is worse, and in what form',
        )
        .argument('[pipeline or files...]', 'name or file of a pipeline, or files of predictions')
        .option('--predictions <file...>', 'files of predictions; needs no workspace')
        .option(
          '--labels <file...>',
          'files of labels, joined by --key; without them, --label is a column of the predictions',
        )
        .option('--time <column>', 'column with the event time of the predictions')
        .option('--key <column>', 'column with the id that predictions and labels share')
        .option('--prediction <column>', 'column with the predicted score, probability or number')
        .option(
          '--label <column>',
          'column with what came true: 0 and 1, true and false, or a number; without it the metric is estimated',
        )
        .option(
          '--delay <duration>',
          'labels arrive this late; younger predictions are not judged',
          readDuration('--delay'),
        )
        .option(
          '--metric <name>',
          'auc, log-loss, brier, accuracy, f1, precision, recall, calibration-error, mae, rmse, mape, pinball',
        )
        .option('--window <duration>', 'length of a window, such as 7d', readDuration('--window'))
        .option('--drop <n>', "smallest fall that matters, in the metric's unit", readDrop)
        .option('--segment <columns>', 'columns of the predictions whose values are judged one by one', collectNames)
        .option(
          '--detector <names...>',
          `stream detectors on the errors (ensemble): ${DETECTOR_NAMES.join(', ')}`,
          collectNames,
        )
        .option('--plot', 'draw the metric over the windows, with intervals and limits')
        .option('--exit-zero', 'exit 0 even if the model got worse')
        .option('--strict', 'exit 3 also if the verdict is undecided')
        .option('--no-commands', 'refuse what the pipeline names: commands (monitor.metrics) and remote sources')
        .option('--now <time>', 'use this time instead of the clock', parseNow),
    ).action((names: readonly string[], options: CheckPerformanceOptions) => check(names, options, loadEarned));

async function check(
  names: readonly string[],
  options: CheckPerformanceOptions,
  loadEarned: () => Promise<EarnedVerdicts>,
): Promise<void> {
  const files = [...names.filter(namesData), ...(options.predictions ?? [])];
  const [name, ...more] = names.filter((one) => !namesData(one));
  if (files.length > 0 === (name !== undefined) || more.length > 0)
    throw new UsageError('check-performance: that is neither a pipeline nor files of predictions', FORMS);
  requireFiles([...files, ...(options.labels ?? [])]);
  if (files.length > 0) requireColumns(options);
  else refuseFileOptions('check-performance', options, PIPELINE_KEYS);
  await perform('check-performance', options, files.length > 0 ? 'none' : 'record', async (services) => {
    const { performanceView } = await import('./views/performance-view.js');
    const { performanceChecks } = await import('./views/performance-checks.js');
    const measured = await measure(services, { files, name }, options);
    if (!measured.ok) return measured;
    const { report, pipeline } = measured.value;
    const earnedVerdicts = pipeline === undefined || report.earned.length < 2 ? undefined : await loadEarned();
    const earned = pipeline === undefined ? [] : ((await earnedVerdicts?.(services, pipeline, report.earned)) ?? []);
    const { performancePlot } = await import('./views/performance-plot.js');
    const plot = options.plot === true ? [performancePlot(report, pipeline?.model?.gate ?? [])] : [];
    const view = performanceView(report, earned, plot);
    return answer(view, exitOf(report, options), [], performanceChecks(report, pipeline));
  });
}

interface Measured {
  readonly report: PerformanceReport;
  /** Absent for files. */
  readonly pipeline?: Pipeline;
}

async function measure(
  services: OpenServices,
  { files, name = '' }: { readonly files: readonly string[]; readonly name: string | undefined },
  options: CheckPerformanceOptions,
): Promise<Result<Measured, Failure>> {
  const { readDetectors } = await import('./read-detectors.js');
  const detectors = readDetectors(options.detector ?? ['ensemble']);
  if (!detectors.ok) return detectors;
  const when = whenOf(services, options.now);
  const question = {
    detectors: detectors.value,
    metric: options.metric,
    windowMs: options.window,
    drop: options.drop,
  };
  if (files.length > 0) {
    const { checkPerformanceFiles } = await import('./measure-files.js');
    const form = fileForm(files, options);
    services.datasets.allow([...form.predictions, ...(form.labels ?? [])]);
    const report = await checkPerformanceFiles(services, when, { ...question, ...form });
    return report.ok ? ok({ report: report.value }) : report;
  }
  const { loadPipeline } = await import('../pipeline/load-pipeline.js');
  const { readSources } = await import('../data/sources/read-sources.js');
  const loaded = await loadPipeline(services, pipelineArgument(name));
  if (!loaded.ok) return loaded;
  const { checkAndRecordPerformance } = await import('./check-performance.js');
  const { missingPredictions } = await import('../data/datasets/prediction-log.js');
  // Before a source is asked for rows that nothing is measured with.
  const missing = missingPredictions(loaded.value.pipeline);
  if (missing !== undefined) return err(missing);
  const { warnOfDatasets } = await import('../data/datasets/dataset-warnings.js');
  await warnOfDatasets(services, loaded.value.pipeline, when);
  const read = await readSources(services, loaded.value.pipeline, when);
  if (!read.ok) return read;
  const pipeline = read.value;
  const report = await checkAndRecordPerformance(services, pipeline, when, question);
  return report.ok ? ok({ report: report.value, pipeline }) : report;
}

function requireColumns({ time, prediction, label, labels, key }: CheckPerformanceOptions): void {
  const needed = [
    ...(time === undefined ? ['--time'] : []),
    ...(prediction === undefined ? ['--prediction'] : []),
    ...(labels !== undefined && key === undefined ? ['--key'] : []),
  ];
  // A log may lack labels, but a label file may not.
  const wantsLabel = label === undefined && (needed.length > 0 || labels !== undefined);
  const missing = [...needed, ...(wantsLabel ? ['--label'] : [])];
  if (missing.length > 0) throw new UsageError(`check-performance: files need ${missing.join(', ')}`, FORMS);
}

const fileForm = (files: readonly string[], options: CheckPerformanceOptions) => ({
  predictions: files.map((file) => resolve(file)),
  time: options.time ?? '',
  prediction: options.prediction ?? '',
  label: options.label,
  delayMs: options.delay,
  segments: options.segment ?? [],
  key: options.key,
  labels: options.labels === undefined ? undefined : options.labels.map((file) => resolve(file)),
});

function readDuration(option: string): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms === undefined || ms === 0)
      throw new UsageError(`${option} ${text}: not a duration`, `write ${option} 7d, 12h or 30m`);
    return ms;
  };
}

function readDrop(text: string): number {
  const drop = Number(text);
  if (!Number.isFinite(drop) || drop < 0 || text.trim() === '')
    throw new UsageError(`--drop ${text}: not a number from 0 on`, 'write --drop 0.02');
  return drop;
}

/** A broken feed outranks a worse model. */
function exitOf(report: PerformanceReport, { exitZero, strict }: CheckPerformanceOptions): number {
  if (report.findings.some((one) => one.severity === 'error')) return EXIT.data;
  if (report.verdict === 'drift') return exitZero === true ? EXIT.done : EXIT.drift;
  return report.verdict === 'undecided' && strict === true ? EXIT.drift : EXIT.done;
}
