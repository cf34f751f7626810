import { columnAdvice, listOf, type TextsOf } from './failure-words.js';
import { malformedTable } from './malformed-table.js';

/** Failures of files and tables. */
export const dataFailures = {
  'file-unreadable': (failure) => ({
    what: `${failure.path} cannot be read: ${failure.reason}`,
    next: 'check the path and its permissions',
  }),
  'file-unwritable': (failure) => ({
    what: `${failure.path} cannot be written: ${failure.reason}`,
    next: 'check the folder, its permissions and the disk',
  }),
  'path-outside-workspace': (failure) => ({
    what: `${failure.path} lies outside the workspace`,
    next: 'use a path below the workspace root',
  }),
  'data-unreadable': (failure) => ({
    what: `${failure.source} cannot be read as a table: ${failure.reason}`,
    next: 'refit reads CSV, TSV, Parquet, JSON and JSON lines; check the file and the column names',
  }),
  'query-too-slow': (failure) => ({
    what: `the SQL of ${failure.source} was stopped: it gave no answer within ${Math.round(failure.limitMs / 1000)} s`,
    next: 'make its query or its rules cheaper, or allow more time: set REFIT_QUERY_SECONDS to a larger number',
  }),
  'data-outside-workspace': (failure) => ({
    what: `${failure.source} leads to ${failure.path}, outside the workspace, so refit does not read it`,
    next: `if you trust it, list ${folderOf(failure.path)} under "roots" in refit.yaml`,
  }),
  'table-malformed': malformedTable,
  'column-missing': (failure) => ({
    what: `${failure.source} has no column "${failure.column}", which ${failure.namedBy} names`,
    next: columnAdvice({ name: failure.column, namedBy: failure.namedBy, available: failure.columns }),
  }),
  'data-empty': (failure) => ({
    what: `${failure.source} is empty: ${failure.detail}`,
    next: 'check the path in "datasets", the feed, and --now',
  }),
  'columns-differ': (failure) => ({
    what: `${failure.current} has other columns than ${failure.reference}: missing ${listOf(failure.missing)}, added ${listOf(failure.added)}`,
    next: 'let "prepare" make the columns that the reference has',
  }),
} satisfies Partial<TextsOf>;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
