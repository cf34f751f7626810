import { z } from 'zod';
import { isCron, isTimezone } from '../cron.js';
import { command, duration, name, share, text } from './value-types.js';

const persistence = {
  for: z
    .string()
    .regex(/^\d+ of \d+$/, 'write it as "2 of 3"')
    .optional()
    .describe('in how many of the last windows the trigger must hold, like "2 of 3"'),
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
      rows: size('number of new rows'),
      files: size('number of new files'),
      bytes: size('number of new bytes'),
      labels: size('number of new labels; needs monitor.labels'),
    })
    .optional()
    .describe("fires when this much has arrived since the last training; as a level, since the champion's data"),
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
      drop: z.number().gt(0).describe("smallest fall that matters, in the metric's unit"),
      window: duration.optional().describe("length of the measured window; default monitor.current's window, else 7d"),
    })
    .optional()
    .describe('fires when a metric is worse than the champion was at its gate, by more than its usual variation'),
  code_change: z.literal(true).optional().describe("fires when code or commands differ from the champion's"),
  command: command.optional().describe('fires when it exits with 0'),
  max_age: duration.optional().describe('fires when the champion was trained longer ago'),
  upstream: text
    .optional()
    .describe('name of another model: fires when it serves another version than at the last training'),
  event: name.optional().describe('fires when refit trigger --event reports it'),
  ...persistence,
  fires: z
    .enum(['edge', 'level'])
    .optional()
    .describe('edge: once, until a training for it succeeds; level: as long as it holds; default edge'),
  again: duration.optional().describe('an edge that still holds this long after its training fires again; default 7d'),
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

export const retrain = z.union([
  text,
  z.strictObject({
    when: z.union([text, condition]).describe('hourly, daily, weekly, monthly, a cron expression, or a condition'),
    on_data_bug: z
      .enum(['hold', 'ignore'])
      .optional()
      .describe('with broken data: hold trains nothing until it is gone or resolved, ignore continues; default hold'),
    on_unclear: z
      .enum(['hold', 'train', 'ignore'])
      .optional()
      .describe(
        'with a column that a fault or a changed world has moved: hold trains nothing until it is resolved or gone, train counts it as drift, ignore as no drift; default: hold once, and train if the next window shows it again',
      ),
    full_every: duration
      .optional()
      .describe(
        'for a step that starts from the champion: train from zero where the last such training is this long ago',
      ),
    full_when: z
      .enum(['drift'])
      .optional()
      .describe('for a step that starts from the champion: train from zero where the check of data drift says drift'),
    cooldown: duration.optional().describe('least time between two retrains'),
    limit: z
      .strictObject({ runs: z.int().min(1).describe('number of retrains'), per: duration.describe('in this time') })
      .optional()
      .describe('the largest number of retrains in a time'),
    pause_after_failures: z
      .int()
      .min(1)
      .optional()
      .describe('this many failures in a row pause it (exit 1); resume or --force continues; default 3'),
    pause_after_refusals: z
      .int()
      .min(1)
      .optional()
      .describe(
        'this many candidates in a row that the gate refused pause it (exit 1); resume or --force continues; default 3',
      ),
    mode: z
      .enum(['automatic', 'suggest'])
      .optional()
      .describe('suggest: recommends trainings and trains nothing; default automatic'),
    tick: duration
      .optional()
      .describe('how often retrain is called: status warns when a call is overdue; default: its usual interval'),
  }),
]);

/** The keys of a condition. A condition has exactly one of them. */
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
