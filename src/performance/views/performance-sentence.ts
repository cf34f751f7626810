import type { PerformanceEpisode, PerformanceReport, WithoutLabels } from '../../domain/data/performance.js';
import { figure, moment, span, threeDigits } from '../../render/parts/parts.js';
import { describeEpisode } from './episode-sentence.js';

/** The result of a check in one sentence. */
export function describePerformance(report: Omit<PerformanceReport, 'detail'>): string {
  const { verdict, findings, current, metric } = report;
  if (verdict === 'undecided') {
    const [fault] = findings.filter((one) => one.severity === 'error');
    if (fault !== undefined) return fault.detail;
    if (report.dueFrom !== undefined)
      return `no prediction is due yet: labels come ${span(report.delayMs)} after it, so the first is judged from ${moment(report.dueFrom)} on`;
    if (report.undecidedBecause === 'no-predictions') return 'no prediction was logged in the window';
    if (current?.labelled === 0 && current.predictions > 0) return `no label has arrived yet${withoutLabels(report)}`;
  }
  const value = current?.estimate;
  if (value === undefined || metric === undefined)
    return `${metric ?? 'the metric'} cannot be had from the window's rows`;
  const now = `${metric} is ${figure(value.value)} (${threeDigits(value.lower)} to ${threeDigits(value.upper)}) in the ${span(report.windowMs)} to ${moment(report.asOf)}`;
  if (verdict === 'undecided') return `${now}; ${report.undecidedBecause ?? ''}`;
  const { fall = 0, limit = 0, reference = 0, spread = 0, episode, change } = report;
  const way = `${threeDigits(Math.abs(fall))} ${fall > 0 ? 'worse' : 'better'} than ${figure(reference)}`;
  const swing = `limit ${threeDigits(limit)}: it swings by ${threeDigits(spread)} from window to window`;
  const found = verdict !== 'drift' || episode === undefined ? '' : `. ${fallText(metric, episode, fall <= limit)}`;
  const since = verdict === 'drift' && change !== undefined ? `. ${change.sentence}` : '';
  const usual =
    verdict === 'stable' && fall > limit ? '. Single windows have been as bad before, and good again after' : '';
  return `${now}, ${way} (${swing})${usual}${found}${since}`;
}

/** A fall that has lasted, or that the current window alone does not show. */
function fallText(metric: string, episode: PerformanceEpisode, isWithinLimit: boolean): string {
  const fallen = `Fallen: ${describeEpisode(metric, episode)}`;
  return isWithinLimit ? `${fallen}; not yet surely back` : fallen;
}

function withoutLabels({ withoutLabels: known }: Omit<PerformanceReport, 'detail'>): string {
  const drift = known?.predictionDrift;
  const estimated = known?.estimated;
  const moved =
    drift === undefined || drift.verdict === 'undecided'
      ? ''
      : `; the predictions ${drift.verdict === 'drift' ? 'have moved' : 'have not moved'} (${threeDigits(drift.score ?? 0)}, limit ${threeDigits(drift.limit ?? 0)})`;
  const guess =
    estimated === undefined
      ? ''
      : `; ${estimated.metric} would be about ${threeDigits(estimated.value)} (${basisText(estimated)}), an estimate that cannot see concept drift`;
  return `${moved}${guess}`;
}

function basisText({ comparedWith, atGate = 0 }: NonNullable<WithoutLabels['estimated']>): string {
  if (comparedWith === 'nothing') return 'if the predictions are calibrated';
  return `${threeDigits(atGate)} ${comparedWith === 'gate' ? 'at the gate' : 'in the earlier rows'}`;
}
