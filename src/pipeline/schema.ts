import { z } from 'zod';
import { parseDuration } from '../domain/time.js';
import { isCron, isTimezone } from './cron.js';

const text = z.string().min(1);
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "-", "_" and "." only');
const duration = text
  .refine((value) => parseDuration(value) !== undefined, {
    error: 'not a duration: write a number and a unit, like 90s, 30m, 12h, 7d, 2w',
    params: { code: 'bad-duration' },
  })
  .meta({ title: 'duration' });
const share = z.number().min(0).max(1).meta({ title: 'number from 0 to 1' });
const paramValue = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.json())]);
const command = z.union([text, z.array(z.union([z.string(), z.number()])).min(1)]).meta({ title: 'command' });
const retries = z.strictObject({
  count: z.int().min(0).describe('tries after the first'),
  delay: duration.optional().describe('pause before a further try; default none'),
  backoff: z.enum(['constant', 'exponential']).optional().describe('whether the pause doubles; default constant'),
});
const hook = (what: string) =>
  z.strictObject({
    run: command.describe(what),
    timeout: duration.optional().describe('default 60s'),
    retries: retries.optional().describe('further tries after a failure'),
  });

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
});
const rowOutliers = z.strictObject({
  method: z.literal('isolation-forest').optional().describe('the only one'),
  columns: z.array(text).min(1).optional().describe('number columns it looks at; default all'),
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
      min: z.int().min(0).optional().describe('at least so many'),
      max: z.int().min(0).optional().describe('at most so many'),
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
    .describe('columns, or lists of columns, whose values (together) occur once'),
  rules: z.array(text).optional().describe('SQL, true for good rows; more than 1 % bad rows are a finding'),
  outliers: rowOutliers.optional().describe('rows unlike the others, by an isolation forest'),
};
const checks = z.strictObject({
  schema: text.optional().describe('file of checks like these; what is written here is laid over it'),
  ...dataChecks,
});
const dataset = z.strictObject({
  path: z
    .union([
      text,
      z.array(text).min(1),
      z.strictObject({
        query: text.describe('one DuckDB query; ${{ datasets.x }} stands for the rows of another dataset'),
      }),
    ])
    .describe('file, folder, glob, a list of them, or a query'),
  time: text.optional().describe('column of the event time: rows at or after `now` do not exist'),
  checks: checks.optional().describe('what check-data and retrain hold the data to'),
});

const limits = z.strictObject({
  min: z.number().optional().describe('least allowed value'),
  max: z.number().optional().describe('largest allowed value'),
});
const step = z.strictObject({
  run: command.describe('text is one sh -eu script; a list is run without a shell'),
  role: z
    .enum(['extract', 'validate', 'prepare', 'train', 'evaluate'])
    .optional()
    .describe('what the step is for, as shown by why'),
  inputs: z
    .array(text)
    .optional()
    .describe(
      'files, folders, globs or datasets it reads; without this key it is never cached, [] says that it has none',
    ),
  outputs: z
    .union([z.array(text), z.record(name, text)])
    .optional()
    .describe('files or folders it writes, as a list or by name'),
  metrics: text.optional().describe('file of metrics it writes: a JSON object, JSON lines or CSV'),
  params: z.array(text).optional().describe('params it reads from the file $REFIT_PARAMS'),
  env: z
    .record(
      text,
      z.union([
        z.string(),
        z.number(),
        z.boolean(),
        z.strictObject({ from: text.describe('variable of the caller; it counts in the fingerprint') }),
      ]),
    )
    .optional()
    .describe('environment variables; they count in the fingerprint'),
  secrets: z
    .array(
      z.union([
        text,
        z.strictObject({
          name: text.describe('variable'),
          fingerprint: z.boolean().optional().describe('true is refused in this version'),
        }),
      ]),
    )
    .optional()
    .describe('variables that only this step sees; they do not count in the fingerprint'),
  after: z.array(text).optional().describe('steps that must have ended before it, beyond those whose outputs it reads'),
  expect: z
    .strictObject({
      metrics: z.record(text, limits).optional().describe('limits by metric'),
      outputs: z
        .record(
          text,
          z.strictObject({
            not_empty: z.boolean().optional().describe('it must hold something'),
            sha256: z
              .string()
              .regex(/^[0-9a-f]{64}$/i, '64 hex digits, as sha256sum prints them')
              .optional()
              .describe('of its content'),
          }),
        )
        .optional()
        .describe('expectations by output, its name or path'),
    })
    .optional()
    .describe('checked after the step; a miss fails it'),
  timeout: duration.optional().describe('the step is ended when it runs longer'),
  retries: retries.optional().describe('further tries after a failure'),
  resources: z
    .record(text, z.union([z.number().min(0), text]))
    .optional()
    .describe('cpus, memory, gpus or any other name: steps that together ask for more than there is take turns'),
  executor: z
    .enum(['local', 'slurm', 'kubernetes'])
    .optional()
    .describe('local; the others are refused in this version'),
  image: text.optional().describe('counts in the fingerprint; nothing is run in it in this version'),
  cache: z.boolean().optional().describe('false: run every time; default true'),
  matrix: z
    .record(name, z.array(z.union([z.string(), z.number(), z.boolean()])).min(1))
    .optional()
    .describe('one instance of the step for each combination; its outputs must name each key'),
});

const comparator = z
  .string()
  .regex(
    /^(champion|previous|[A-Za-z0-9][A-Za-z0-9_.-]*@[1-9]\d*)$/,
    'write champion, previous, or a version like flights-delay@3',
  );
const metricRule = z.strictObject({
  metric: text.describe('name of a metric'),
  direction: z
    .enum(['higher', 'lower'])
    .optional()
    .describe('which is better; default lower for names like loss, error, mae, brier, else higher'),
  against: z
    .union([comparator, z.array(comparator).min(1)])
    .optional()
    .describe(
      'compare on the same data with the champion, with the version that served before it (previous), with a version by name (flights-delay@3), or with several',
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
    .describe('the margin must hold surely, one-sided, on paired rows; without it values are compared'),
  relative: z.boolean().optional().describe("margins are shares of the champion's value"),
  min_count: z.int().min(1).optional().describe('slices with fewer rows are not judged'),
});
const smokeRule = z.strictObject({
  smoke: command.describe('must exit with 0; ${{ model.path }} is the candidate'),
  timeout: duration.optional().describe('default 60s'),
  memory: z
    .union([z.number().min(0), text])
    .optional()
    .describe('bytes, or with a unit like 512MiB: it is ended, and fails, when it and what it starts hold more'),
});
const latencyRule = z.strictObject({
  latency: command.describe(
    'is timed; where it appends numbers (milliseconds, one a line) to the file $REFIT_LATENCY, those count instead',
  ),
  max: duration.describe('longest allowed time'),
  quantile: z.number().gt(0).max(1).optional().describe('of the times measured; default 0.95, 1 is the longest'),
  runs: z.int().min(1).optional().describe('how often it is run, after once to warm up; default 5'),
  timeout: duration.optional().describe('of one run; default 60s'),
});
const successesRule = z.strictObject({
  prior_successes: z.int().min(1).describe('the last so many other runs of the pipeline must all have succeeded'),
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
  deploy: hook('run after current has moved').optional().describe('brings ${{ publish.path }} to where it serves'),
  verify: hook('run after deploy').optional().describe('whether what serves is healthy'),
  on_failure: z
    .enum(['roll-back', 'keep'])
    .optional()
    .describe('when deploy or verify fails: serve the old version again, or leave it; default roll-back'),
});
const model = z.union([
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
      .describe('manual: what the gate passes is served when a human says so (refit approve); default automatic'),
    approval_expires: duration.optional().describe('an approval holds so long; default 7d'),
    publish: publish.optional().describe('put the champion where it is served'),
  }),
]);

const monitor = z.strictObject({
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

const persistence = {
  for: z
    .string()
    .regex(/^\d+ of \d+$/, 'write it as "2 of 3"')
    .optional()
    .describe('the trigger must have held in so many of the last windows, like "2 of 3"'),
  every: duration.optional().describe('windows counted by for are at least this far apart; default 1d'),
};
const schedule = text
  .refine(isCron, {
    error: 'not a cron expression: five fields, minute hour day month weekday, like "0 3 * * 1"',
    params: { code: 'bad-cron' },
  })
  .meta({ title: 'cron expression' });
const timezone = text
  .refine(isTimezone, {
    error: 'not a time zone: a name like UTC or Europe/Berlin',
    params: { code: 'bad-timezone' },
  })
  .meta({ title: 'time zone' });
const outcomeDrift = z.union([
  z.literal(true),
  z.strictObject({ score: z.number().gt(0).describe('and the distance is at least this') }),
]);
const size = (what: string) => z.int().min(1).optional().describe(what);
const leaf = z.strictObject({
  schedule: schedule.optional().describe('fires when a time of it has passed since the last training'),
  timezone: timezone.optional().describe('of the schedule; default UTC'),
  new_data: z
    .strictObject({
      dataset: text.optional().describe('name of a dataset; not needed where only labels are counted'),
      rows: size('so many new rows'),
      files: size('so many new files'),
      bytes: size('so many new bytes'),
      labels: size('so many new labels; needs monitor.labels'),
    })
    .optional()
    .describe("fires when so much has arrived since the last training; as a level, since the champion's data"),
  data_drift: z
    .strictObject({
      share: share.describe('of the compared columns'),
      on: z
        .enum(['consequence', 'any'])
        .optional()
        .describe(
          'where predictions are monitored: consequence only suggests, unless predictions or loss have moved too; any trains; default consequence',
        ),
    })
    .optional()
    .describe('fires when at least this share of columns drifts; needs monitor'),
  target_drift: outcomeDrift.optional().describe('fires when the label drifts; needs monitor.labels'),
  prediction_drift: outcomeDrift.optional().describe('fires when the predictions drift; needs monitor.predictions'),
  performance: z
    .strictObject({
      metric: text.describe('name of a metric'),
      drop: z.number().gt(0).describe("least fall that matters, in the metric's unit"),
      window: duration.optional().describe("measured on its rows of this long; monitor.current's window, else 7d"),
    })
    .optional()
    .describe('fires when a metric is worse than the champion was at its gate, by more than it swings'),
  code_change: z.literal(true).optional().describe("fires when code or commands differ from the champion's"),
  command: command.optional().describe('fires when it exits with 0'),
  max_age: duration.optional().describe('fires when the champion was trained longer ago'),
  upstream: text
    .optional()
    .describe('name of another model: fires when it serves another version than at the last training'),
  event: name.optional().describe('fires when refit trigger --event says so'),
  ...persistence,
  fires: z
    .enum(['edge', 'level'])
    .optional()
    .describe('edge: once, until a training for it did not fail; level: as long as it holds; default edge'),
  again: duration.optional().describe('an edge that still holds so long after its training fires again; default 7d'),
});

export type RawCondition =
  | { readonly any: readonly RawCondition[] }
  | { readonly all: readonly RawCondition[] }
  | { readonly not: RawCondition }
  | z.infer<typeof leaf>;

const condition: z.ZodType<RawCondition> = z
  .lazy(() =>
    z.union([
      z.strictObject({ any: z.array(condition).min(1).describe('fires when one of these fires') }),
      z.strictObject({ all: z.array(condition).min(1).describe('fires when all of these fire') }),
      z.strictObject({ not: condition }),
      leaf,
    ]),
  )
  .meta({ id: 'condition', title: 'condition', description: 'one trigger, or any, all or not of conditions' });

const retrain = z.union([
  text,
  z.strictObject({
    when: z.union([text, condition]).describe('hourly, daily, weekly, monthly, a cron expression, or a condition'),
    on_data_bug: z
      .enum(['hold', 'ignore'])
      .optional()
      .describe('with broken data: hold trains nothing until it is gone or resolved, ignore goes on; default hold'),
    cooldown: duration.optional().describe('least time between two retrains'),
    limit: z
      .strictObject({ runs: z.int().min(1).describe('so many retrains'), per: duration.describe('in this time') })
      .optional()
      .describe('at most so many retrains in a time'),
    pause_after_failures: z
      .int()
      .min(1)
      .optional()
      .describe('so many failures in a row pause it (exit 1); resume or --force goes on; default 3'),
    mode: z
      .enum(['automatic', 'suggest'])
      .optional()
      .describe('suggest says that it would, and trains nothing; default automatic'),
    tick: duration
      .optional()
      .describe('how often retrain is called: status says when it was not; without it, as often as it has been'),
  }),
]);

/** The pipeline file as users write it. `refit schema` prints its JSON schema. */
export const pipelineFile = z.strictObject({
  pipeline: name.describe('its name'),
  description: z.string().optional().describe('what it is for'),
  owner: z.string().optional().describe('whom to ask'),
  review_every: duration
    .optional()
    .describe('status says when no human has looked for longer; refit review says that one has'),
  now: duration.optional().describe('${{ now }} is rounded down to this; default 1h'),
  store: z.literal('inputs').optional().describe('read, without effect in this version'),
  params: z
    .record(name, paramValue)
    .optional()
    .describe('values for ${{ params.x }}; --param and profiles override them'),
  datasets: z.record(name, dataset).optional().describe('data by name, for ${{ datasets.x }}'),
  steps: z
    .record(name, step)
    .refine((steps) => Object.keys(steps).length > 0, 'a pipeline needs at least one step')
    .describe('what is run; the order follows from what they read and write'),
  model: model.optional().describe('registers versions; the path alone is enough'),
  monitor: monitor.optional().describe('what check-drift and check-performance look at'),
  retrain: retrain.optional().describe('when retrain trains; a word or cron expression alone is enough'),
  profiles: z
    .record(name, z.record(z.string(), z.json()))
    .optional()
    .describe('parts of this file that --profile lays over it'),
});

/** What a condition may ask for; one of them a condition. */
export const TRIGGER_KEYS = [
  'schedule',
  'new_data',
  'data_drift',
  'target_drift',
  'prediction_drift',
  'performance',
  'code_change',
  'command',
  'max_age',
  'upstream',
  'event',
] as const;

/** A schema file: what data must look like. */
export const schemaFile = z.strictObject({
  description: z.string().optional().describe('what the data is'),
  ...dataChecks,
});
export type RawSchema = z.infer<typeof schemaFile>;
export const SCHEMA_KEYS = {
  '': Object.keys(schemaFile.shape),
  columns: Object.keys(columnChecks.shape),
  outliers: [...new Set([...Object.keys(outliers.shape), ...Object.keys(rowOutliers.shape)])],
  rows: ['min', 'max'],
};

export type RawPipeline = z.infer<typeof pipelineFile>;
export type RawStep = RawPipeline['steps'][string];
export type RawDataset = NonNullable<RawPipeline['datasets']>[string];
export type RawModel = Exclude<NonNullable<RawPipeline['model']>, string>;
export type RawMonitor = NonNullable<RawPipeline['monitor']>;
export type RawRetrain = Exclude<NonNullable<RawPipeline['retrain']>, string>;
export type RawRetries = z.infer<typeof retries>;
export type RawCommand = z.infer<typeof command>;

/** JSON schema (draft 2020-12) of the pipeline file, for editors. */
export const pipelineJsonSchema = (): object => z.toJSONSchema(pipelineFile, { io: 'input' });
