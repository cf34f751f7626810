import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { DataReport } from '../../domain/finding.js';
import type { Instant } from '../../domain/time.js';
import { answer, type CommonOptions, parseNow, perform, UsageError, whenOf } from '../action.js';
import { EXIT } from '../exit-codes.js';
import { isDataFile, pipelineArgument, requireFiles } from '../file-forms.js';

const FORMS = 'write refit check-data <pipeline>, or refit check-data a.csv b.parquet';

export const addCheckData = (program: Command): Command =>
  program
    .command('check-data')
    .description('check the datasets of a pipeline, or files: schema, ranges, freshness, outliers')
    .argument('<pipeline-or-file...>', 'a pipeline, or data files anywhere')
    .option('--now <time>', 'as if it were this moment', parseNow)
    .action(async (names: string[], options: CommonOptions & { now?: Instant }) => {
      const isFiles = names.every(isDataFile);
      if (isFiles) requireFiles(names);
      else if (names.length > 1) throw new UsageError('check-data: that is neither one pipeline nor data files', FORMS);
      await perform('check-data', options, isFiles ? 'none' : 'read', async (services) => {
        const { checkData, checkDataFiles, requireDatasets } = await import('../../flows/check-data.js');
        const { presentData } = await import('../../flows/present.js');
        if (isFiles) {
          const report = await checkDataFiles(
            services,
            names.map((name) => resolve(name)),
          );
          return report.ok ? answer(presentData([report.value]), exitOf([report.value])) : report;
        }
        const { loadPipeline } = await import('../../flows/load-pipeline.js');
        const loaded = await loadPipeline(services, pipelineArgument(names[0] ?? ''));
        if (!loaded.ok) return loaded;
        const declared = requireDatasets(loaded.value.pipeline);
        if (!declared.ok) return declared;
        const reports = await checkData(services, loaded.value.pipeline, whenOf(services, options.now));
        return reports.ok ? answer(presentData(reports.value), exitOf(reports.value)) : reports;
      });
    });

const exitOf = (reports: readonly DataReport[]): number =>
  reports.some((report) => report.verdict === 'fail') ? EXIT.data : EXIT.done;
