import type { EarnedVerdict, EarnedVersion } from '../../domain/data/performance.js';
import type { PairedPredictions } from './difference.js';
import { figure, signed } from './figure.js';
import { lowerGain, pairedDifference } from './paired.js';

/** One-sided at either end: an interval of 95 %. */
const CONFIDENCE = 0.975;

export interface EarnedComparison {
  readonly metric: string;
  readonly direction: 'higher' | 'lower';
  readonly champion: EarnedVersion;
  readonly other: EarnedVersion;
  /** Predictions of both on the same rows, the champion's as the candidate's. */
  readonly pairs?: PairedPredictions;
}

/** What the champion gains over an older version, with an interval where their predictions allow one. */
export function judgeEarned({
  metric,
  direction,
  champion,
  other,
  pairs,
}: EarnedComparison): EarnedVerdict | undefined {
  const [now, then] = [champion.metrics[metric], other.metrics[metric]];
  if (now === undefined || then === undefined) return undefined;
  const better = direction === 'higher' ? 1 : -1;
  const gain = better * (now - then);
  const base = { metric, gain, name: other.name, model: other.model, version: other.version };
  const words = sentence({ ...base, isGoneBack: champion.version < other.version });
  const found = pairs === undefined ? undefined : pairedDifference(metric, pairs);
  if (found === undefined)
    return {
      ...base,
      verdict: 'unsure',
      detail: `${words}; no predictions of both on the same rows give an interval`,
    };
  const lower = lowerGain(found, better, CONFIDENCE);
  const upper = -lowerGain(found, better === 1 ? -1 : 1, CONFIDENCE);
  const verdict = lower > 0 ? 'better' : upper < 0 ? 'worse' : 'unsure';
  const interval = `95 %: ${signed(lower)} to ${signed(upper)} on ${found.rows} rows`;
  const unsure = verdict === 'unsure' ? ', which may be chance' : '';
  return { ...base, lower, upper, rows: found.rows, verdict, detail: `${words} (${interval})${unsure}` };
}

interface Base extends Pick<EarnedVerdict, 'metric' | 'gain' | 'name' | 'version'> {
  /** The champion is older than the other version: a rollback made it serve again, not a training. */
  readonly isGoneBack: boolean;
}

/** `version 1, never retrained, would have been better: −43 mae`. */
function sentence({ metric, gain, name, version, isGoneBack }: Base): string {
  if (name === 'scratch') return scratchSentence({ metric, gain, version });
  const who = name === 'first' ? `version ${version}, never retrained,` : `version ${version}`;
  if (gain < 0) return `${who} would have been better: ${signed(gain)} ${metric}`;
  return gain === 0
    ? `${who} would have been as good: an equal ${metric}`
    : `${who} would have been worse: ${isGoneBack ? 'the rollback' : 'retraining'} has earned ${figure(gain)} ${metric}`;
}

/** `version 4, trained from zero on the same data, is worse: the start from an earlier model has earned 0.01 auc`. */
function scratchSentence({ metric, gain, version }: Pick<Base, 'metric' | 'gain' | 'version'>): string {
  const who = `version ${version}, trained from zero on the same data,`;
  if (gain < 0) return `${who} is better: the start from an earlier model costs ${figure(-gain)} ${metric}`;
  return gain === 0
    ? `${who} is as good: an equal ${metric}`
    : `${who} is worse: the start from an earlier model has earned ${figure(gain)} ${metric}`;
}
