import { z } from 'zod';
import { command, duration, text } from './value-types.js';

export const monitor = z.strictObject({
  reference: z
    .union([
      text,
      z.strictObject({
        path: text.optional().describe('an output of a step'),
        season: z.literal(true).optional().describe('compare with rows of the same weeks a year before'),
        last: z
          .string()
          .regex(/^[1-9]\d{0,2} windows?$/, 'write "4 windows", at most "999 windows"')
          .optional()
          .describe('compare with rows of so many windows right before the current one, like "4 windows"'),
        version: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*@[1-9]\d*$/, 'write a version like flights-delay@3')
          .optional()
          .describe("compare with this version's copy of path"),
      }),
    ])
    .optional()
    .describe("an output of a step: the champion's copy of it is the reference; or season, or another choice"),
  current: z
    .strictObject({
      dataset: text.describe('name of a dataset'),
      window: duration.optional().describe('its rows from this long before `now`; without it, all'),
      prepare: text.optional().describe("step that makes the reference's columns from it, run in a scratch folder"),
    })
    .optional()
    .describe('what is compared with the reference'),
  predictions: z
    .strictObject({
      path: text.optional().describe('files of logged predictions: CSV, Parquet, JSON lines'),
      dataset: text.optional().describe('dataset of logged predictions, such as a table of a database'),
      time: text.describe('column of the event time'),
      key: text.optional().describe('column that joins labels'),
      prediction: text.describe('column of the prediction'),
    })
    .optional()
    .describe('logged predictions: check-performance joins them with labels'),
  labels: z
    .strictObject({
      path: text.optional().describe('files of labels'),
      dataset: text.optional().describe('dataset of labels'),
      query: text.optional().describe('SQL that returns them'),
      key: text
        .optional()
        .describe(
          'column of the labels that joins them with the predictions, where it is called the same, or as predictions.key says',
        ),
      label: text.describe('column of the label: 0 and 1, true and false, or a number'),
      delay: duration.optional().describe('labels arrive this late: younger predictions are not judged'),
    })
    .optional()
    .describe('the true values: a file, a query, or a column of the predictions'),
  ignore: z.array(text).optional().describe('columns that are not compared'),
  metrics: z
    .record(
      text,
      z.strictObject({
        run: command.describe(
          'measures the labelled rows in the file REFIT_ROWS, and writes {"<name>": 1.5} to REFIT_METRICS',
        ),
        inputs: z.array(text).optional().describe('files it reads: if one changes, every window is measured again'),
        direction: z
          .enum(['higher', 'lower'])
          .optional()
          .describe('which is better; needed for a metric that refit does not know by name'),
        timeout: duration.optional().describe('it is ended when it runs longer; default 1m'),
      }),
    )
    .optional()
    .describe('your own metrics, by name, for check-performance and the performance trigger'),
  segments: z
    .array(text)
    .optional()
    .describe('columns whose values are also compared one by one, to find the slice that moved'),
  method: z
    .union([text, z.record(text, text)])
    .optional()
    .describe(
      'distance for all columns, or by column: auto (default), ks, wasserstein, jensen-shannon, psi, hellinger, …',
    ),
});
