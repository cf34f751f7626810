import type { Snapshot } from '../../domain/data/snapshot.js';
import { MOST_WINDOWS, type RemoteSource } from '../../domain/pipeline/remote-source.js';
import type { SourceSpan } from '../../domain/ports/sources.js';
import { fromIso, type Instant, instantOf } from '../../domain/support/time.js';

/** The windows of a source that exist at `now`, in order; the last one ends there. */
export function windowsOf({ from, everyMs }: RemoteSource, now: Instant): readonly SourceSpan[] {
  const first = fromIso(from);
  if (first >= now) return [];
  const step = everyMs ?? now - first;
  const count = Math.min(MOST_WINDOWS + 1, Math.ceil((now - first) / step));
  return Array.from({ length: count }, (_, i) => ({
    from: instantOf(first + i * step),
    until: instantOf(Math.min(now, first + (i + 1) * step)),
  }));
}

/** Whether a query or command is told the bounds of a window. Without them it shows what there is at that moment. */
function isWindowed({ place }: RemoteSource): boolean {
  const parts = 'query' in place ? place.query : 'script' in place ? place.script : [];
  const binds = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.bind]));
  return binds.includes('window-from') && binds.includes('window-until');
}

/** The snapshot of a window that was taken when no more rows were expected. It is never taken again. */
export const finalSnapshot = (
  source: RemoteSource,
  known: readonly Snapshot[],
  { from, until }: SourceSpan,
): Snapshot | undefined =>
  isWindowed(source)
    ? known.findLast((one) => one.from === from && one.until === until && one.readAt >= until + source.lateMs)
    : undefined;

/** Neighbouring windows as one span each, with the snapshots in it. */
export function joinSpans(
  snapshots: readonly Snapshot[],
): readonly (SourceSpan & { readonly snapshots: readonly Snapshot[] })[] {
  const joined: { from: Instant; until: Instant; snapshots: Snapshot[] }[] = [];
  for (const one of snapshots) {
    const last = joined.at(-1);
    if (last === undefined || last.until !== one.from)
      joined.push({ from: one.from, until: one.until, snapshots: [one] });
    else {
      last.until = one.until;
      last.snapshots.push(one);
    }
  }
  return joined;
}
