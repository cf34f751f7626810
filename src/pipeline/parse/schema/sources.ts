import { z } from 'zod';
import { duration, text } from './value-types.js';

/** The keys of a dataset that is read from a database or a command. */
export const sourceKeys = {
  source: z
    .enum(['postgres', 'mysql', 'sqlite', 'duckdb', 'https', 's3', 'gcs', 'command'])
    .optional()
    .describe('where the rows are, if not in files; refit reads them into snapshots'),
  url: z
    .union([text, z.strictObject({ from: text.describe('variable that holds it; a secret') })])
    .optional()
    .describe(
      'of the database, the file or the objects (s3://bucket/rides/*.csv); a URL with a password comes from a variable',
    ),
  query: text
    .optional()
    .describe('SQL of the database; ${{ window.from }}, ${{ window.until }} and params are bound, never pasted'),
  run: text
    .optional()
    .describe('shell command that writes rows to stdout, or to ${{ snapshot.path }} if it names that'),
  format: z
    .enum(['csv', 'jsonl', 'parquet'])
    .optional()
    .describe('what the command writes (default csv), or the objects hold (default: by their names)'),
  from: text.optional().describe('start of the first window: a date or a time; default 1970-01-01'),
  every: duration.optional().describe('length of a window; default: all rows are one window'),
  late: duration.optional().describe('a window is final this long after its end; default 1d'),
  on_late: z
    .enum(['warn', 'read'])
    .optional()
    .describe('what happens if a final window has changed: name it, or read it again; default warn'),
  updated: text.optional().describe('column that grows when a row is changed: shows changes that leave the count'),
  time_format: z
    .string()
    .regex(
      /^(%Y-%m-%d([T ]%H:%M(:%[Sf])?)?(Z|\+00:00)?|seconds|milliseconds)$/,
      'write "%Y-%m-%d %H:%M:%S" (also with T, %f for 00.000, or Z at the end), seconds or milliseconds',
    )
    .optional()
    .describe('how the query of a SQLite file compares times: as texts of this form, or numbers since 1970'),
  timeout: duration.optional().describe('longest time for one query, command or request; default 10m'),
  secrets: z.array(text).optional().describe('environment variables that the command gets; masked everywhere'),
};
