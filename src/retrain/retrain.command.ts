import type { Command } from 'commander';
import {
  type CommonOptions,
  collectParams,
  parseCount,
  parseNow,
  parseWait,
  perform,
  UsageError,
  whenOf,
} from '../cli/action.js';
import { ciOptions } from '../cli/ci-reports.js';
import { EXIT, exitCodeOf } from '../cli/exit-codes.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { failuresOf, retrainExit } from '../cli/retrain-exit.js';
import { executorOption } from '../cli/selection.js';
import type { RetrainReport } from '../domain/decisions/retrain-report.js';
import type { ExecutorName } from '../domain/pipeline/executor.js';
import type { Services } from '../domain/ports/services.js';
import type { Instant } from '../domain/support/time.js';

interface RetrainCommandOptions extends CommonOptions {
  readonly all?: boolean;
  readonly jobs?: number;
  readonly param?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly reason?: string;
  readonly now?: Instant;
  readonly fromZero?: boolean;
  readonly wait?: number;
  readonly executor?: ExecutorName;
}

export const addRetrain = (program: Command): Command =>
  ciOptions(
    program
      .command('retrain')
      .description('Check data and drift, decide whether to retrain, and if so train, evaluate and publish')
      .argument('[pipeline]', 'name or file', pipelineArgument)
      .option('--all', 'every pipeline of the workspace that has a "retrain" section')
      .option('--jobs <n>', 'with --all: retrain at most this many pipelines at once; default 1', parseCount('--jobs'))
      .option('--param <k=v>', 'set a param', collectParams)
      .option('--dry-run', 'show what would be decided; record and run nothing')
      .option('--force', 'ignore triggers, cooldown, limit and pause; never the gate or a hold')
      .option('--reason <text>', 'with --force: the reason, kept with the decision')
      .option('--from-zero', 'start no step from the champion: train from zero, if it is decided to train')
      .addOption(executorOption())
      .option('--now <time>', 'use this time instead of the clock; rows at or after it are not read', parseNow)
      .option('--wait <duration>', 'wait for a busy pipeline', parseWait),
  ).action(async (name: string | undefined, options: RetrainCommandOptions) => {
    refuseContradictions(name, options);
    await perform('retrain', options, options.dryRun === true ? 'preview' : 'write', async (services) => {
      const { loadPipeline } = await import('../pipeline/load-pipeline.js');
      const { readSources } = await import('../data/sources/read-sources.js');
      const { missingSections, retrain } = await import('./retrain.js');
      const flow = {
        ...whenOf(services, options.now),
        isForced: options.force ?? false,
        isFromZero: options.fromZero ?? false,
        isDryRun: options.dryRun ?? false,
        reason: options.reason === undefined ? undefined : services.surroundings.mask(options.reason),
        waitMs: options.wait,
        executor: options.executor,
      };
      const { isNews } = await import('./judge/is-news.js');
      const isTerse = options.quiet === true && options.json !== true && options.dryRun !== true;
      const isShown = (report: RetrainReport): boolean => !isTerse || isNews(report, decisionBefore(services, report));
      if (name === undefined) {
        const { retrainAll } = await import('./retrain-all.js');
        const { view, reports, failures, allFailures, checks } = await retrainAll(services, flow, {
          isShown,
          isTold: (failure) => !isTerse || failure.code !== 'busy',
          atOnce: options.jobs,
        });
        const exit = worstOf([...reports.map(retrainExit), ...allFailures.map(exitCodeOf)]);
        const ofShown = reports.filter(isShown).flatMap(failuresOf);
        return { ok: true, value: { view, exit, failures: [...failures, ...ofShown], checks } };
      }
      const { retrainView } = await import('./views/retrain-view.js');
      const { retrainChecks } = await import('./views/retrain-checks.js');
      const loaded = await loadPipeline(services, name, options.param === undefined ? {} : { params: options.param });
      if (!loaded.ok) return loaded;
      // Before a source is asked for rows that nothing is trained on.
      const missing = missingSections(loaded.value.pipeline, flow);
      if (missing !== undefined) return { ok: false, error: missing };
      const { warnOfDatasets } = await import('../data/datasets/dataset-warnings.js');
      await warnOfDatasets(services, loaded.value.pipeline, flow);
      const read = await readSources(services, loaded.value.pipeline, { now: flow.now, isRecorded: !flow.isDryRun });
      if (!read.ok) return read;
      const done = await retrain(services, read.value, flow);
      if (!done.ok && isTerse && done.error.code === 'busy') return { ok: true, value: { exit: EXIT.busy } };
      if (!done.ok) return done;
      const view = isShown(done.value) ? retrainView(done.value) : undefined;
      const checks = retrainChecks(done.value, read.value);
      return { ok: true, value: { view, exit: retrainExit(done.value), failures: failuresOf(done.value), checks } };
    });
  });

/** Throws where options do not go together. */
function refuseContradictions(name: string | undefined, options: RetrainCommandOptions): void {
  if ((name === undefined) === (options.all !== true))
    throw new UsageError(
      name === undefined ? 'retrain: no pipeline is given' : `retrain: both "${name}" and --all are given`,
      'write refit retrain <pipeline>, or refit retrain --all',
    );
  if (options.all === true && options.param !== undefined)
    throw new UsageError(
      'retrain: --param belongs to one pipeline, not to --all',
      'write refit retrain <pipeline> --param name=value',
    );
  if (options.jobs !== undefined && options.all !== true)
    throw new UsageError(
      'retrain: --jobs says how many pipelines --all retrains at once',
      'write refit retrain --all --jobs 2, or leave --jobs away',
    );
  if (options.reason !== undefined && options.force !== true)
    throw new UsageError('retrain: --reason says why something is forced', 'write --force --reason "…"');
}

const decisionBefore = ({ registry }: Pick<Services, 'registry'>, { decision }: RetrainReport) =>
  decision.id === undefined ? undefined : registry.decisions.previous(decision.id);

const ORDER = [
  EXIT.bug,
  130,
  143,
  EXIT.integrity,
  EXIT.usage,
  EXIT.failed,
  EXIT.data,
  EXIT.refused,
  EXIT.busy,
  EXIT.done,
];

const worstOf = (codes: readonly number[]): number => ORDER.find((code) => codes.includes(code)) ?? EXIT.done;
