import type Database from 'better-sqlite3';
import { OPERATOR_ACTIONS, type OperatorAction, type Tick } from '../../domain/decisions/tick.js';
import type { DecisionId, PipelineName, TickId } from '../../domain/ids.js';
import type { OperatorActionRecords, TickRecords } from '../../domain/ports/records/decision-records.js';
import { fromIso, toIso } from '../../domain/support/time.js';
import { oneOf } from '../database/rows.js';

interface TickRow {
  readonly pipeline: string;
  readonly actor: string;
  readonly started_at: string;
  readonly now: string;
  readonly decision: string | null;
  readonly problem: string | null;
  readonly detail: string | null;
  readonly ended_at: string | null;
}

const toTick = (row: TickRow): Tick => ({
  pipeline: row.pipeline as PipelineName,
  actor: row.actor,
  startedAt: fromIso(row.started_at),
  now: fromIso(row.now),
  ...(row.ended_at === null
    ? {}
    : {
        end: {
          endedAt: fromIso(row.ended_at),
          ...(row.decision === null ? {} : { decision: row.decision as DecisionId }),
          ...(row.problem === null ? {} : { problem: row.problem }),
          ...(row.detail === null ? {} : { detail: row.detail }),
        },
      }),
});

/** Records of every `retrain` call, written at its start and its end, so that a killed call is visible. */
export function createTickRecords(db: Database.Database): TickRecords {
  return {
    start: (tick) =>
      Number(
        db
          .prepare('INSERT INTO tick(pipeline, actor, started_at, now) VALUES (?, ?, ?, ?)')
          .run(tick.pipeline, tick.actor, toIso(tick.startedAt), toIso(tick.now)).lastInsertRowid,
      ) as TickId,
    finish: (id, end) =>
      void db
        .prepare('INSERT INTO tick_end(tick, decision, problem, detail, ended_at) VALUES (?, ?, ?, ?, ?)')
        .run(id, end.decision ?? null, end.problem ?? null, end.detail ?? null, toIso(end.endedAt)),
    list: (pipeline, limit) =>
      db
        .prepare<[string, number], TickRow>(
          `${TICK} WHERE t.pipeline = ? ORDER BY t.started_at DESC, t.id DESC LIMIT ?`,
        )
        .all(pipeline, limit)
        .map(toTick),
    endedSince: (at) => db.prepare<[string], TickRow>(`${TICK} WHERE e.ended_at >= ?`).all(toIso(at)).map(toTick),
    ofDecision: (decision) => {
      const row = db.prepare<[string], TickRow>(`${TICK} WHERE e.decision = ?`).get(decision);
      return row === undefined ? undefined : toTick(row);
    },
    withPrevious: (id) => {
      const row = db.prepare<[number], TickRow>(`${TICK} WHERE t.id = ?`).get(id);
      if (row === undefined) return undefined;
      const before = db
        .prepare<[string, number], TickRow>(
          `${TICK} WHERE t.pipeline = ? AND t.id < ? AND e.problem IS NOT 'busy' ORDER BY t.id DESC LIMIT 1`,
        )
        .get(row.pipeline, id);
      return { tick: toTick(row), previous: before === undefined ? undefined : toTick(before) };
    },
  };
}

const TICK =
  'SELECT t.*, e.decision, e.problem, e.detail, e.ended_at FROM tick AS t LEFT JOIN tick_end AS e ON e.tick = t.id';

interface OperatorActionRow {
  readonly pipeline: string;
  readonly kind: string;
  readonly reason: string;
  readonly actor: string;
  readonly acted_at: string;
  readonly now: string;
}

/** Records of human actions on a pipeline: pause, resume, review. */
export function createOperatorActionRecords(db: Database.Database): OperatorActionRecords {
  return {
    record: (action) =>
      void db
        .prepare('INSERT INTO pipeline_act(pipeline, kind, reason, actor, acted_at, now) VALUES (?, ?, ?, ?, ?, ?)')
        .run(action.pipeline, action.kind, action.reason, action.actor, toIso(action.actedAt), toIso(action.now)),
    list: (pipeline) =>
      db
        .prepare<[string], OperatorActionRow>(
          'SELECT * FROM pipeline_act WHERE pipeline = ? ORDER BY acted_at DESC, id DESC',
        )
        .all(pipeline)
        .map(
          (row): OperatorAction => ({
            pipeline: row.pipeline as PipelineName,
            kind: oneOf(OPERATOR_ACTIONS, row.kind, 'act'),
            reason: row.reason,
            actor: row.actor,
            actedAt: fromIso(row.acted_at),
            now: fromIso(row.now),
          }),
        ),
    lastHumanAction: (pipeline, model, clock) => {
      const found = db
        .prepare<
          { pipeline: string; model: string | null; clock: string },
          { at: string; now: string; what: string; actor: string }
        >(HUMAN_ACTIONS)
        .get({ pipeline, model: model ?? null, clock: toIso(clock) });
      return found === undefined
        ? undefined
        : { at: fromIso(found.at), now: fromIso(found.now), what: found.what, actor: found.actor };
    },
  };
}

/**
 * The time of the ledger at which an action happened that was recorded by the wall clock. Where decisions are made with `--now`,
 * it is the time of the last decision before it, plus the wall-clock time since then. Otherwise the two clocks agree to some
 * milliseconds.
 */
const inLedger = (at: string): string =>
  `coalesce((SELECT strftime('%Y-%m-%dT%H:%M:%fZ', julianday(now) + julianday(${at}) - julianday(decided_at)) FROM retrain_decision
     WHERE pipeline = @pipeline AND decided_at <= ${at} ORDER BY decided_at DESC LIMIT 1), ${at})`;

/**
 * Human actions: moves without a decision, answers to findings, named events, and actions on the pipeline. An approval that had to
 * be stored after one of a clock ahead counts when it was given.
 */
const HUMAN_ACTIONS = `
SELECT * FROM (
SELECT acted_at AS at, now, kind AS what, actor FROM pipeline_act WHERE pipeline = @pipeline
UNION ALL SELECT moved_at, now, kind, actor FROM alias_move WHERE model = @model AND decision IS NULL
  AND reason NOT LIKE '%failed after publishing version %'
UNION ALL SELECT recorded_at, ${inLedger('recorded_at')}, 'event', actor FROM event WHERE pipeline = @pipeline
UNION ALL SELECT r.resolved_at, ${inLedger('r.resolved_at')}, 'resolve', r.actor FROM resolution AS r
  WHERE r.finding IN (SELECT f.id FROM finding AS f JOIN data_look AS l ON l.id = f.look WHERE l.pipeline = @pipeline)
UNION ALL SELECT iif(given_at > @clock, now, given_at), now, 'approval', actor FROM approval WHERE model = @model
UNION ALL SELECT noted_at, ${inLedger('noted_at')}, 'note', actor FROM note WHERE model = @model)
ORDER BY at > @clock, at DESC LIMIT 1`;
