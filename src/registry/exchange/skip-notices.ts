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
 * Facts that come from a remote were told where they happened. A channel that has heard everything up to now has heard
 * these too; one that has not is left as it is: it hears some twice, and misses none. Called before and after.
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
