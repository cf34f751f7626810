import type { Finding } from '../../domain/data/finding.js';
import type { EvaluatedCondition } from '../../domain/decisions/decision.js';
import type { RetrainSpec } from '../../domain/pipeline/pipeline.js';
import { DAY_MS, formatDuration, type Instant } from '../../domain/support/time.js';

/** An earlier decision to hold because of unclear columns, under the same champion. */
export interface UnclearHold {
  readonly now: Instant;
  readonly subjects: readonly string[];
}

/** The subject of an unclear finding: a kind of change in a column. */
const subjectOf = ({ code, column, dataset }: Finding): string => `${dataset ?? ''}/${column ?? ''}/${code}`;

/**
 * The condition that holds a training because columns may be broken; `undefined` if nothing holds. Without `on_unclear`
 * it holds once: if a later window (a day or a window's length after the first) shows the same, the world has changed.
 */
export function holdUnclear(situation: {
  readonly unclear: readonly Finding[];
  readonly unclearHolds: readonly UnclearHold[];
  readonly spec?: RetrainSpec;
  readonly windowMs?: number;
  readonly now: Instant;
}): EvaluatedCondition | undefined {
  const { unclear, unclearHolds, spec, now } = situation;
  if (spec?.onUnclear === 'train' || spec?.onUnclear === 'ignore') return undefined;
  const nextMs = Math.min(situation.windowMs ?? DAY_MS, DAY_MS);
  const isRepeated = (finding: Finding): boolean =>
    unclearHolds.some((hold) => now - hold.now >= nextMs && hold.subjects.includes(subjectOf(finding)));
  const held = spec?.onUnclear === 'hold' ? unclear : unclear.filter((one) => !isRepeated(one));
  if (held.length === 0) return undefined;
  const until =
    spec?.onUnclear === 'hold'
      ? 'held until it is resolved or gone'
      : `held once; a window ${formatDuration(nextMs)} later that shows it again trains`;
  return {
    condition: 'unclear',
    state: 'fired',
    detail: until,
    of: held.map(
      (finding): EvaluatedCondition => ({
        condition: 'unclear',
        state: 'fired',
        key: subjectOf(finding),
        measured: finding.id,
        detail: `unclear: ${finding.column === undefined ? '' : `${finding.column}: `}${finding.code}: ${finding.detail}`,
      }),
    ),
  };
}

/** The subjects that an earlier decision held for. Empty if it did not hold for unclear columns. */
export function unclearSubjects(because: EvaluatedCondition): readonly string[] {
  return because.condition === 'unclear' ? (because.of ?? []).flatMap((one) => one.key ?? []) : [];
}
