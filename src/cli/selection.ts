import type { Command } from 'commander';
import { collectNames } from './file-forms.js';

/** Which steps of a pipeline a command means. */
export interface SelectionOptions {
  readonly until?: string;
  readonly only?: string;
  readonly from?: string;
  readonly force?: true | readonly string[];
}

export const selectionOptions = (command: Command): Command =>
  command
    .option('--until <step>', 'this step and all it needs')
    .option('--only <step>', 'just this step')
    .option('--from <step>', 'this step and all that need it')
    .option('--force [steps]', 'run although fresh: all steps, or these: --force=a,b', collectForced);

/** `--force=a,b --force=c` are three steps; one bare `--force` is all of them. */
const collectForced = (text: string, sofar: true | readonly string[] | undefined): true | readonly string[] =>
  sofar === true ? true : collectNames(text, sofar);

export const toSelection = (options: SelectionOptions) => ({
  ...(options.until === undefined ? {} : { until: options.until }),
  ...(options.only === undefined ? {} : { only: options.only }),
  ...(options.from === undefined ? {} : { from: options.from }),
  ...(options.force === undefined ? {} : { force: options.force === true ? ('all' as const) : options.force }),
});
