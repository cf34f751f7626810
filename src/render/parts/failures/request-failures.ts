import type { Failure } from '../../../domain/failure.js';
import { columnAdvice, listOf, type TextsOf } from './failure-words.js';

/** Failures of what the user asked for: the command line, names, pipeline files and filters. */
export const requestFailures = {
  'invalid-pipeline': () => ({ what: 'the pipeline file is wrong', next: 'nothing has run; fix the lines above' }),
  'invalid-filter': () => ({ what: 'the filter is wrong', next: 'see "refit runs --help"' }),
  usage: (failure) => ({ what: failure.problem, next: failure.next }),
  'no-workspace': (failure) => ({
    what: `no workspace: no folder from ${failure.searchedFrom} upwards holds refit.yaml, .refit/ or pipelines/`,
    next: 'go to your project, or make one here with "refit init"',
  }),
  'pipeline-not-found': (failure) => ({
    what: `there is no pipeline "${failure.name}"`,
    next:
      failure.hint ??
      (failure.available.length === 0
        ? 'there are no pipelines here: write pipelines/<name>.yaml, or start with "refit init"'
        : `pipelines here: ${listOf(failure.available)}`),
  }),
  'section-missing': (failure) => ({
    what: `${failure.command} needs the section "${failure.section}", which ${failure.pipeline} does not have`,
    lines: failure.lines.split('\n'),
    next: `add lines like these to ${failure.pipeline}`,
  }),
  'not-found': (failure) => ({
    what: `there is no ${failure.what} "${failure.name}"`,
    next: failure.hint ?? whatThereIs(failure),
  }),
  'now-before-last-decision': (failure) => ({
    what: `--now ${failure.now} lies before the last decision (${failure.last}): the ledger only goes forward`,
    next: 'give a later time, or use --dry-run, which records nothing',
  }),
} satisfies Partial<TextsOf>;

function whatThereIs({ name, available, next, namedBy }: Extract<Failure, { readonly code: 'not-found' }>): string {
  if (available.length === 0) return next;
  if (namedBy !== undefined) return `${columnAdvice({ name, namedBy, available })}; ${next}`;
  return `there are: ${listOf(available)}; ${next}`;
}
