import type { DecisionOutcome, EvaluatedCondition, RetrainDecision } from '../domain/decisions/decision.js';
import type { Notice } from '../domain/decisions/notice.js';
import type { Tick } from '../domain/decisions/tick.js';
import type { DecisionId, GateVerdictId, ModelName, PipelineName, RunId, TickId } from '../domain/ids.js';
import type { AliasMove, GateVerdict } from '../domain/models/model.js';
import type { LedgerMark } from '../domain/ports/records/notice-records.js';
import type { Services } from '../domain/ports/services.js';
import type { RunFacts } from '../domain/runs/run-facts.js';
import type { JsonObject } from '../domain/support/json.js';
import { toIso } from '../domain/support/time.js';
import { collectRunFacts } from '../execute/collect-run-facts.js';

type Dependencies = Pick<Services, 'registry' | 'locks'>;

const TABLES = ['decision', 'outcome', 'gate', 'move', 'tick'] as const;

/**
 * Notices for everything that the ledger recorded after a mark, and the new mark. Because the ledger is the source, the next
 * process sends what a killed one did not.
 */
export function collectNotices(
  services: Dependencies,
  since: LedgerMark,
  noticesOfRun?: (facts: RunFacts) => readonly Notice[],
): { readonly notices: readonly Notice[]; readonly mark: LedgerMark } {
  const mark = { ...since };
  const notices: Notice[] = [];
  for (const table of TABLES)
    for (const row of services.registry.notices.rows(table, since[table])) {
      mark[table] = row.mark;
      notices.push(...noticesOf(services, table, row.ref));
    }
  if (noticesOfRun !== undefined) {
    const ofRuns = collectRuns(services, since.run, noticesOfRun);
    mark.run = ofRuns.mark;
    notices.push(...ofRuns.notices);
  }
  return { notices: notices.sort((a, b) => a.at - b.at), mark };
}

/** Notices for ended runs. Their ids are stable, so collecting a run twice sends it once. */
function collectRuns(
  services: Dependencies,
  since: number,
  noticesOfRun: (facts: RunFacts) => readonly Notice[],
): { readonly notices: readonly Notice[]; readonly mark: number } {
  const rows = services.registry.notices.rows('run', since);
  const found = rows.map(({ mark, ref }) => {
    const run = services.registry.runs.get(ref as RunId);
    const facts = run === undefined ? undefined : collectRunFacts(services, run);
    return { mark, facts: facts === undefined || isBeingJudged(services, facts) ? undefined : facts };
  });
  const open = found.find(({ facts }) => facts === undefined);
  return {
    notices: found.flatMap(({ facts }) => (facts === undefined || isImported(facts) ? [] : noticesOfRun(facts))),
    mark: open === undefined ? (rows.at(-1)?.mark ?? since) : open.mark - 1,
  };
}

/** After a run ends, the process that still holds its lock or the pipeline's writes its gate verdict and outcome. */
const isBeingJudged = ({ registry, locks }: Dependencies, { run }: RunFacts): boolean =>
  locks.isRunHeld(run.id) ||
  (registry.runs.list({ pipeline: run.pipeline, limit: 1 })[0]?.id === run.id && locks.isHeld(run.pipeline));

/** Imported runs are not sent: the system they come from already has them. */
const isImported = ({ run }: RunFacts): boolean => run.environment.origin !== undefined;

function noticesOf(services: Pick<Services, 'registry'>, table: keyof LedgerMark, ref: string): readonly Notice[] {
  const { decisions, models, ticks } = services.registry;
  if (table === 'decision') {
    const decision = decisions.get(ref as DecisionId);
    return decision === undefined ? [] : ofDecision(decision, decisions.previous(decision.id));
  }
  if (table === 'outcome') {
    const [decision, outcome] = [decisions.get(ref as DecisionId), decisions.outcome(ref as DecisionId)];
    if (decision === undefined || outcome === undefined) return [];
    if (outcome.outcome === 'failed') return [ofFailedTraining(decision, outcome)];
    return outcome.outcome === 'pending-approval' ? ofWaiting(services, decision, outcome) : [];
  }
  if (table === 'gate') {
    const verdict = models.gateVerdict(Number(ref) as GateVerdictId);
    return verdict === undefined ? [] : [ofVerdict(services, verdict)];
  }
  if (table === 'move') {
    const at = ref.lastIndexOf('#');
    const moves = models.moves(ref.slice(0, at) as ModelName);
    const move = moves.find((one) => one.alias === 'champion' && one.generation === Number(ref.slice(at + 1)));
    return move === undefined ? [] : [ofMove(services, move)];
  }
  const tick = ticks.withPrevious(Number(ref) as TickId);
  return tick === undefined ? [] : ofTick(ref, tick.tick, tick.previous);
}

/** No notice for "wait", nor for the same decision with the same reasons as last time. */
function ofDecision(decision: RetrainDecision, previous: RetrainDecision | undefined): readonly Notice[] {
  const { id, pipeline, summary, decidedAt } = decision;
  const facts = {
    decision: id,
    verdict: decision.decision,
    now: toIso(decision.now),
    champion: decision.championVersion ?? null,
    actor: decision.actor,
  };
  const isNews = previous?.decision !== decision.decision || reasonsOf(previous) !== reasonsOf(decision);
  const kind = decision.decision === 'hold' ? 'hold' : 'decision';
  const notice: Notice = { id: `${kind}:${id}`, kind, pipeline, summary, at: decidedAt, facts };
  const isSent = decision.decision === 'retrain' || (decision.decision !== 'wait' && isNews);
  return [...(isSent ? [notice] : []), ...ofDrift(decision, previous, facts)];
}

/** The findings or triggers behind a hold, a pause or a suggestion, without the measured values, which change every time. */
function reasonsOf({ because }: RetrainDecision): string {
  const leaves = (tree: EvaluatedCondition): readonly string[] =>
    tree.of === undefined
      ? tree.state === 'fired' || tree.state === 'suggests'
        ? (tree.ids ?? [`${tree.condition} ${tree.condition === 'data-bug' ? String(tree.measured) : ''}`])
        : []
      : tree.of.flatMap(leaves);
  return [...leaves(because)].sort().join('\n');
}

/** Sent when drift begins and when more columns drift. The id has the day, so a flapping signal is sent once a day at most. */
function ofDrift(
  { id, pipeline, drift, decidedAt, now, championVersion }: RetrainDecision,
  previous: RetrainDecision | undefined,
  facts: JsonObject,
): readonly Notice[] {
  if (drift?.verdict !== 'drift') return [];
  const before = new Set(previous?.championVersion === championVersion ? previous?.drift?.drifted : []);
  const newly = drift.drifted.filter((name) => !before.has(name));
  if (newly.length === 0) return [];
  return [
    {
      id: `drift:${pipeline}:v${championVersion ?? 0}:${toIso(now).slice(0, 10)}`,
      kind: 'drift',
      pipeline,
      summary: `${drift.drifted.length} of ${drift.total} columns drift: ${drift.drifted.join(', ')}`,
      at: decidedAt,
      facts: { ...facts, decision: id, drifted: [...drift.drifted], newly_drifted: [...newly] },
    },
  ];
}

const ofFailedTraining = ({ id, pipeline, summary }: RetrainDecision, outcome: DecisionOutcome): Notice => ({
  id: `failure:${id}`,
  kind: 'failure',
  pipeline,
  summary: `retraining failed (${summary})`,
  at: outcome.at,
  facts: { decision: id, run: outcome.run ?? null },
});

/** Sent once per candidate that waits for approval. */
function ofWaiting(
  { registry }: Pick<Services, 'registry'>,
  { id, pipeline }: RetrainDecision,
  outcome: DecisionOutcome,
): readonly Notice[] {
  const { gate, candidateVersion: version } = outcome;
  const name = gate === undefined ? undefined : registry.models.gateVerdict(gate)?.candidate.model;
  if (name === undefined || version === undefined) return [];
  return [
    {
      id: `approval:${name}@${version}`,
      kind: 'gate',
      pipeline,
      summary: `${name}@${version} passed the gate and waits for approval: refit approve ${name}@${version} --reason "…", or refit reject`,
      at: outcome.at,
      facts: { decision: id, model: name, version, waits_for: 'approval' },
    },
  ];
}

function ofVerdict({ registry }: Pick<Services, 'registry'>, verdict: GateVerdict): Notice {
  const { model, version } = verdict.candidate;
  const failed = verdict.checks.filter((check) => check.verdict === 'fail');
  const word = verdict.verdict === 'pass' ? 'passed' : 'was refused by';
  return {
    id: `gate:${model}@${version}:${verdict.id}`,
    kind: 'gate',
    pipeline: pipelineOf(registry, verdict.candidate),
    summary: `${model}@${version} ${word} the gate${failed.length === 0 ? '' : `: ${failed.map((one) => `${one.name} (${one.detail})`).join('; ')}`}`,
    at: verdict.judgedAt,
    facts: {
      model,
      version,
      verdict: verdict.verdict,
      champion: verdict.champion?.version ?? null,
      failed: failed.map((one) => one.name),
    },
  };
}

function ofMove({ registry }: Pick<Services, 'registry'>, move: AliasMove): Notice {
  const from = move.from === undefined ? 'nothing' : `version ${move.from}`;
  return {
    id: `${move.kind}:${move.model}:${move.generation}`,
    kind: move.kind,
    pipeline: pipelineOf(registry, { model: move.model, version: move.to }),
    summary: `${move.model}@${move.to} serves now, in place of ${from}${move.isForced ? ', forced past the gate' : ''}: ${move.reason}`,
    at: move.movedAt,
    facts: {
      model: move.model,
      version: move.to,
      from: move.from ?? null,
      generation: move.generation,
      forced: move.isForced,
      reason: move.reason,
      actor: move.actor,
      decision: move.decision ?? null,
    },
  };
}

function pipelineOf(
  { models, runs }: Services['registry'],
  ref: { readonly model: ModelName; readonly version: number },
): PipelineName {
  const run = models.get(ref)?.run;
  return (run === undefined ? undefined : runs.get(run)?.pipeline) ?? (ref.model as string as PipelineName);
}

/** Sent when a tick could not decide, unless the previous tick had the same problem. A failed training has its own notice. */
function ofTick(ref: string, { pipeline, end }: Tick, previous: Tick | undefined): readonly Notice[] {
  if (end?.problem === undefined || end.decision !== undefined || end.problem === 'busy') return [];
  if (previous?.end?.problem === end.problem && previous.end.decision === undefined) return [];
  return [
    {
      id: `failure:tick-${ref}`,
      kind: 'failure',
      pipeline,
      summary: `retrain could not decide: ${end.problem}`,
      at: end.endedAt,
      facts: { problem: end.problem, detail: end.detail ?? null },
    },
  ];
}
