import type { Snapshot } from '../../domain/data/snapshot.js';
import type { Failure } from '../../domain/failure.js';
import type { OpenSource, Probe } from '../../domain/ports/sources.js';
import { ok, type Result } from '../../domain/support/result.js';
import { joinSpans } from './source-windows.js';

export interface LateRows {
  readonly snapshot: Snapshot;
  readonly now: Probe;
}

/** Final windows whose rows have changed since their snapshots. Asks one question a span, and more only if its answer differs. */
export async function findLateRows(
  source: OpenSource,
  finals: readonly Snapshot[],
): Promise<Result<readonly LateRows[], Failure>> {
  const late: LateRows[] = [];
  for (const span of joinSpans(finals)) {
    const all = await source.probe(span);
    if (!all.ok) return all;
    if (all.value === undefined) return ok([]);
    if (isSame(all.value, sumOf(span.snapshots))) continue;
    for (const snapshot of span.snapshots) {
      const now = await source.probe(snapshot);
      if (!now.ok) return now;
      if (now.value !== undefined && !isSame(now.value, sumOf([snapshot]))) late.push({ snapshot, now: now.value });
    }
  }
  return ok(late);
}

/** Whether a source holds what a snapshot has, as far as the count and the column `updated` tell. */
export const isSame = (now: Probe, then: Probe): boolean =>
  (now.rows === undefined || now.rows === then.rows) && (now.updated ?? '') === (then.updated ?? '');

const sumOf = (snapshots: readonly Snapshot[]): Probe => ({
  rows: snapshots.reduce((sum, { rows }) => sum + rows, 0),
  updated: snapshots.reduce<string | undefined>((max, { updated }) => larger(max, updated), undefined),
});

/** Times of one form and zone sort as text; whole numbers by their length first. */
function larger(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const areNumbers = /^\d+$/.test(a) && /^\d+$/.test(b);
  if (areNumbers && a.length !== b.length) return a.length > b.length ? a : b;
  return a > b ? a : b;
}

/** `12 rows came late: 100 → 112`. */
export function spellLate({ snapshot, now }: LateRows): string {
  const more = (now.rows ?? snapshot.rows) - snapshot.rows;
  if (more > 0) return `${more} ${more === 1 ? 'row' : 'rows'} came late (${snapshot.rows} → ${now.rows})`;
  if (more < 0) return `${-more} ${more === -1 ? 'row is' : 'rows are'} gone (${snapshot.rows} → ${now.rows})`;
  return `rows were changed (last ${snapshot.updated ?? 'never'} → ${now.updated ?? 'never'})`;
}
