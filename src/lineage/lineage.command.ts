import type { Command } from 'commander';
import { answer, type CommonOptions, parseCount, perform, UsageError } from '../cli/action.js';

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
    .description('Show what a model, run or artifact was made from, or what was made from it, as a graph')
    .argument('<subject>', 'model[@version|@champion], run, path, or the beginning of a hash')
    .option('--up', 'what it was made from (default)')
    .option('--down', 'what was made from it')
    .option('--dot', 'print for Graphviz')
    .option('--mermaid', 'print for Markdown')
    .option('--limit <n>', 'show at most this many nodes', parseCount('--limit'), NODES)
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
