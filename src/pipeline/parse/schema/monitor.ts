import { z } from 'zod';
import { command, duration, text } from './value-types.js';

export const monitor = z.strictObject({
  reference: text.optional().describe("an output of a step: the champion's own copy of it is compared with"),
  current: z
    .strictObject({
      dataset: text.describe('name of a dataset'),
      window: duration.optional().describe('its rows of this long before `now`; without it, all'),
      prepare: text.optional().describe("step that makes the reference's columns of it, run aside"),
    })
    .optional()
    .describe('what is compared with the reference'),
  predictions: z
    .strictObject({
      path: text.describe('files of logged predictions: CSV, Parquet, JSON lines'),
      time: text.describe('column of the event time'),
      key: text.optional().describe('column that joins labels'),
      prediction: text.describe('column of the prediction'),
    })
    .optional()
    .describe('what the model has said: check-performance joins it with labels'),
  labels: z
    .strictObject({
      path: text.optional().describe('files of labels'),
      query: text.optional().describe('SQL that gives them'),
      key: text.optional().describe('column that joins predictions; theirs is called so too, or as their key says'),
      label: text.describe('column of the label: 0 and 1, true and false, or a number'),
      delay: duration.optional().describe('labels arrive this late: younger predictions are not judged'),
    })
    .optional()
    .describe('what came true: a file, a query, or a column of the predictions'),
  ignore: z.array(text).optional().describe('columns that are not compared'),
  metrics: z
    .record(
      text,
      z.strictObject({
        run: command.describe(
          'measures the labelled rows in the file REFIT_ROWS, and writes {"<name>": 1.5} to REFIT_METRICS',
        ),
        inputs: z.array(text).optional().describe('files it reads: a change of one measures every window anew'),
        direction: z.enum(['higher', 'lower']).optional().describe('which is better; default higher'),
        timeout: duration.optional().describe('it is ended when it runs longer; default 1m'),
      }),
    )
    .optional()
    .describe('metrics of your own, by name: check-performance and the performance trigger know them'),
  segments: z.array(text).optional().describe('columns whose values are also compared one by one: which slice moved'),
  method: z
    .union([text, z.record(text, text)])
    .optional()
    .describe(
      'distance for all columns, or by column: auto (default), ks, wasserstein, jensen-shannon, psi, hellinger, …',
    ),
});
