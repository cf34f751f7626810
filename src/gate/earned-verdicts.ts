import type { EarnedVerdict, EarnedVersion } from '../domain/data/performance.js';
import type { Evaluation } from '../domain/models/model.js';
import type { Pipeline } from '../domain/pipeline/pipeline.js';
import type { Services } from '../domain/ports/services.js';
import { rollbackObstacle } from '../models/rollback-obstacle.js';
import { isRolledBackFrom } from '../models/rolled-back.js';
import { type EarnedComparison, judgeEarned } from './judge/earned.js';
import { pairPredictions } from './pair-predictions.js';

/**
 * Whether retraining was worth it: the champion against the version before it and the first one, by the gate's first
 * metric. Without such a metric there is no verdict.
 */
export async function earnedVerdicts(
  services: Services,
  pipeline: Pipeline,
  earned: readonly EarnedVersion[],
): Promise<readonly EarnedVerdict[]> {
  const [champion, ...others] = earned;
  const rule = pipeline.model?.gate.find((one) => one.kind === 'metric');
  if (champion === undefined || rule?.kind !== 'metric') return [];
  const verdicts: EarnedVerdict[] = [];
  for (const other of others) {
    const { metric, direction } = rule;
    const verdict = await judged(services, { metric, direction, champion, other });
    if (verdict !== undefined) verdicts.push(withOffer(services, pipeline, verdict));
  }
  return verdicts;
}

/** An older version that is surely better is offered, unless somebody rolled back from it or it may not serve again. */
function withOffer(services: Pick<Services, 'registry'>, { model }: Pipeline, verdict: EarnedVerdict): EarnedVerdict {
  const version = services.registry.models.get(verdict);
  if (verdict.verdict !== 'worse' || version === undefined || isRolledBackFrom(services, verdict)) return verdict;
  if (rollbackObstacle(services, version, model?.approval) !== undefined) return verdict;
  return { ...verdict, offer: `refit rollback ${verdict.model} --to ${verdict.version} --reason "…"` };
}

/** Kept, because reading the predictions takes longer than the rest of `status`. */
async function judged(services: Services, asked: EarnedComparison): Promise<EarnedVerdict | undefined> {
  const { champion, other } = asked;
  const [mine] = services.registry.models.evaluations(champion);
  const theirs = services.registry.models
    .evaluations(other)
    .find((one: Evaluation) => mine !== undefined && one.dataHash === mine.dataHash);
  if (mine === undefined || theirs === undefined) return undefined;
  const name = `earned ${champion.model} ${other.name}`;
  const key = JSON.stringify([asked, mine.predictions ?? null, theirs.predictions ?? null]);
  const known = services.memo.read(name, key);
  if (known !== undefined) return known as EarnedVerdict;
  const { pairs } = await pairPredictions(services, mine, theirs, []);
  const verdict = judgeEarned({ ...asked, pairs });
  if (verdict !== undefined) services.memo.write(name, key, verdict);
  return verdict;
}
