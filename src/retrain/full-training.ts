import type { DriftReport } from '../domain/data/drift.js';
import type { RetrainReport } from '../domain/decisions/retrain-report.js';
import type { ModelVersion } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { formatDuration, type Instant } from '../domain/support/time.js';
import { parentsOf } from '../models/parents.js';
import { canStartWarm } from '../pipeline/starts-from.js';
import type { Verdict } from './judge/decide.js';

/** Why the next training starts from zero although there is a champion; `undefined` if it starts from the champion. */
export function whyFromZero(
  services: Pick<Services, 'registry'>,
  { retrain, steps }: Pick<Pipeline, 'retrain' | 'steps'>,
  known: {
    readonly champion: ModelVersion | undefined;
    readonly drift: DriftReport | undefined;
    readonly now: Instant;
    /** A person asks for it. */
    readonly isFromZero?: boolean;
  },
): string | undefined {
  const { champion, drift, now } = known;
  if (champion === undefined || !canStartWarm(steps)) return undefined;
  if (known.isFromZero === true) return '--from-zero';
  if (retrain === undefined) return undefined;
  if (retrain.fullWhen === 'drift' && drift?.verdict === 'drift') return 'the data drifts';
  if (retrain.fullEveryMs === undefined) return undefined;
  const ageMs = now - lastFromZero(services, champion);
  return ageMs >= retrain.fullEveryMs ? `the last training from zero was ${formatDuration(ageMs)} ago` : undefined;
}

/** When the oldest known ancestor of a version was trained. */
function lastFromZero(services: Pick<Services, 'registry'>, version: ModelVersion): Instant {
  const seen = new Set<number>();
  let oldest = version;
  for (let next: ModelVersion | undefined = version; next !== undefined && !seen.has(next.version); ) {
    seen.add(next.version);
    oldest = next;
    next = parentsOf(services, next)[0];
  }
  return services.registry.runs.get(oldest.run)?.now ?? oldest.registeredAt;
}

/** The verdict with the reason to train from zero, which the ledger keeps. */
export const zeroed = (verdict: Verdict, zero: string | undefined): Verdict =>
  zero === undefined ? verdict : { ...verdict, summary: `${verdict.summary}; from zero: ${zero}` };

/** What a training starts from, for a pipeline whose steps can start from the champion. */
export function trainingOf(
  { steps }: Pick<Pipeline, 'steps'>,
  known: { readonly champion: ModelVersion | undefined; readonly verdict: Verdict; readonly zero: string | undefined },
): RetrainReport['training'] {
  const { champion, verdict, zero } = known;
  if (verdict.decision !== 'retrain' || !canStartWarm(steps)) return undefined;
  if (champion === undefined) return { from: 'zero', because: 'no version serves yet' };
  return zero === undefined
    ? { from: 'champion', because: `${champion.model}@${champion.version} serves` }
    : { from: 'zero', because: zero };
}
