import { Option } from 'commander';
import { EXECUTOR, type ExecutorName } from '../domain/pipeline/executor.js';
import { UsageError } from './action.js';

/** `--executor` of the commands that run a whole pipeline. */
export const executorOption = (): Option =>
  new Option('--executor <name>', 'run all steps there: local, slurm, or slurm:<profile> of refit.yaml').argParser(
    (text): ExecutorName => {
      if (EXECUTOR.test(text)) return text as ExecutorName;
      throw new UsageError(
        text === 'kubernetes'
          ? '--executor: kubernetes is not available in this version'
          : `--executor: there is no "${text}"`,
        'write --executor local, --executor slurm, or --executor slurm:<profile> with a profile of refit.yaml',
      );
    },
  );
