import { type DriftReport, hasMoved } from '../../domain/data/drift.js';

const NAMED = 3;

/** Adds the report's sentence. The verdict is about the whole table; a segment may drift while the table is stable. */
export function withDetail(report: DriftReport): DriftReport {
  const detail = [predictionSentence(report), segmentSentence(report), versionSentence(report)]
    .filter((one) => one !== undefined)
    .join('; ');
  const { detail: _, ...bare } = report;
  return detail === '' ? bare : { ...bare, detail };
}

/** Whether the drift of the inputs also shows in the predictions. Then it matters more. */
function predictionSentence({ features, verdict }: DriftReport): string | undefined {
  const isMoved = features.some((one) => one.role === 'feature' && hasMoved(one));
  const prediction = features.find((one) => one.role === 'prediction' && one.score !== undefined);
  if (verdict !== 'drift' || prediction === undefined || prediction.verdict === 'finding') return undefined;
  if (hasMoved(prediction))
    return isMoved
      ? `the predictions (${prediction.name}) move with the inputs`
      : `the predictions (${prediction.name}) move though no input does: look at what serves them`;
  return prediction.verdict === 'stable' ? `the predictions (${prediction.name}) have not moved` : undefined;
}

function segmentSentence({ segments, verdict }: DriftReport): string | undefined {
  const drifting = segments.filter((segment) => segment.verdict === 'drift');
  if (drifting.length === 0) return undefined;
  const named = drifting.slice(0, NAMED).map((one) => `${one.name}=${one.value} (${one.drifted.join(', ')})`);
  const more = drifting.length > NAMED ? ` and ${drifting.length - NAMED} more` : '';
  return `${drifting.length} of ${segments.length} segments drift${verdict === 'drift' ? '' : ', the table as a whole does not'}: ${named.join(', ')}${more}`;
}

function versionSentence({ nearestVersion: nearest, verdict }: DriftReport): string | undefined {
  if (nearest === undefined || verdict !== 'drift' || !nearest.isClearlyCloser) return undefined;
  const [its, champions] = [nearest.distance, nearest.championDistance].map((one) => Number(one.toPrecision(2)));
  return `the data of ${nearest.model}@${nearest.version} is closer to now (${its}) than the champion's (${champions}): rolling back may beat retraining`;
}
