import { z } from 'zod';
import { parseDuration } from '../../../domain/support/time.js';

export const text = z.string().min(1);
/** Files of the registry and of logs are named after it, and a file system allows 255 bytes. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "-", "_" and "." only')
  .max(100, 'at most 100 characters');
export const duration = text
  .refine((value) => parseDuration(value) !== undefined, {
    error: 'not a duration: write a number and a unit, like 90s, 30m, 12h, 7d, 2w',
    params: { code: 'bad-duration' },
  })
  .meta({ title: 'duration' });
export const share = z.number().min(0).max(1).meta({ title: 'number from 0 to 1' });
export const paramValue = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.json())]);
export const command = z.union([text, z.array(z.union([z.string(), z.number()])).min(1)]).meta({ title: 'command' });
const retries = z.strictObject({
  count: z.int().min(0).describe('tries after the first'),
  delay: duration.optional().describe('pause before a further try; default none'),
  backoff: z.enum(['constant', 'exponential']).optional().describe('whether the pause doubles; default constant'),
});
export const stepRetries = retries.extend({
  on: z
    .enum(['failure', 'preempted'])
    .optional()
    .describe('preempted: only after an end from outside, such as a signal or a failed node; default failure'),
});
export const hook = (what: string) =>
  z.strictObject({
    run: command.describe(what),
    timeout: duration.optional().describe('default 60s'),
    retries: retries.optional().describe('further tries after a failure'),
  });

export type RawRetries = z.infer<typeof stepRetries>;
export type RawCommand = z.infer<typeof command>;
