import type { Command } from 'commander';
import { answer, answerWith, type CommonOptions, parseCount, perform, UsageError } from '../cli/action.js';
import { EXIT } from '../cli/exit-codes.js';

/** The commands that follow the links between what was made and what it was made of. */
export const addImpact = (program: Command): Command =>
  program
    .command('impact')
    .description('every run, model version and time of serving that a file, folder or model has reached')
    .argument('<artifact>', 'a path, model@version, or the beginning of a hash')
    .action(async (subject: string, options: CommonOptions) => {
      await perform('impact', options, 'read', async (services) => {
        const { impact } = await import('./impact.js');
        return answerWith(await impact(services, subject, services.place(subject).path));
      });
    });

interface LineageOptions extends CommonOptions {
  readonly up?: boolean;
  readonly down?: boolean;
  readonly dot?: boolean;
  readonly mermaid?: boolean;
  readonly limit: number;
}

const NODES = 500;

export const addLineage = (program: Command): Command =>
  program
    .command('lineage')
    .description('what a model, run or artifact was made of, or what was made of it, as a graph')
    .argument('<subject>', 'model[@version|@champion], run, path, or the beginning of a hash')
    .option('--up', 'what it was made of (default)')
    .option('--down', 'what was made of it')
    .option('--dot', 'for Graphviz')
    .option('--mermaid', 'for Markdown')
    .option('--limit <n>', 'nodes at most', parseCount('--limit'), NODES)
    .action(async (subject: string, options: LineageOptions) => {
      if (options.up && options.down) throw new UsageError('--up and --down: one of them', 'ask twice');
      await perform('lineage', options, 'read', async (services) => {
        const { lineage } = await import('./lineage.js');
        const { lineageView } = await import('./views/lineage-view.js');
        const graph = await lineage(services, subject, {
          direction: options.down ? 'down' : 'up',
          path: services.place(subject).path,
          limit: options.limit,
        });
        return graph.ok
          ? answer(lineageView(graph.value, options.dot ? 'dot' : options.mermaid ? 'mermaid' : 'tree'))
          : graph;
      });
    });

export const addDiff = (program: Command): Command =>
  program
    .command('diff')
    .description('everything in which two runs or versions differ: code, params, data, environment, metrics, gate')
    .argument('<before>', 'run, latest, model[@version], or @champion')
    .argument('<after>', 'the same')
    .action(async (before: string, after: string, options: CommonOptions) => {
      await perform('diff', options, 'read', async (services) => {
        const { diff } = await import('./diff.js');
        return answerWith(await diff(services, before, after));
      });
    });

interface ReproduceOptions extends CommonOptions {
  readonly jobs?: number;
  readonly keep?: boolean;
}

export const addReproduce = (program: Command): Command =>
  program
    .command('reproduce')
    .description(
      'make a version or run again from its commit and inputs, in a scratch workspace, and compare every byte',
    )
    .argument('<subject>', 'model[@version|@champion], or a run')
    .option('--jobs <n>', 'steps at a time (the number of processors)', parseCount('--jobs'))
    .option('--keep', 'leave the scratch workspace, with its logs')
    .action(async (subject: string, options: ReproduceOptions) => {
      await perform('reproduce', options, 'scratch', async (services) => {
        const { reproduce } = await import('./reproduce.js');
        const { reproduceView } = await import('./views/reproduce-view.js');
        const made = await reproduce(services, services.makeScratchWorkspace, subject, {
          isKept: options.keep ?? false,
          jobs: options.jobs,
        });
        if (!made.ok) return made;
        const failures = made.value.steps.flatMap((step) => step.failure ?? []);
        return answer(reproduceView(made.value), made.value.verdict === 'same' ? EXIT.done : EXIT.failed, failures);
      });
    });
