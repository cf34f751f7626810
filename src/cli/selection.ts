import { type Command, Option } from 'commander';
import { EXECUTOR, type ExecutorName } from '../domain/pipeline/executor.js';
import { UsageError } from './action.js';
import { collectNames } from './file-forms.js';

/** Options that select the steps of a pipeline. */
export interface SelectionOptions {
  readonly until?: string;
  readonly only?: string;
  readonly from?: string;
  readonly force?: 'all' | readonly string[];
}

const collectSteps = (text: string, sofar: SelectionOptions['force']): SelectionOptions['force'] =>
  text === '' || sofar === 'all' ? 'all' : [...(sofar ?? []), ...collectNames(text)];

/**
 * After `--force` comes the pipeline, not a step, so a bare `--force` gets an empty value. A step is joined with `=`,
 * as in `--force=train`.
 */
export const joinForce = (argv: readonly string[]): readonly string[] =>
  /^(run|plan)$/.test(argv[2] ?? '') ? argv.map((word) => (word === '--force' ? '--force=' : word)) : argv;

export const selectionOptions = (command: Command): Command =>
  command
    .option('--until <step>', 'this step and all steps it needs')
    .option('--only <step>', 'only this step')
    .option('--from <step>', 'this step and all steps that need it')
    .option('--force [=step]', 'run even if fresh: all steps, or this one; may be repeated', collectSteps);

export const toSelection = (options: SelectionOptions) => ({
  until: options.until,
  only: options.only,
  from: options.from,
  force: options.force,
});

/** `--executor` of the commands that run a whole pipeline, or read large data. */
export const executorOption = (
  what = 'run all steps there: local, slurm or kubernetes, also with a profile of refit.yaml, as in slurm:<profile>',
): Option =>
  new Option('--executor <name>', what).argParser((text): ExecutorName => {
    if (EXECUTOR.test(text)) return text as ExecutorName;
    throw new UsageError(
      `--executor: there is no "${text}"`,
      'write --executor local, --executor slurm, --executor kubernetes, or --executor slurm:<profile> with a profile of refit.yaml',
    );
  });
