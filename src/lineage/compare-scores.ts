import type { Evaluation, ModelVersion } from '../domain/models/model.js';
import type { Services } from '../domain/ports/services.js';
import type { ComparedRun, ScoreComparison, ScoreDifference } from '../domain/runs/run-diff.js';
import { intervalOf, isSameMetric, pairedDifference } from '../gate/judge/paired.js';
import { type Paired, pairPredictions } from '../gate/pair-predictions.js';

const CONFIDENCE = 0.95;

interface Scored {
  readonly before?: Evaluation;
  readonly after?: Evaluation;
  readonly isSameData: boolean;
}

/** The scores of both versions, on the same data if they were ever scored on the same, with intervals where rows allow them. */
export async function compareScores(
  services: Services,
  before: ComparedRun,
  after: ComparedRun,
): Promise<ScoreComparison> {
  const scored = chooseEvaluations(services, before, after);
  const [old, fresh] = [scored.before?.metrics ?? {}, scored.after?.metrics ?? {}];
  const paired =
    scored.before === undefined || scored.after === undefined
      ? { unpaired: 'one side has no scores' }
      : await pairPredictions(services, scored.after, scored.before, []);
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])];
  return {
    isSameData: scored.isSameData,
    scores: names.map((name) => ({
      name,
      before: old[name],
      after: fresh[name],
      ...intervalFor(name, paired, [old[name], fresh[name]]),
    })),
  };
}

/** The newest evaluations on the same data; else the newest of each side. */
function chooseEvaluations({ registry }: Services, before: ComparedRun, after: ComparedRun): Scored {
  const of = (version: ModelVersion | undefined): readonly Evaluation[] =>
    version === undefined ? [] : registry.models.evaluations(version).toReversed();
  const [old, fresh] = [of(before.version), of(after.version)];
  for (const one of fresh) {
    const other = old.find(({ dataHash }) => dataHash === one.dataHash);
    if (other !== undefined) return { before: other, after: one, isSameData: true };
  }
  return { before: old[0], after: fresh[0], isSameData: false };
}

function intervalFor(
  metric: string,
  { pairs, unpaired }: Paired,
  [old, fresh]: readonly [number | undefined, number | undefined],
): Pick<ScoreDifference, 'interval' | 'withoutInterval'> {
  if (old === undefined || fresh === undefined) return { withoutInterval: 'one side does not have it' };
  if (pairs === undefined) return { withoutInterval: unpaired };
  const found = pairedDifference(metric, pairs);
  if (found === undefined) return { withoutInterval: 'it cannot be computed from predictions' };
  const isReported =
    isSameMetric(found, fresh) && isSameMetric({ ...found, candidate: found.candidate - found.difference }, old);
  if (!isReported) return { withoutInterval: 'the predictions give another value than "evaluate" reports' };
  const [lower, upper] = intervalOf(found, CONFIDENCE);
  if (!Number.isFinite(lower) || !Number.isFinite(upper)) return { withoutInterval: 'the rows do not allow one' };
  return { interval: { lower, upper, rows: found.rows } };
}
