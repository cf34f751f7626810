import { z } from 'zod';
import { parseDuration } from '../domain/time.js';
import { isCron, isTimezone } from './cron.js';

const text = z.string().min(1);
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "-", "_" and "." only');
const duration = text.refine((value) => parseDuration(value) !== undefined, {
  error: 'not a duration: write a number and a unit, like 90s, 30m, 12h, 7d, 2w',
  params: { code: 'bad-duration' },
});
const share = z.number().min(0).max(1);
const paramValue = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.json())]);
const command = z.union([text, z.array(z.union([z.string(), z.number()])).min(1)]);
const retries = z.strictObject({
  count: z.int().min(0),
  delay: duration.optional(),
  backoff: z.enum(['constant', 'exponential']).optional(),
});
const hook = z.strictObject({ run: command, timeout: duration.optional(), retries: retries.optional() });

const outliers = z.strictObject({
  method: z.enum(['mad', 'iqr', 'quantile']).optional(),
  action: z.enum(['flag', 'quarantine', 'cap', 'fail']).optional(),
});
const columnChecks = z.strictObject({
  type: z.enum(['number', 'integer', 'text', 'boolean', 'timestamp']).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  values: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  required: z.boolean().optional(),
  max_missing: share.optional(),
  unique: z.boolean().optional(),
  outliers: outliers.optional(),
});
const dataset = z.strictObject({
  path: z.union([text, z.array(text).min(1), z.strictObject({ query: text })]),
  time: text.optional(),
  checks: z
    .strictObject({
      schema: text.optional(),
      freshness: duration.optional(),
      columns: z.record(z.string(), columnChecks).optional(),
      rules: z.array(text).optional(),
    })
    .optional(),
});

const step = z.strictObject({
  run: command,
  role: z.enum(['extract', 'validate', 'prepare', 'train', 'evaluate']).optional(),
  inputs: z.array(text).optional(),
  outputs: z.union([z.array(text), z.record(name, text)]).optional(),
  metrics: text.optional(),
  params: z.array(text).optional(),
  env: z.record(text, z.union([z.string(), z.number(), z.boolean(), z.strictObject({ from: text })])).optional(),
  secrets: z.array(z.union([text, z.strictObject({ name: text, fingerprint: z.boolean().optional() })])).optional(),
  after: z.array(text).optional(),
  expect: z
    .strictObject({
      metrics: z.record(text, z.strictObject({ min: z.number().optional(), max: z.number().optional() })),
    })
    .optional(),
  timeout: duration.optional(),
  retries: retries.optional(),
  resources: z.record(text, z.union([z.number().min(0), text])).optional(),
  executor: z.enum(['local', 'slurm', 'kubernetes']).optional(),
  image: text.optional(),
  cache: z.boolean().optional(),
  matrix: z.record(name, z.array(z.union([z.string(), z.number(), z.boolean()])).min(1)).optional(),
});

const metricRule = z.strictObject({
  metric: text,
  direction: z.enum(['higher', 'lower']).optional(),
  against: z.literal('champion').optional(),
  slices: text.optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  max_regression: z.number().min(0).optional(),
  min_improvement: z.number().optional(),
  max_improvement: z.number().min(0).optional(),
  confidence: z.number().gte(0.5).lt(1).optional(),
  relative: z.boolean().optional(),
  min_count: z.int().min(1).optional(),
});
const gateRule = z.union([text, metricRule, z.strictObject({ smoke: command, timeout: duration.optional() })]);

const model = z.union([
  text,
  z.strictObject({
    name: name.optional(),
    path: text,
    evaluate: z
      .strictObject({
        run: command,
        inputs: z.array(text).optional(),
        params: z.array(text).optional(),
        timeout: duration.optional(),
      })
      .optional(),
    gate: z.array(gateRule).optional(),
    first: z.enum(['gate', 'accept']).optional(),
    approval: z.enum(['automatic', 'manual']).optional(),
    publish: z
      .strictObject({
        path: text,
        keep: z.int().min(1).optional(),
        deploy: hook.optional(),
        verify: hook.optional(),
        on_failure: z.enum(['roll-back', 'keep']).optional(),
      })
      .optional(),
  }),
]);

const monitor = z.strictObject({
  reference: text.optional(),
  current: z.strictObject({ dataset: text, window: duration.optional(), prepare: text.optional() }).optional(),
  predictions: z.strictObject({ path: text, time: text, key: text.optional(), prediction: text }).optional(),
  labels: z
    .strictObject({
      path: text.optional(),
      query: text.optional(),
      key: text.optional(),
      label: text,
      delay: duration.optional(),
    })
    .optional(),
  ignore: z.array(text).optional(),
  segments: z.array(text).optional(),
  method: z.union([text, z.record(text, text)]).optional(),
});

const persistence = {
  for: z
    .string()
    .regex(/^\d+ of \d+$/, 'write it as "2 of 3"')
    .optional(),
  every: duration.optional(),
};
const schedule = text.refine(isCron, {
  error: 'not a cron expression: five fields, minute hour day month weekday, like "0 3 * * 1"',
  params: { code: 'bad-cron' },
});
const timezone = text.refine(isTimezone, {
  error: 'not a time zone: a name like UTC or Europe/Berlin',
  params: { code: 'bad-timezone' },
});
const size = z.int().min(1).optional();
const leaf = z.strictObject({
  schedule: schedule.optional(),
  timezone: timezone.optional(),
  new_data: z.strictObject({ dataset: text, rows: size, files: size, bytes: size }).optional(),
  data_drift: z.strictObject({ share }).optional(),
  performance: z.strictObject({ metric: text, drop: z.number().gt(0), window: duration.optional() }).optional(),
  code_change: z.literal(true).optional(),
  command: command.optional(),
  max_age: duration.optional(),
  ...persistence,
});

export type RawCondition =
  | { readonly any: readonly RawCondition[] }
  | { readonly all: readonly RawCondition[] }
  | { readonly not: RawCondition }
  | z.infer<typeof leaf>;

const condition: z.ZodType<RawCondition> = z.lazy(() =>
  z.union([
    z.strictObject({ any: z.array(condition).min(1) }),
    z.strictObject({ all: z.array(condition).min(1) }),
    z.strictObject({ not: condition }),
    leaf,
  ]),
);

const retrain = z.union([
  text,
  z.strictObject({
    when: z.union([text, condition]),
    on_data_bug: z.enum(['hold', 'ignore']).optional(),
    cooldown: duration.optional(),
    limit: z.strictObject({ runs: z.int().min(1), per: duration }).optional(),
    pause_after_failures: z.int().min(1).optional(),
    mode: z.enum(['automatic', 'suggest']).optional(),
  }),
]);

/** The pipeline file as users write it. `refit schema` prints its JSON schema. */
export const pipelineFile = z.strictObject({
  pipeline: name,
  description: z.string().optional(),
  owner: z.string().optional(),
  review_every: duration.optional(),
  now: duration.optional(),
  store: z.literal('inputs').optional(),
  params: z.record(name, paramValue).optional(),
  datasets: z.record(name, dataset).optional(),
  steps: z.record(name, step).refine((steps) => Object.keys(steps).length > 0, 'a pipeline needs at least one step'),
  model: model.optional(),
  monitor: monitor.optional(),
  retrain: retrain.optional(),
  profiles: z.record(name, z.record(z.string(), z.json())).optional(),
});

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
