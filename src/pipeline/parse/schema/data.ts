import { z } from 'zod';
import { sourceKeys } from './sources.js';
import { duration, share, text } from './value-types.js';

const outliers = z.strictObject({
  method: z.enum(['mad', 'iqr', 'quantile']).optional().describe('how the bounds are found; default mad'),
  limit: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'mad: a robust z, default 3.5; iqr: multiples of the spread, default 3; quantile: share at each end, 0.001',
    ),
  action: z
    .enum(['flag', 'quarantine', 'cap', 'fail'])
    .optional()
    .describe(
      'flag counts them, fail makes them a finding, quarantine and cap keep them out of what check-data --clean writes; default flag',
    ),
  max_share: share
    .optional()
    .describe(
      'largest share of the rows that may be set aside or capped: with more the method does not fit the column, which is a warning, and nothing is; default 0.01 (five rows in a small table) for mad and iqr',
    ),
});
const rowOutliers = z.strictObject({
  method: z.literal('isolation-forest').optional().describe('the only one'),
  columns: z.array(text).min(1).optional().describe('number columns it uses; default all'),
  threshold: z.number().gt(0).lt(1).optional().describe('scores above it are outliers; default 0.65'),
  action: z.enum(['flag', 'quarantine', 'fail']).optional().describe('as for a column; default flag'),
});
const columnChecks = z.strictObject({
  type: z.enum(['number', 'integer', 'text', 'boolean', 'timestamp']).optional().describe('what its values must be'),
  min: z.number().optional().describe('least allowed value'),
  max: z.number().optional().describe('largest allowed value'),
  values: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(1)
    .optional()
    .describe('the allowed values'),
  required: z.boolean().optional().describe('no value may be missing'),
  max_missing: share.optional().describe('largest share of missing values'),
  unique: z.boolean().optional().describe('no value twice'),
  optional: z.boolean().optional().describe('the column may be absent'),
  outliers: outliers.optional().describe('count values far from the rest'),
});
const dataChecks = {
  freshness: duration.optional().describe('the newest row may be at most this old; needs time'),
  rows: z
    .strictObject({
      min: z.int().min(0).optional().describe('least number of rows'),
      max: z.int().min(0).optional().describe('largest number of rows'),
    })
    .optional()
    .describe('how many rows there are'),
  columns: z.record(z.string(), columnChecks).optional().describe('checks by column'),
  other_columns: z
    .enum(['allow', 'warn', 'fail'])
    .optional()
    .describe('columns beyond those in columns; default allow'),
  unique: z
    .array(z.union([text, z.array(text).min(1)]))
    .optional()
    .describe('columns, or lists of columns, whose (combined) values must be unique'),
  rules: z.array(text).optional().describe('SQL, true for good rows; more than 1 % bad rows are a finding'),
  outliers: rowOutliers.optional().describe('unusual rows, by an isolation forest'),
};
const checks = z.strictObject({
  schema: text.optional().describe('file of checks like these; the checks here take precedence'),
  ...dataChecks,
});
export const dataset = z.strictObject({
  path: z
    .union([
      text,
      z.array(text).min(1),
      z.strictObject({
        query: text.describe('one DuckDB query; ${{ datasets.x }} stands for the rows of another dataset'),
      }),
    ])
    .optional()
    .describe('file, folder, glob, a list of them, or a query; with source: sqlite or duckdb the database file'),
  ...sourceKeys,
  time: text.optional().describe('column of the event time, text or numbers: rows at or after `now` do not exist'),
  window: z
    .union([
      text,
      z.strictObject({
        auto: z
          .literal(true)
          .describe('since the last change of the world that a check of drift or performance has dated'),
        min: duration.optional().describe('the window is never shorter, whatever has changed; default 28d'),
        max: duration.optional().describe('the window is never longer; default: all rows'),
      }),
    ])
    .optional()
    .describe('rows that steps are handed: of a fixed time before `now`, like 90d, or auto; default: all rows'),
  checks: checks.optional().describe('the rules that check-data and retrain check'),
});

/** A schema file: the rules that data must follow. */
export const schemaFile = z.strictObject({
  description: z.string().optional().describe('what the data is'),
  ...dataChecks,
});
export type RawSchema = z.infer<typeof schemaFile>;
