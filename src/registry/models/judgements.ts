import type Database from 'better-sqlite3';
import type { ContentHash, EvaluationId, GateVerdictId, ModelName, RunId } from '../../domain/ids.js';
import type { Evaluation, GateVerdict } from '../../domain/models/model.js';
import type { ModelRecords } from '../../domain/ports/records/model-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { fromJson, oneOf } from '../database/rows.js';

interface EvaluationRow {
  readonly id: number;
  readonly model: string;
  readonly version: number;
  readonly run: string;
  readonly data_hash: string;
  readonly metrics_json: string;
  readonly unusable_json: string;
  readonly slices_json: string;
  readonly predictions: string | null;
  readonly evaluated_at: string;
}

interface VerdictRow {
  readonly id: number;
  readonly model: string;
  readonly candidate: number;
  readonly candidate_hash: string;
  readonly champion: number | null;
  readonly champion_hash: string | null;
  readonly data_hash: string | null;
  readonly gate_hash: string;
  readonly candidate_evaluation: number | null;
  readonly champion_evaluation: number | null;
  readonly verdict: string;
  readonly checks_json: string;
  readonly judged_at: string;
}

const toEvaluation = (row: EvaluationRow): Evaluation => ({
  id: row.id as EvaluationId,
  version: { model: row.model as ModelName, version: row.version },
  run: row.run as RunId,
  dataHash: row.data_hash as ContentHash,
  metrics: fromJson(row.metrics_json),
  unusable: fromJson(row.unusable_json),
  slices: fromJson(row.slices_json),
  ...(row.predictions === null ? {} : { predictions: row.predictions as ContentHash }),
  evaluatedAt: fromIso(row.evaluated_at),
});

function toVerdict(row: VerdictRow): GateVerdict {
  const model = row.model as ModelName;
  return {
    id: row.id as GateVerdictId,
    candidate: { model, version: row.candidate },
    candidateHash: row.candidate_hash as ContentHash,
    ...(row.champion === null ? {} : { champion: { model, version: row.champion } }),
    ...(row.champion_hash === null ? {} : { championHash: row.champion_hash as ContentHash }),
    ...(row.data_hash === null ? {} : { dataHash: row.data_hash as ContentHash }),
    gateHash: row.gate_hash as ContentHash,
    ...(row.candidate_evaluation === null ? {} : { candidateEvaluation: row.candidate_evaluation as EvaluationId }),
    ...(row.champion_evaluation === null ? {} : { championEvaluation: row.champion_evaluation as EvaluationId }),
    verdict: oneOf(['pass', 'fail'] as const, row.verdict, 'gate verdict'),
    checks: fromJson(row.checks_json),
    judgedAt: fromIso(row.judged_at),
  };
}

type JudgementRecords = Pick<
  ModelRecords,
  | 'withPredictions'
  | 'recordEvaluation'
  | 'evaluations'
  | 'evaluation'
  | 'recordGateVerdict'
  | 'gateVerdicts'
  | 'gateVerdict'
>;

/** Records of evaluations and gate verdicts. */
export function createJudgementRecords(db: Database.Database): JudgementRecords {
  const evaluations = db.prepare<[string, number], EvaluationRow>(
    'SELECT * FROM evaluation WHERE model = ? AND version = ? ORDER BY evaluated_at DESC, id DESC',
  );
  const evaluation = db.prepare<[number], EvaluationRow>('SELECT * FROM evaluation WHERE id = ?');
  const verdicts = db.prepare<[string, number], VerdictRow>(
    'SELECT * FROM gate_verdict WHERE model = ? AND candidate = ? ORDER BY judged_at DESC, id DESC',
  );
  const verdict = db.prepare<[number], VerdictRow>('SELECT * FROM gate_verdict WHERE id = ?');
  return {
    withPredictions: (hash) =>
      db
        .prepare<[string], { model: string; version: number }>(
          'SELECT DISTINCT model, version FROM evaluation WHERE predictions = ?',
        )
        .all(hash)
        .map((row) => ({ model: row.model as ModelName, version: row.version })),
    recordEvaluation: (given) => insertEvaluation(db, given),
    evaluations: (ref) => evaluations.all(ref.model, ref.version).map(toEvaluation),
    evaluation: (id) => {
      const row = evaluation.get(id);
      return row === undefined ? undefined : toEvaluation(row);
    },
    recordGateVerdict: (given) => insertVerdict(db, given),
    gateVerdicts: (ref) => verdicts.all(ref.model, ref.version).map(toVerdict),
    gateVerdict: (id) => {
      const row = verdict.get(id);
      return row === undefined ? undefined : toVerdict(row);
    },
  };
}

function insertEvaluation(db: Database.Database, given: Omit<Evaluation, 'id'>): EvaluationId {
  const inserted = db
    .prepare(
      `INSERT INTO evaluation(model, version, run, data_hash, metrics_json, unusable_json, slices_json, predictions,
         evaluated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      given.version.model,
      given.version.version,
      given.run,
      given.dataHash,
      JSON.stringify(given.metrics),
      JSON.stringify(given.unusable),
      JSON.stringify(given.slices),
      given.predictions ?? null,
      toIso(given.evaluatedAt),
    );
  return Number(inserted.lastInsertRowid) as EvaluationId;
}

function insertVerdict(db: Database.Database, given: Omit<GateVerdict, 'id'>): GateVerdictId {
  const inserted = db
    .prepare(
      `INSERT INTO gate_verdict(model, candidate, candidate_hash, champion, champion_hash, data_hash, gate_hash,
         candidate_evaluation, champion_evaluation, verdict, checks_json, judged_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      given.candidate.model,
      given.candidate.version,
      given.candidateHash,
      given.champion?.version ?? null,
      given.championHash ?? null,
      given.dataHash ?? null,
      given.gateHash,
      given.candidateEvaluation ?? null,
      given.championEvaluation ?? null,
      given.verdict,
      JSON.stringify(given.checks),
      toIso(given.judgedAt),
    );
  return Number(inserted.lastInsertRowid) as GateVerdictId;
}
