import { z } from 'zod';
import { EXECUTOR } from '../../../domain/pipeline/executor.js';
import { command, duration, name, stepRetries, text } from './value-types.js';

export const executor = z
  .union([
    z.enum(['local', 'slurm', 'kubernetes']),
    z.string().regex(EXECUTOR, 'local, slurm, kubernetes, or either of these with a profile, as in slurm:<profile>'),
  ])
  .describe(
    'where it runs: local, slurm, kubernetes; slurm:<profile> or kubernetes:<profile> with a profile of refit.yaml',
  );

const limits = z.strictObject({
  min: z.number().optional().describe('least allowed value'),
  max: z.number().optional().describe('largest allowed value'),
});
export const pythonEnvironment = text.describe(
  'folder of a virtual environment, such as .venv: its programs come first, and its packages are part of the fingerprint',
);
export const condaEnvironment = text.describe(
  'name or folder of a conda environment: its programs come first, and its packages are part of the fingerprint',
);
export const step = z.strictObject({
  run: command.describe('text is one sh -eu script; a list is run without a shell'),
  role: z
    .enum(['extract', 'validate', 'prepare', 'train', 'evaluate'])
    .optional()
    .describe('what the step is for, as shown by why'),
  inputs: z
    .array(
      z.union([
        text,
        z.strictObject({
          file: text.describe('a YAML or JSON file'),
          keys: z.array(text.max(500)).min(1).describe('the values that count, by dotted name, such as train.lr'),
        }),
      ]),
    )
    .optional()
    .describe(
      'files, folders, globs or datasets it reads, or single values of a file; without this key it is never cached, [] says that it has none',
    ),
  outputs: z
    .union([z.array(text), z.record(name, text)])
    .optional()
    .describe('files or folders it writes, as a list or by name'),
  metrics: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe('file of metrics it writes, or several: a JSON object, JSON lines or CSV'),
  params: z.array(text).optional().describe('params it reads from the file $REFIT_PARAMS'),
  python: pythonEnvironment.optional(),
  conda: condaEnvironment.optional(),
  env: z
    .record(
      text,
      z.union([
        z.string(),
        z.number(),
        z.boolean(),
        z.strictObject({ from: text.describe('variable of the caller; part of the fingerprint') }),
      ]),
    )
    .optional()
    .describe('environment variables; part of the fingerprint'),
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
    .describe('variables that only this step gets; not part of the fingerprint'),
  after: z.array(text).optional().describe('steps that must succeed before it, besides those whose outputs it reads'),
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
    .describe('checked after the step; if one does not hold, the step fails'),
  timeout: duration.optional().describe('the step is ended when it runs longer'),
  retries: stepRetries.optional().describe('further tries after a failure'),
  resources: z
    .record(text, z.union([z.number().min(0), text]))
    .optional()
    .describe(
      'cpus, memory, gpus or any other name: steps that together need more than there is run one after another',
    ),
  executor: executor.optional(),
  image: z
    .string()
    .regex(/^[^-\s]\S*$/, 'the name of an image, such as python:3.12')
    .optional()
    .describe('container image in which the step runs; its content is part of the fingerprint'),
  checkpoint: text
    .optional()
    .describe('folder in which the step keeps its progress between attempts; removed when it has succeeded'),
  cache: z.boolean().optional().describe('false: run every time; default true'),
  matrix: z
    .record(name, z.array(z.union([z.string(), z.number(), z.boolean()])).min(1))
    .optional()
    .describe('one instance of the step for each combination; its outputs must name each key'),
});
