import { z } from 'zod';
import { DECISION_KINDS, DECISION_OUTCOMES } from '../../domain/decisions/decision.js';
import {
  condition,
  decidedDrift,
  decidedWindows,
  episodeFacts,
  finding,
  gateChecks,
  metrics,
  performanceReport,
  profile,
  slices,
  unusable,
} from './documents.js';
import {
  artifactKind,
  count,
  decisionId,
  findingId,
  flag,
  hash,
  json,
  label,
  name,
  number,
  runId,
  text,
  time,
  workspacePath,
} from './values.js';

/** A version as it travels: model, run and time. One that the sender did not have stays a number. */
const versionRef = z.union([z.tuple([name, runId, time]), number]);
const evaluationRef = z.tuple([name, versionRef, runId, time]);
const gateRef = z.tuple([name, versionRef, hash, time]);
const approvalRef = z.tuple([name, versionRef, z.enum(['approved', 'rejected']), text, time]);
const episodeRef = z.tuple([name, label, count, time]);
const hookName = z.enum(['deploy', 'verify']);
const hookOutcome = z.enum(['delivered', 'failed', 'superseded']);
const ofMove = { model: name, alias: name, generation: number, hook: hookName };

/** One schema a kind of fact: the columns of its table as `registry/exchange/tables.ts` lists them. */
export const FACTS = {
  model_version: z.strictObject({
    model: name,
    hash,
    kind: artifactKind,
    size: count,
    path: workspacePath,
    run: runId,
    fingerprint: hash.nullable(),
    registered_at: time,
  }),
  retrain_decision: z.strictObject({
    id: decisionId,
    pipeline: name,
    decision: z.enum(DECISION_KINDS),
    because_json: json(condition),
    summary: text,
    actor: text,
    decided_at: time,
    now: time,
    champion: versionRef.nullable(),
  }),
  decision_conditions: z.strictObject({
    decision: decisionId,
    conditions_json: json(condition).nullable(),
    drift_json: json(decidedDrift).nullable(),
    // Absent in what releases without windows sent.
    windows_json: json(decidedWindows).nullable().optional(),
  }),
  decision_trigger: z.strictObject({ pipeline: name, trigger: text, attempt: count, decision: decisionId }),
  evaluation: z.strictObject({
    model: name,
    version: versionRef,
    run: runId,
    data_hash: hash,
    metrics_json: json(metrics),
    unusable_json: json(unusable),
    slices_json: json(slices),
    predictions: hash.nullable(),
    evaluated_at: time,
  }),
  gate_verdict: z.strictObject({
    model: name,
    candidate: versionRef,
    candidate_hash: hash,
    champion: versionRef.nullable(),
    champion_hash: hash.nullable(),
    data_hash: hash.nullable(),
    gate_hash: hash,
    candidate_evaluation: evaluationRef.nullable(),
    champion_evaluation: evaluationRef.nullable(),
    verdict: z.enum(['pass', 'fail']),
    checks_json: json(gateChecks),
    judged_at: time,
  }),
  approval: z.strictObject({
    model: name,
    version: versionRef,
    hash,
    answer: z.enum(['approved', 'rejected']),
    reason: text,
    actor: text,
    given_at: time,
    now: time,
    expires_at: time.nullable(),
  }),
  note: z.strictObject({ model: name, version: versionRef.nullable(), text, actor: text, noted_at: time }),
  decision_outcome: z.strictObject({
    decision: decisionId,
    outcome: z.enum(DECISION_OUTCOMES),
    run: runId.nullable(),
    candidate: versionRef.nullable(),
    gate: gateRef.nullable(),
    from_version: versionRef.nullable(),
    to_version: versionRef.nullable(),
    at: time,
  }),
  data_look: z.strictObject({
    pipeline: name,
    scope: text,
    decision: decisionId.nullable(),
    run: runId.nullable(),
    seen_at: time,
    now: time,
    finding: z.array(z.strictObject({ id: findingId, finding_json: json(finding) })),
    look_schema: z.array(z.strictObject({ dataset: label, hash })),
  }),
  resolution: z.strictObject({
    finding: findingId,
    answer: z.enum(['bug', 'normal']),
    reason: text,
    actor: text,
    resolved_at: time,
  }),
  event: z.strictObject({
    pipeline: name,
    name: text,
    from_time: time,
    until_time: time,
    effect: z.enum(['suppress', 'exclude']),
    actor: text,
    recorded_at: time,
  }),
  trigger_event: z.strictObject({ pipeline: name, name: text, key: text, actor: text, recorded_at: time, now: time }),
  tick: z.strictObject({
    pipeline: name,
    actor: text,
    started_at: time,
    now: time,
    tick_end: z
      .array(
        z.strictObject({
          decision: decisionId.nullable(),
          problem: text.nullable(),
          detail: text.nullable(),
          ended_at: time,
        }),
      )
      .max(1),
  }),
  pipeline_act: z.strictObject({
    pipeline: name,
    kind: z.enum(['pause', 'resume', 'review']),
    reason: text,
    actor: text,
    acted_at: time,
    now: time,
  }),
  performance_check: z.strictObject({
    pipeline: name,
    version: versionRef.nullable(),
    now: time,
    checked_at: time,
    report_json: json(performanceReport),
  }),
  performance_episode: z.strictObject({
    pipeline: name,
    metric: label,
    window_ms: count,
    version: versionRef.nullable(),
    opened: time,
    since: time,
    facts_json: json(episodeFacts),
    now: time,
    found_at: time,
  }),
  performance_episode_end: z.strictObject({
    episode: episodeRef,
    because: z.enum(['recovered', 'champion', 'resolved']),
    now: time,
    ended_at: time,
  }),
  run_schema: z.strictObject({ run: runId, dataset: label, hash }),
  table_profile: z.strictObject({ hash, kind: text, profile_json: json(profile) }),
  window_profile: z.strictObject({ pipeline: name, window_end: time, profile_json: json(profile) }),
  overtaken_move: z.strictObject({
    model: name,
    alias: name,
    generation: number,
    moved_at: time,
    // `undefined`: written by a version that lost the run of a renumbered version
    run: z.union([runId, z.literal('undefined')]),
    version: number,
    hash,
    move_json: json(z.looseObject({})),
    overtaken_at: time,
  }),
  renumbered: z.strictObject({ model: name, run: runId, former: number, version: number, renumbered_at: time }),
  owed_hook: z.strictObject(ofMove),
  hook_attempt: z.strictObject({ ...ofMove, outcome: text, started_at: time, ended_at: time }),
  hook_end: z.strictObject({ ...ofMove, outcome: hookOutcome, detail: text, ended_at: time }),
} as const;

/**
 * A move of an alias. `publish_path` and `folder` are what older versions sent; nobody reads them: where a model is published
 * is said by the pipeline of this workspace alone.
 */
export const moveRow = z.strictObject({
  model: name,
  alias: name,
  generation: number,
  kind: z.enum(['promotion', 'rollback']),
  from_version: versionRef.nullable(),
  to_version: versionRef,
  to_hash: hash,
  reason: text,
  is_forced: flag,
  actor: text,
  gate: gateRef.nullable(),
  decision: decisionId.nullable(),
  moved_at: time,
  now: time,
  approval: approvalRef.nullable(),
  trigger_kind: text.nullable(),
  publish_path: z.string().nullish(),
  folder: z.string().nullish(),
});
