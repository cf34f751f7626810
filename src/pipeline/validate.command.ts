import type { Command } from 'commander';
import { answer, type CommonOptions, perform } from '../cli/action.js';
import { ciOptions } from '../cli/ci-reports.js';
import { EXIT } from '../cli/exit-codes.js';
import { pipelineArguments } from '../cli/file-forms.js';
import type { CheckTraces } from './validate.js';

interface ValidateOptions extends CommonOptions {
  readonly profile?: string;
  readonly traced?: boolean;
}

/** `loadCheckTraces` is passed in, because traces belong to execute/, which this room may not import. */
export const addValidate =
  (loadCheckTraces: () => Promise<CheckTraces>) =>
  (program: Command): Command =>
    ciOptions(
      program
        .command('validate')
        .description('Check a pipeline file, its graph, and that its inputs exist. Runs nothing.')
        .argument('[pipeline...]', 'names or files; default all of the workspace', pipelineArguments)
        .option('--profile <name>', 'apply this profile')
        .option('--traced', 'also require that everything that traced steps opened (refit run --trace) is declared'),
    ).action(async (names: readonly string[] | undefined, options: ValidateOptions) => {
      await perform('validate', options, 'read', async (services) => {
        const { validatePipelines } = await import('./validate.js');
        const checked = await validatePipelines(services, names ?? [], {
          checkTraces: options.traced === true ? await loadCheckTraces() : undefined,
          profile: options.profile,
        });
        if (!checked.ok) return checked;
        const { view, diagnostics, isValid, checks } = checked.value;
        if (isValid) {
          services.output.warn(diagnostics);
          return answer(view, EXIT.done, [], checks);
        }
        return answer(view, EXIT.usage, [{ code: 'invalid-pipeline', diagnostics }], checks);
      });
    });
