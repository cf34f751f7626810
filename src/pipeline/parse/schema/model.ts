import { z } from 'zod';
import { command, duration, hook, name, text } from './value-types.js';

const comparator = z
  .string()
  .regex(
    /^(champion|previous|scratch|[A-Za-z0-9][A-Za-z0-9_.-]*@[1-9]\d*)$/,
    'write champion, previous, scratch, or a version like flights-delay@3',
  );
const metricRule = z.strictObject({
  metric: text.describe('name of a metric'),
  direction: z
    .enum(['higher', 'lower'])
    .optional()
    .describe('which is better; needed for a comparison of a metric that refit does not know by name'),
  against: z
    .union([comparator, z.array(comparator).min(1)])
    .optional()
    .describe(
      'compare on the same data with the champion, with the version that served before it (previous), with a model trained from zero on the same data (scratch), with a version by name (flights-delay@3), or with several',
    ),
  slices: text.optional().describe('judge each slice of this name'),
  min: z.number().optional().describe('least allowed value'),
  max: z.number().optional().describe('largest allowed value'),
  max_regression: z.number().min(0).optional().describe('may be worse than the champion by at most this'),
  min_improvement: z.number().optional().describe('must be better than the champion by at least this'),
  max_improvement: z.number().min(0).optional().describe('may be better by at most this: more is too good to be true'),
  max_spread: z
    .number()
    .min(0)
    .optional()
    .describe('largest distance between the best and the worst slice; needs slices'),
  confidence: z
    .number()
    .gte(0.5)
    .lt(1)
    .optional()
    .describe('the margin must hold with this one-sided confidence on paired rows; without it values are compared'),
  relative: z.boolean().optional().describe("margins are shares of the champion's value"),
  min_count: z.int().min(1).optional().describe('slices with fewer rows are not judged'),
});
const smokeRule = z.strictObject({
  smoke: command.describe('must exit with 0; ${{ model.path }} is the candidate'),
  timeout: duration.optional().describe('default 60s'),
  memory: z
    .union([z.number().min(0), text])
    .optional()
    .describe('bytes, or with a unit like 512MiB: the command is ended, and fails, when it and its children use more'),
});
const latencyRule = z.strictObject({
  latency: command.describe(
    'is timed; where it appends numbers (milliseconds, one a line) to the file $REFIT_LATENCY, those count instead',
  ),
  max: duration.describe('longest allowed time'),
  quantile: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe('quantile of the measured times; default 0.95, 1 is the longest'),
  runs: z.int().min(1).optional().describe('number of runs after one to warm up; default 5'),
  timeout: duration.optional().describe('of one run; default 60s'),
});
const successesRule = z.strictObject({
  prior_successes: z
    .int()
    .min(1)
    .describe('this many of the latest other runs of the pipeline must all have succeeded'),
  profile: text.optional().describe('only runs under this profile count'),
});
const gateRule = z.union([text.describe('auc >= 0.6 or mae <= 40'), metricRule, smokeRule, latencyRule, successesRule]);

const evaluate = z.strictObject({
  run: command.describe('scores ${{ model.path }} and writes JSON metrics to ${{ evaluation.path }}'),
  inputs: z.array(text).optional().describe('what it reads'),
  params: z.array(text).optional().describe('params it reads'),
  timeout: duration.optional().describe('it is ended when it runs longer'),
});
const publish = z.strictObject({
  path: text.describe('folder that holds versions/<n>-<hash>/ and the symlink current'),
  keep: z.int().min(1).optional().describe('versions kept there; default 3'),
  deploy: hook('run after current has moved').optional().describe('deploys ${{ publish.path }}'),
  verify: hook('run after deploy').optional().describe('checks that the served model is healthy'),
  on_failure: z
    .enum(['roll-back', 'keep'])
    .optional()
    .describe('when deploy or verify fails: serve the old version again, or keep the new one; default roll-back'),
});
export const model = z.union([
  text,
  z.strictObject({
    name: name.optional().describe("default: the pipeline's name"),
    path: text.describe('the output that is the model: a file or folder'),
    evaluate: evaluate
      .optional()
      .describe('run for candidate and champion, on the same data; without it the metrics of the run are the scores'),
    gate: z.array(gateRule).optional().describe('checks a candidate must pass'),
    first: z
      .enum(['gate', 'accept'])
      .optional()
      .describe('without a champion: checks against limits decide, or the first version passes; default gate'),
    approval: z
      .enum(['automatic', 'manual'])
      .optional()
      .describe('manual: a version that passes the gate is served after refit approve; default automatic'),
    approval_expires: duration.optional().describe('how long an approval is valid; default 7d'),
    publish: publish.optional().describe('publish the champion to a folder'),
  }),
]);
