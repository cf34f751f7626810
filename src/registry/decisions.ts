import type Database from 'better-sqlite3';
import { DECISION_KINDS, type DecisionOutcome, type RetrainDecision } from '../domain/decision.js';
import type { DecisionId, GateVerdictId, PipelineName, RunId } from '../domain/ids.js';
import type { DecisionRecords } from '../domain/ports/registry.js';
import { fromIso, toIso } from '../domain/time.js';
import { newId } from './new-id.js';
import { fromJson, oneOf } from './rows.js';

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

const OUTCOMES: readonly DecisionOutcome['outcome'][] = [
  'published',
  'gate-refused',
  'nothing-new',
  'failed',
  'pending-approval',
  'registered',
  'rolled-back-before',
  'rejected-before',
];

const toDecision = (row: DecisionRow): RetrainDecision => ({
  id: row.id as DecisionId,
  pipeline: row.pipeline as PipelineName,
  decision: oneOf(DECISION_KINDS, row.decision, 'decision'),
  because: fromJson(row.because_json),
  summary: row.summary,
  actor: row.actor,
  decidedAt: fromIso(row.decided_at),
  now: fromIso(row.now),
  ...(row.champion === null ? {} : { championVersion: row.champion }),
});

const toOutcome = (row: OutcomeRow): DecisionOutcome => ({
  decision: row.decision as DecisionId,
  outcome: oneOf(OUTCOMES, row.outcome, 'outcome'),
  ...(row.run === null ? {} : { run: row.run as RunId }),
  ...(row.candidate === null ? {} : { candidateVersion: row.candidate }),
  ...(row.gate === null ? {} : { gate: row.gate as GateVerdictId }),
  ...(row.from_version === null ? {} : { from: row.from_version }),
  ...(row.to_version === null ? {} : { to: row.to_version }),
  at: fromIso(row.at),
});

/** The decision ledger. */
export function createDecisionRecords(db: Database.Database): DecisionRecords {
  const one = (row: DecisionRow | undefined) => (row === undefined ? undefined : toDecision(row));
  const get = db.prepare<[string], DecisionRow>('SELECT * FROM retrain_decision WHERE id = ?');
  const ofRun = db.prepare<[string], DecisionRow>(
    'SELECT d.* FROM retrain_decision AS d JOIN decision_outcome AS o ON o.decision = d.id WHERE o.run = ?',
  );
  const outcome = db.prepare<[string], OutcomeRow>('SELECT * FROM decision_outcome WHERE decision = ?');
  const list = db.prepare<
    { pipeline: string | null; decision: string | null; champion: number | null; limit: number },
    DecisionRow
  >(
    `SELECT * FROM retrain_decision WHERE (@pipeline IS NULL OR pipeline = @pipeline)
       AND (@decision IS NULL OR decision = @decision) AND (@champion IS NULL OR champion = @champion)
     ORDER BY decided_at DESC, rowid DESC LIMIT @limit`,
  );
  return {
    record: (decision) => insertDecision(db, decision),
    recordOutcome: (given) => insertOutcome(db, given),
    get: (id) => one(get.get(id)),
    outcome: (id) => {
      const row = outcome.get(id);
      return row === undefined ? undefined : toOutcome(row);
    },
    ofRun: (run) => one(ofRun.get(run)),
    list: ({ pipeline = null, decision = null, champion = null, limit }) =>
      list.all({ pipeline, decision, champion, limit }).map(toDecision),
  };
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
