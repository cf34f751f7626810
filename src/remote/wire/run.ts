import { z } from 'zod';
import { STEP_STATUSES } from '../../domain/runs/run.js';
import {
  attemptOutcome,
  code,
  environment,
  failure,
  params,
  parts,
  processIdentity,
  reasons,
  trainingWindows,
  trigger,
} from './documents.js';
import {
  artifactKind,
  count,
  flag,
  hash,
  json,
  label,
  logPath,
  name,
  runId,
  text,
  time,
  workspacePath,
} from './values.js';

const direction = z.enum(['read', 'wrote']);

const step = z.strictObject({
  step: label,
  role: text.nullable(),
  status: z.enum(STEP_STATUSES),
  reasons_json: json(reasons),
  started_at: time,
  finished_at: time.nullable(),
  failure_json: json(failure).nullable(),
  fingerprint: hash.nullable(),
  parts_json: json(parts).nullable(),
  source: z.tuple([runId, count]).nullable(),
  is_traced: z.boolean(),
  attempts: z.array(z.tuple([count, logPath, time, time.nullable(), json(attemptOutcome).nullable()])),
  links: z.array(
    z.tuple([direction, workspacePath, hash, artifactKind, count, text.nullable(), text.nullable(), count.nullable()]),
  ),
  metrics: z.array(z.tuple([label, z.int(), z.number()])),
  traced: z.array(z.tuple([direction, text])),
});

/** An ended run with its definition, steps, attempts, links, metrics and traces. */
export const runRow = z.strictObject({
  id: runId,
  pipeline: name,
  file: workspacePath,
  definition_hash: hash,
  definition: z.string().max(10_000_000),
  trigger_json: json(trigger),
  profile: text.nullable(),
  params_json: json(params),
  now: time,
  is_now_given: flag,
  started_at: time,
  code_json: json(code),
  actor: text,
  environment_json: json(environment),
  process_json: json(processIdentity),
  status: z.enum(['succeeded', 'failed', 'cancelled', 'lost']),
  is_tainted: flag,
  finished_at: time.nullable(),
  // Absent in what releases without windows sent.
  windows_json: json(trainingWindows).nullable().optional(),
  seal: hash.nullable(),
  steps: z.array(step),
});
