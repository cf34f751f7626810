import { resolve } from 'node:path';
import type { Command } from 'commander';
import { answer, type CommonOptions, parseCount, perform, UsageError } from '../cli/action.js';
import { collectNames } from '../cli/file-forms.js';
import { DETECTOR_NAMES } from '../domain/data/detector.js';

interface EvaluateDetectorsOptions extends CommonOptions {
  readonly column: string;
  readonly changes?: readonly number[];
  readonly detector?: readonly string[];
  readonly window: number;
}

const WINDOW = 1000;

export const addEvaluateDetectors = (program: Command): Command =>
  program
    .command('evaluate-detectors')
    .description("Run stream detectors over a recorded column, such as a model's errors: alarms, delays, false alarms")
    .argument('<file>', 'CSV, Parquet or JSON file with rows in order of time')
    .requiredOption('--column <name>', 'the column to watch: errors of 0 and 1, losses, any number')
    .option('--changes <indices>', 'rows of known changes, counted from 0, separated by commas', parseIndices)
    .option('--detector <names...>', `run only these: ${DETECTOR_NAMES.join(', ')}; default all`, collectNames)
    .option(
      '--window <n>',
      'an alarm within this many rows after a change counts as detection',
      parseCount('--window'),
      WINDOW,
    )
    .action(async (file: string, options: EvaluateDetectorsOptions) => {
      await perform('evaluate-detectors', options, 'none', async (services) => {
        const { evaluateDetectors } = await import('./evaluate-detectors.js');
        const { detectorsView } = await import('./views/detectors-view.js');
        services.datasets.allow([resolve(file)]);
        const report = await evaluateDetectors(services, {
          file: resolve(file),
          column: options.column,
          window: options.window,
          changes: options.changes,
          names: options.detector,
        });
        return report.ok ? answer(detectorsView(report.value)) : report;
      });
    });

/** `20000,40000`. Empty text declares the stream stable. */
function parseIndices(text: string): readonly number[] {
  return collectNames(text).map((part) => {
    const index = Number(part);
    if (!/^\d+$/.test(part) || !Number.isSafeInteger(index))
      throw new UsageError(`--changes ${part}: not a row; write whole numbers from 0, with commas`);
    return index;
  });
}
