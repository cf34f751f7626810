import type { Codec } from './codec.js';

const TABLES = {
  decision: 'retrain_decision',
  outcome: 'decision_outcome',
  gate: 'gate_verdict',
  move: 'alias_move',
  tick: 'tick_end',
  run: 'run',
} as const;

/**
 * Prevents notices about facts that come from a remote, because they were sent where they happened. Call it before the merge
 * and the returned function after it. Only channels without unread rows skip the merged ones; others may get some notices
 * twice, but miss none.
 */
export function skipNotices({ statement }: Codec): () => void {
  const newest = () =>
    Object.fromEntries(
      Object.entries(TABLES).map(([key, table]) => [
        key,
        Number(statement(`SELECT max(rowid) AS n FROM ${table}`).get()?.n ?? 0),
      ]),
    );
  const before = newest();
  return () => {
    const after = newest();
    for (const row of statement('SELECT channel, seen_json FROM notice_channel').all()) {
      const seen = JSON.parse(String(row.seen_json)) as Record<string, number>;
      const next = Object.fromEntries(
        Object.entries(seen).map(([key, mark]) => [key, mark === before[key] ? (after[key] ?? mark) : mark]),
      );
      statement('UPDATE notice_channel SET seen_json = ? WHERE channel = ?').run(
        JSON.stringify(next),
        row.channel ?? null,
      );
    }
  };
}
