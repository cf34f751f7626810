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
