import type { Command } from 'commander';
import { answer, answerWith, type CommonOptions, parseCount, parseNow, perform, whenOf } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';
import { pipelineArgument } from '../cli/file-forms.js';
import type { Instant } from '../domain/support/time.js';

interface LimitOptions extends CommonOptions {
  readonly limit: number;
}

const LIMIT = 20;

const WHERE_HELP = `
Fields of --where: id, pipeline, status, trigger, profile, actor, host, commit, branch, dirty, tainted, started, finished, now,
duration, model, metric.<key>, param.<name>, step.<name>, tool.<name>. Operators: = != < <= > >=, [not] in (a, b),
[not] contains, is missing, is present; joined by and, or, not and ( ). Times are 2026-02-01, durations 10m.`;

/** The commands that only look: each is one flow that gives a view. */
export const addStatus = (program: Command): Command =>
  program
    .command('status')
    .description('fresh or stale, champion, last decision and tick; what is paused, held or silent comes first')
    .argument('[pipeline]', 'name or file; all without', pipelineArgument)
    .option('--now <time>', 'as if it were this moment', parseNow)
    .action(async (name: string | undefined, options: CommonOptions & { now?: Instant }) => {
      await perform('status', options, 'read', async (services) => {
        const { status } = await import('./status.js');
        const found = await status(services, name, whenOf(services, options.now));
        return found.ok ? answer(found.value.view, found.value.isDamaged ? EXIT.integrity : EXIT.done) : found;
      });
    });

export const addWhy = (program: Command): Command =>
  program
    .command('why')
    .description('everything that made a model version, a run, a decision or a file, on one screen')
    .argument('<subject>', 'model[@version|@champion], run, decision, or a path')
    .action(async (subject: string, options: CommonOptions) => {
      await perform('why', options, 'read', async (services) => {
        const { why } = await import('../lineage/why.js');
        return answerWith(await why(services, subject, services.place(subject)));
      });
    });

export const addRuns = (program: Command): Command =>
  program
    .command('runs')
    .description('runs, newest first')
    .argument('[pipeline]', 'of one pipeline', pipelineArgument)
    .option('--where <condition>', 'like: metric.auc > 0.7 and trigger = drift or param.trees in (40, 50)')
    .option('--limit <n>', 'how many', parseCount('--limit'), LIMIT)
    .addHelpText('after', WHERE_HELP)
    .action(async (name: string | undefined, options: LimitOptions & { where?: string }) => {
      await perform('runs', options, 'read', async (services) => {
        const { listRuns } = await import('../run/lists.js');
        return answerWith(await listRuns(services, name, options));
      });
    });

export const addShow = (program: Command): Command =>
  program
    .command('show')
    .description('one run: steps, metrics, code, environment')
    .argument('<run>', 'id, the beginning of one, or latest')
    .action(async (id: string, options: CommonOptions) => {
      await perform('show', options, 'read', async (services) => {
        const { showRun } = await import('../run/lists.js');
        return answerWith(showRun(services, id));
      });
    });

export const addMetrics = (program: Command): Command =>
  program
    .command('metrics')
    .description("metrics of a pipeline's runs")
    .argument('<pipeline>', 'name', pipelineArgument)
    .option('--plot', 'drawn over the runs; with --key as a chart, of a series over its steps')
    .option('--key <metric>', 'just this metric')
    .option('--limit <n>', 'how many runs', parseCount('--limit'), LIMIT)
    .action(async (name: string, options: LimitOptions & { plot?: boolean; key?: string }) => {
      await perform('metrics', options, 'read', async (services) => {
        const { listMetrics } = await import('../run/lists.js');
        return answerWith(await listMetrics(services, name, { ...options, isPlotted: options.plot ?? false }));
      });
    });

export const addModels = (program: Command): Command =>
  program
    .command('models')
    .description('versions, which one serves, and every move')
    .argument('[model]', 'of one model')
    .action(async (name: string | undefined, options: CommonOptions) => {
      await perform('models', options, 'read', async (services) => {
        const { listModels } = await import('../run/lists.js');
        return answerWith(listModels(services, name));
      });
    });
