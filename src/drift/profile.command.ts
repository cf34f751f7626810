import { relative } from 'node:path';
import { Argument, type Command } from 'commander';
import { answer, type CommonOptions, parseNow, perform, UsageError, whenOf } from '../cli/action.js';
import { pipelineArgument } from '../cli/file-forms.js';
import { outputFile, writeOutput } from '../cli/output-file.js';
import type { Instant } from '../domain/support/time.js';

interface ProfileOptions extends CommonOptions {
  readonly output?: string;
  readonly now?: Instant;
}

export const addProfile = (program: Command): Command =>
  program
    .command('profile')
    .description("Export the profile of a pipeline's reference, to check for drift where its rows are not")
    .addArgument(
      new Argument('<action>', 'what to do; part is what jobs of check-drift --executor call').choices([
        'export',
        'part',
      ]),
    )
    .argument('<pipeline>', 'name or file of a pipeline; for part its request', pipelineArgument)
    .argument('[task]', 'for part: the number of the job')
    .option('-o, --output <file>', 'the file to write, for check-drift --reference')
    .option('--now <time>', 'use this time instead of the clock', parseNow)
    .action(async (action: 'export' | 'part', name: string, task: string | undefined, options: ProfileOptions) => {
      if (action === 'part') {
        if (task === undefined || !/^\d{1,6}$/.test(task))
          throw new UsageError(
            'profile part: it takes a request and the number of a job',
            'jobs of check-drift call it',
          );
        const request = relative('.', name);
        await perform('profile', options, 'none', async (services) => {
          const { profileParts } = await import('./parts/profile-parts.js');
          const { partsView } = await import('./views/profile-view.js');
          const read = await profileParts(services, request, Number(task));
          return read.ok ? answer(partsView(read.value)) : read;
        });
        return;
      }
      if (task !== undefined) throw new UsageError(`profile export: "${task}" is one argument too many`);
      const file = outputFile(options.output);
      if (file === undefined)
        throw new UsageError(
          'profile export: no file is named',
          `write refit profile export ${name} -o reference.json`,
        );
      await perform('profile', options, 'record', async (services) => {
        const { loadPipeline } = await import('../pipeline/load-pipeline.js');
        const { exportProfile } = await import('./export-profile.js');
        const { profileView } = await import('./views/profile-view.js');
        const loaded = await loadPipeline(services, name);
        if (!loaded.ok) return loaded;
        const exported = await exportProfile(services, loaded.value.pipeline, whenOf(services, options.now));
        if (!exported.ok) return exported;
        const written = await writeOutput(services, file, exported.value.text);
        if (!written.ok) return written;
        return answer(profileView({ ...exported.value, path: written.value }));
      });
    });
