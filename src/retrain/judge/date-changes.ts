import type { FeatureDrift, WindowSummary } from '../../domain/data/drift.js';
import type { PerformanceChange, StoredEpisode } from '../../domain/data/performance.js';
import type { DatedChange } from '../../domain/data/training-window.js';
import { type Instant, instantOf } from '../../domain/support/time.js';
import { spanFor } from '../../drift/judge/onset.js';

interface DriftSeen {
  readonly features: readonly FeatureDrift[];
  /** The compared rows. */
  readonly current: Pick<WindowSummary, 'from' | 'to'> | undefined;
  readonly windowMs: number | undefined;
  readonly now: Instant;
  /** What earlier decisions under this champion have dated. */
  readonly known: readonly DatedChange[];
}

/**
 * Since when the columns have moved that a check of drift found. Predictions move with the model, so they date no change of the
 * world. A column that is broken has not changed, nor has one that was back by the end of the window.
 */
export function driftChanges({ features, ...seen }: DriftSeen): readonly DatedChange[] {
  return features
    .filter(({ role, verdict }) => role !== 'prediction' && (verdict === 'drift' || verdict === 'unclear'))
    .flatMap((feature) => dateOf(feature, seen) ?? []);
}

/** Changes of the boundary kinds begin exactly there; others are only as exact as the spans that were counted. */
const EXACT = ['file', 'midnight'];

function dateOf({ name, context, trace }: FeatureDrift, seen: Omit<DriftSeen, 'features'>): DatedChange | undefined {
  const { current, windowMs, now, known } = seen;
  const base = { verdict: 'drift', subject: name } as const;
  const onset = context?.onset;
  if (onset?.until !== undefined) return undefined;
  if (onset?.from !== undefined) {
    const spanMs = current?.from === undefined || current.to === undefined ? 0 : spanFor(current.to - current.from);
    const latest = EXACT.includes(onset.kind) ? onset.from : instantOf(onset.from + spanMs);
    return { ...base, form: onset.kind === 'gradual' ? 'gradual' : 'sudden', earliest: onset.from, latest };
  }
  // The whole window is of the new world: an earlier check that saw the change inside its window knows more.
  const before = known.findLast((one) => one.verdict === 'drift' && one.subject === name);
  if (before !== undefined) return before;
  const begins = windowMs === undefined ? undefined : instantOf(now - windowMs);
  if (begins === undefined) return undefined;
  const earliest = instantOf(Math.min(begins, trace?.since ?? begins));
  return { ...base, form: 'sudden', earliest, latest: begins };
}

const JUDGED = new Set(['drift', 'unclear', 'stable']);

/** Changes of columns that this check could say nothing about: a column that is broken for a day has not changed back. */
export function unjudgedChanges(
  known: readonly DatedChange[],
  features: readonly Pick<FeatureDrift, 'name' | 'verdict'>[],
): readonly DatedChange[] {
  const judged = new Set(features.filter(({ verdict }) => JUDGED.has(verdict)).map(({ name }) => name));
  return known.filter(({ verdict, subject }) => verdict === 'drift' && !judged.has(subject));
}

/** A fall in performance, with what the newest check said about the change behind it. */
export interface SeenFall {
  readonly episode: Pick<StoredEpisode, 'metric' | 'windowMs' | 'opened' | 'end'>;
  readonly change: PerformanceChange | undefined;
}

/**
 * Since when the model's errors have changed. A fall that ended by itself is none any more: the world is back. One that ended with
 * a champion or with a person's answer is: the world stayed, and the model or the expectation followed.
 */
export const fallChanges = (falls: readonly SeenFall[]): readonly DatedChange[] =>
  falls.flatMap(({ episode, change }): readonly DatedChange[] => {
    const { metric, windowMs, opened, end } = episode;
    if (end?.because === 'recovered' || change?.form === 'blip') return [];
    const base = { verdict: 'performance', subject: metric } as const;
    // Somewhere in the first bad window.
    if (change === undefined)
      return [{ ...base, form: 'sudden', earliest: opened, latest: instantOf(opened + windowMs) }];
    const { form, sinceLower, sinceUpper, until } = change;
    const isSlow = form === 'gradual' || form === 'incremental';
    return [
      {
        ...base,
        form,
        earliest: sinceLower,
        latest: sinceUpper,
        ...(isSlow && until !== undefined ? { complete: until } : {}),
      },
    ];
  });
