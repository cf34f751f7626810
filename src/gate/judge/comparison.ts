import type { GateCheck } from '../../domain/models/model.js';
import { normalQuantile } from '../../statistics/normal.js';
import type { Difference } from './difference.js';
import { figure, signed } from './figure.js';
import { type Comparison, type ScoredRival, scoreOf } from './judgement-input.js';
import { isSameMetric, lowerGain, pairedDifference } from './paired.js';

/**
 * Compares the candidate with one rival, in the direction in which the metric improves. With `confidence` the margin
 * must hold at the one-sided lower end of the interval, so too little data does not pass.
 */
export function compareWithRival(compared: Comparison): GateCheck {
  const { rule, kind, limit, name, rival } = compared;
  const candidate = scoreOf(compared.candidate, rule.metric, 'the candidate');
  const other = scoreOf(rival.scored, rule.metric, `the ${rival.label}`);
  const problem = [candidate, other].find((value) => typeof value === 'string');
  if (typeof candidate === 'string' || typeof other === 'string')
    return { name, verdict: 'fail', limit, detail: String(problem) };
  if (rule.isRelative && other === 0) {
    const detail = `a relative margin of a ${rival.label} at 0 means nothing; use an absolute one`;
    return { name, verdict: 'fail', limit, detail };
  }
  const margin = rule.isRelative ? limit * Math.abs(other) : limit;
  const better = rule.direction === 'higher' ? 1 : -1;
  const gain = better * (candidate - other);
  const values = `candidate ${figure(candidate)}, ${rival.label} ${figure(other)} (${figure(Math.abs(gain))} ${gain < 0 ? 'worse' : 'better'})`;
  const least = kind === 'max_regression' ? -margin : margin;
  if (kind === 'max_improvement')
    return { name, ...kept(margin - gain, margin), observed: gain, limit: margin, detail: values };
  if (rule.confidence === undefined)
    return { name, ...kept(gain - least, margin), observed: gain, limit: least, detail: values };
  return withConfidence({ name, least, margin, values, better, compared, score: candidate }, rule.confidence);
}

/** Tolerates rounding errors: 0.7 − 0.69 keeps a margin of 0.01. */
const kept = (room: number, margin: number): Pick<GateCheck, 'verdict'> => ({
  verdict: room >= -1e-12 * Math.max(1, Math.abs(margin)) ? 'pass' : 'fail',
});

interface Bounded {
  readonly name: string;
  /** The gain that must be reached with confidence. */
  readonly least: number;
  readonly margin: number;
  readonly values: string;
  readonly better: 1 | -1;
  readonly compared: Comparison;
  /** The candidate's score according to `evaluate`. */
  readonly score: number;
}

function withConfidence(bounded: Bounded, confidence: number): GateCheck {
  const { name, least, values, better, compared } = bounded;
  const { metric } = compared.rule;
  const found = interval(metric, compared.rival, bounded.score);
  if (typeof found === 'string') return { name, verdict: 'fail', limit: least, detail: `${values}; ${found}` };
  const lower = lowerGain(found, better, confidence);
  const { verdict } = kept(lower - least, bounded.margin);
  const missing = verdict === 'pass' ? '' : rowsMissing(bounded, found, confidence);
  const detail = `${values}; with ${Number((confidence * 100).toFixed(2))} % confidence at least ${signed(lower)} on ${found.rows} paired rows${missing}`;
  return { name, verdict, observed: lower, limit: least, detail };
}

/** What to write where `evaluate` writes no predictions. */
export const NO_PREDICTIONS =
  'let "evaluate" write { "predictions": "predictions.csv" }, a table with the columns id,label,prediction';

function interval(metric: string, { pairs, unpaired }: ScoredRival, score: number): Difference | string {
  if (pairs === undefined)
    return `"confidence" needs predictions of the same rows from both models: ${unpaired ?? NO_PREDICTIONS}`;
  const found = pairedDifference(metric, pairs);
  if (found === undefined)
    return '"confidence" needs a metric that can be computed from predictions (auc, average_precision, log_loss, brier, accuracy, balanced_accuracy, f1, precision, recall, mcc, mae, mse, rmse, mape, r2)';
  if (!isSameMetric(found, score))
    return `the predictions give the candidate ${metric} ${figure(found.candidate)}, so the interval would belong to another metric`;
  return found;
}

/**
 * How many rows would make the interval narrow enough. Its width shrinks with the square root of the number of rows.
 * More rows do not help a candidate that is worse than allowed.
 */
function rowsMissing({ least, better }: Bounded, found: Difference, confidence: number): string {
  const room = better * found.difference - least;
  if (room <= 0) return '';
  const width = normalQuantile(confidence) * found.standardError;
  const needed = Math.ceil(found.rows * (width / room) ** 2);
  return needed <= found.rows ? '' : `; too few rows to be sure: about ${needed} are needed at this difference`;
}
