import type Database from 'better-sqlite3';
import {
  DECISION_KINDS,
  DECISION_OUTCOMES,
  type DecisionOutcome,
  type EvaluatedCondition,
  type RetrainDecision,
} from '../../domain/decisions/decision.js';
import type { DecisionId, GateVerdictId, PipelineName, RunId } from '../../domain/ids.js';
import type { DecisionRecords } from '../../domain/ports/records/decision-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { newId } from '../database/new-id.js';
import { fromJson, oneOf } from '../database/rows.js';

interface DecisionRow {
  readonly id: string;
  readonly pipeline: string;
  readonly decision: string;
  readonly because_json: string;
  readonly summary: string;
  readonly actor: string;
  readonly decided_at: string;
  readonly now: string;
  readonly champion: number | null;
  readonly conditions_json: string | null;
  readonly drift_json: string | null;
  readonly windows_json: string | null;
}

interface OutcomeRow {
  readonly decision: string;
  readonly outcome: string;
  readonly run: string | null;
  readonly candidate: number | null;
  readonly gate: number | null;
  readonly from_version: number | null;
  readonly to_version: number | null;
  readonly at: string;
}

/** Rows of earlier releases call the period in which a trigger held an episode. */
const toConditions = (text: string): EvaluatedCondition =>
  fromJson(text.replaceAll('"episode":{"from":', '"heldPeriod":{"from":'));

const toDecision = (row: DecisionRow): RetrainDecision => ({
  id: row.id as DecisionId,
  pipeline: row.pipeline as PipelineName,
  decision: oneOf(DECISION_KINDS, row.decision, 'decision'),
  because: toConditions(row.because_json),
  ...(row.conditions_json === null ? {} : { conditions: toConditions(row.conditions_json) }),
  ...(row.drift_json === null ? {} : { drift: fromJson(row.drift_json) }),
  ...(row.windows_json === null ? {} : { windows: fromJson(row.windows_json) }),
  summary: row.summary,
  actor: row.actor,
  decidedAt: fromIso(row.decided_at),
  now: fromIso(row.now),
  ...(row.champion === null ? {} : { championVersion: row.champion }),
});

const toOutcome = (row: OutcomeRow): DecisionOutcome => ({
  decision: row.decision as DecisionId,
  outcome: oneOf(DECISION_OUTCOMES, row.outcome, 'outcome'),
  ...(row.run === null ? {} : { run: row.run as RunId }),
  ...(row.candidate === null ? {} : { candidateVersion: row.candidate }),
  ...(row.gate === null ? {} : { gate: row.gate as GateVerdictId }),
  ...(row.from_version === null ? {} : { from: row.from_version }),
  ...(row.to_version === null ? {} : { to: row.to_version }),
  at: fromIso(row.at),
});

const DECISION =
  'SELECT d.*, c.conditions_json, c.drift_json, c.windows_json FROM retrain_decision AS d LEFT JOIN decision_conditions AS c ON c.decision = d.id';

/** Records of retrain decisions and their outcomes. */
export function createDecisionRecords(db: Database.Database): DecisionRecords {
  const one = (row: DecisionRow | undefined) => (row === undefined ? undefined : toDecision(row));
  const get = db.prepare<[string], DecisionRow>(`${DECISION} WHERE d.id = ?`);
  const ofRun = db.prepare<[string], DecisionRow>(
    `${DECISION} JOIN decision_outcome AS o ON o.decision = d.id WHERE o.run = ?`,
  );
  // Ticks travel to other machines only when they have ended, so an open one is of this machine.
  const interrupted = db.prepare<[string], DecisionRow>(
    `${DECISION} WHERE d.pipeline = ? AND d.decision = 'retrain'
       AND NOT EXISTS (SELECT 1 FROM decision_outcome AS o WHERE o.decision = d.id)
       AND EXISTS (SELECT 1 FROM tick AS t WHERE t.pipeline = d.pipeline AND t.actor = d.actor AND t.started_at <= d.decided_at
         AND NOT EXISTS (SELECT 1 FROM tick_end AS e WHERE e.tick = t.id)
         AND NOT EXISTS (SELECT 1 FROM tick AS n WHERE n.pipeline = t.pipeline AND n.actor = t.actor
           AND n.started_at > t.started_at AND n.started_at <= d.decided_at))
     ORDER BY d.rowid`,
  );
  const outcome = db.prepare<[string], OutcomeRow>('SELECT * FROM decision_outcome WHERE decision = ?');
  return {
    record: (decision, triggers = []) => recordDecision(db, decision, triggers),
    recordOutcome: (given) => insertOutcome(db, given),
    get: (id) => one(get.get(id)),
    previous: (id) => one(decisionBefore(db, id)),
    outcome: (id) => {
      const row = outcome.get(id);
      return row === undefined ? undefined : toOutcome(row);
    },
    interrupted: (pipeline) => interrupted.all(pipeline).map(toDecision),
    ofRun: (run) => one(ofRun.get(run)),
    firstAfter: (wanted) => one(firstDecisionAfter(db, wanted)),
    list: decisionLister(db),
  };
}

/** The decision before this one of the same pipeline. */
const decisionBefore = (db: Database.Database, id: string): DecisionRow | undefined =>
  db
    .prepare<[string], DecisionRow>(
      `${DECISION} JOIN retrain_decision AS n ON n.pipeline = d.pipeline AND n.rowid > d.rowid
       WHERE n.id = ? ORDER BY d.rowid DESC LIMIT 1`,
    )
    .get(id);

const firstDecisionAfter = (
  db: Database.Database,
  { pipeline, run, champion, until }: Parameters<DecisionRecords['firstAfter']>[0],
): DecisionRow | undefined =>
  db
    .prepare<[{ pipeline: string; run: string | null; champion: number | null; until: string }], DecisionRow>(
      `${DECISION} WHERE d.pipeline = @pipeline AND d.now <= @until AND (d.champion = @champion OR d.rowid >
         (SELECT t.rowid FROM retrain_decision AS t JOIN decision_outcome AS o ON o.decision = t.id
          WHERE o.run = @run ORDER BY t.rowid LIMIT 1))
       ORDER BY d.rowid LIMIT 1`,
    )
    .get({ pipeline, run: run ?? null, champion: champion ?? null, until: toIso(until) });

interface ListParams {
  readonly pipeline: string | null;
  readonly decision: string | null;
  readonly champion: number | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly decidedUntil: string | null;
  readonly limit: number;
}

function decisionLister(db: Database.Database): DecisionRecords['list'] {
  const list = db.prepare<ListParams, DecisionRow>(
    `${DECISION} WHERE (@pipeline IS NULL OR d.pipeline = @pipeline)
       AND (@decision IS NULL OR d.decision = @decision) AND (@champion IS NULL OR d.champion = @champion)
       AND (@since IS NULL OR d.now >= @since) AND (@until IS NULL OR d.now <= @until)
       AND (@decidedUntil IS NULL OR d.decided_at <= @decidedUntil)
     ORDER BY d.decided_at DESC, d.rowid DESC LIMIT @limit`,
  );
  return ({ pipeline = null, decision = null, champion = null, limit, ...span }) =>
    list
      .all({
        pipeline,
        decision,
        champion,
        since: span.since === undefined ? null : toIso(span.since),
        until: span.until === undefined ? null : toIso(span.until),
        decidedUntil: span.decidedUntil === undefined ? null : toIso(span.decidedUntil),
        limit,
      })
      .map(toDecision);
}

const textOf = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));

/** Writes the decision in one transaction. The key of `decision_trigger` prevents two trainings for one trigger. */
function recordDecision(
  db: Database.Database,
  decision: Omit<RetrainDecision, 'id'>,
  triggers: Parameters<DecisionRecords['record']>[1] & {},
): DecisionId | undefined {
  const taken = db.prepare<[string, string, number]>(
    'SELECT 1 FROM decision_trigger WHERE pipeline = ? AND trigger = ? AND attempt = ?',
  );
  return db
    .transaction((): DecisionId | undefined => {
      if (triggers.some((one) => taken.get(decision.pipeline, one.trigger, one.attempt) !== undefined))
        return undefined;
      const id = insertDecision(db, decision);
      const { conditions, drift, windows } = decision;
      if (conditions !== undefined || drift !== undefined || windows !== undefined)
        db.prepare(
          'INSERT INTO decision_conditions(decision, conditions_json, drift_json, windows_json) VALUES (?, ?, ?, ?)',
        ).run(id, textOf(conditions), textOf(drift), textOf(windows));
      for (const { trigger, attempt } of triggers)
        db.prepare('INSERT INTO decision_trigger VALUES (?, ?, ?, ?)').run(decision.pipeline, trigger, attempt, id);
      return id;
    })
    .immediate();
}

function insertDecision(db: Database.Database, decision: Omit<RetrainDecision, 'id'>): DecisionId {
  const id = `d-${newId(decision.decidedAt)}` as DecisionId;
  db.prepare('INSERT INTO retrain_decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
    id,
    decision.pipeline,
    decision.decision,
    JSON.stringify(decision.because),
    decision.summary,
    decision.actor,
    toIso(decision.decidedAt),
    toIso(decision.now),
    decision.championVersion ?? null,
  );
  return id;
}

function insertOutcome(db: Database.Database, given: DecisionOutcome): void {
  db.prepare('INSERT INTO decision_outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
    given.decision,
    given.outcome,
    given.run ?? null,
    given.candidateVersion ?? null,
    given.gate ?? null,
    given.from ?? null,
    given.to ?? null,
    toIso(given.at),
  );
}
