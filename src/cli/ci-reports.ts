import type { Command } from 'commander';
import type { Check } from '../domain/check.js';
import type { Failure } from '../domain/failure.js';
import { mapTexts } from '../domain/support/map-texts.js';
import { err, ok, type Result } from '../domain/support/result.js';
import type { Instant } from '../domain/support/time.js';
import type { View } from '../domain/view.js';
import type { OpenServices } from './services.js';

/** Options of commands that judge something. */
export interface CiOptions {
  readonly junit?: string;
  readonly dotenv?: string;
}

export const ciOptions = (command: Command): Command =>
  command
    .option('--junit <file>', 'also write what was judged as JUnit XML, which GitLab and Jenkins show as tests')
    .option(
      '--dotenv <file>',
      'also write the values of the answer as REFIT_NAME=value, for artifacts:reports:dotenv of GitLab',
    );

export interface Ended {
  readonly command: string;
  readonly view?: View;
  readonly checks: readonly Check[];
  readonly failures: readonly Failure[];
  readonly startedAt: Instant;
}

/** Writes the files that were asked for, also of a command that failed. Fails if one could not be written. */
export async function writeCiReports(
  services: OpenServices,
  { junit, dotenv }: CiOptions,
  { command, view, checks, failures, startedAt }: Ended,
): Promise<Result<void, Failure>> {
  const { dotenvText, junitText } = await import('./services.js');
  const { mask } = services.surroundings;
  const files: readonly (readonly [string | undefined, () => string])[] = [
    [
      junit,
      () =>
        junitText({
          command,
          checks: mapTexts(checks, mask),
          failures: mapTexts(failures, mask),
          startedAt,
          durationMs: services.clock.now() - startedAt,
        }),
    ],
    [
      dotenv,
      () => {
        const { text, leftOut } = dotenvText(mapTexts(view?.json ?? {}, mask));
        if (leftOut.length > 0)
          services.emit({
            type: 'warning',
            code: 'dotenv-shortened',
            text: `${dotenv} has no ${leftOut.join(', ')}: GitLab takes 20 variables and 5 KB; --json has all values`,
          });
        return text;
      },
    ],
  ];
  let result: Result<void, Failure> = ok(undefined);
  for (const [file, text] of files) {
    if (file === undefined) continue;
    const { isFolder, write } = services.place(file);
    const reason = isFolder ? 'it is a folder' : await write(text());
    if (reason !== undefined && result.ok) result = err({ code: 'file-unwritable', path: file, reason });
  }
  return result;
}
