import { z } from 'zod';
import { dataset } from './schema/data.js';
import { model } from './schema/model.js';
import { monitor } from './schema/monitor.js';
import { retrain } from './schema/retrain.js';
import { condaEnvironment, executor, pythonEnvironment, step } from './schema/steps.js';
import { duration, name, paramValue } from './schema/value-types.js';

/** The pipeline file as users write it. `refit schema` prints its JSON schema. */
export const pipelineFile = z.strictObject({
  pipeline: name.describe('its name'),
  include: z
    .array(z.string().min(1))
    .optional()
    .describe('files with more of the pipeline, relative to this one: params, datasets and steps add up'),
  description: z.string().optional().describe('what it is for'),
  owner: z.string().optional().describe('who is responsible'),
  review_every: duration
    .optional()
    .describe('longest time between reviews: status warns after it, refit review records one'),
  python: pythonEnvironment.optional(),
  conda: condaEnvironment.optional(),
  executor: executor.optional(),
  now: duration.optional().describe('${{ now }} is rounded down to this; default 1h'),
  store: z.literal('inputs').optional().describe('accepted, without effect in this version'),
  params: z
    .record(name, paramValue)
    .optional()
    .describe('values for ${{ params.x }}; --param and profiles override them'),
  datasets: z.record(name, dataset).optional().describe('data by name, for ${{ datasets.x }}'),
  steps: z
    .record(name, step)
    .refine((steps) => Object.keys(steps).length > 0, 'a pipeline needs at least one step')
    .describe('the steps; their order follows from what they read and write'),
  model: model.optional().describe('registers versions; the path alone is enough'),
  monitor: monitor.optional().describe('what check-drift and check-performance compare'),
  retrain: retrain.optional().describe('when retrain trains; a word or cron expression alone is enough'),
  profiles: z
    .record(name, z.record(z.string(), z.json()))
    .optional()
    .describe('parts of this file that --profile overrides'),
});

export type RawPipeline = z.infer<typeof pipelineFile>;
export type RawStep = RawPipeline['steps'][string];
export type RawDataset = NonNullable<RawPipeline['datasets']>[string];
export type RawModel = Exclude<NonNullable<RawPipeline['model']>, string>;
export type RawMonitor = NonNullable<RawPipeline['monitor']>;
export type RawRetrain = Exclude<NonNullable<RawPipeline['retrain']>, string>;

/** JSON schema (draft 2020-12) of the pipeline file, for editors. */
export const pipelineJsonSchema = (): object => z.toJSONSchema(pipelineFile, { io: 'input' });
