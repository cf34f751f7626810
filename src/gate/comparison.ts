import type { GateCheck } from '../domain/model.js';
import { figure, signed } from './figure.js';
import { type Comparison, scoreOf } from './judged.js';
import { normalQuantile } from './normal.js';
import { type PairedPredictions, pairedDifference } from './paired.js';

/**
 * Candidate against champion, in the direction in which the metric is better. With `confidence` the margin must hold at
 * the one-sided lower end of the interval: too little data does not pass.
 */
export function compareWithChampion(compared: Comparison, pairs: PairedPredictions | undefined): GateCheck {
  const { rule, kind, limit, name } = compared;
  const candidate = scoreOf(compared.candidate, rule.metric, 'the candidate');
  const champion = scoreOf(compared.champion, rule.metric, 'the champion');
  const problem = [candidate, champion].find((value) => typeof value === 'string');
  if (typeof candidate === 'string' || typeof champion === 'string')
    return { name, verdict: 'fail', limit, detail: String(problem) };
  const margin = rule.isRelative ? limit * Math.abs(champion) : limit;
  if (rule.isRelative && champion === 0)
    return {
      name,
      verdict: 'fail',
      limit,
      detail: 'a relative margin of a champion at 0 means nothing; use an absolute one',
    };
  const better = rule.direction === 'higher' ? 1 : -1;
  const gain = better * (candidate - champion);
  const values = `candidate ${figure(candidate)}, champion ${figure(champion)} (${figure(Math.abs(gain))} ${gain < 0 ? 'worse' : 'better'})`;
  if (kind === 'max_improvement')
    return { name, verdict: gain <= margin ? 'pass' : 'fail', observed: gain, limit: margin, detail: values };
  const least = kind === 'max_regression' ? -margin : margin;
  if (rule.confidence === undefined)
    return { name, verdict: gain >= least ? 'pass' : 'fail', observed: gain, limit: least, detail: values };
  return withConfidence({ name, least, values, better, metric: rule.metric, confidence: rule.confidence }, pairs);
}

interface Bounded {
  readonly name: string;
  /** The gain that must be surely reached. */
  readonly least: number;
  readonly values: string;
  readonly better: 1 | -1;
  readonly metric: string;
  readonly confidence: number;
}

function withConfidence(bounded: Bounded, pairs: PairedPredictions | undefined): GateCheck {
  const { name, least, values, better, confidence } = bounded;
  const found = pairs === undefined ? undefined : pairedDifference(bounded.metric, pairs);
  if (found === undefined)
    return {
      name,
      verdict: 'fail',
      limit: least,
      detail: `${values}; "confidence" needs predictions of the same rows from both models and a metric with a paired interval (auc, log_loss, brier, mae, mse, accuracy)`,
    };
  const lower = better * found.difference - normalQuantile(confidence) * found.standardError;
  const verdict = lower >= least ? 'pass' : 'fail';
  return {
    name,
    verdict,
    observed: lower,
    limit: least,
    detail: `${values}; with ${confidence * 100} % confidence at least ${signed(lower)} on ${found.rows} paired rows`,
  };
}
