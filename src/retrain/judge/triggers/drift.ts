import { type DriftReport, type FeatureDrift, hasMoved } from '../../../domain/data/drift.js';
import type { Measurements } from '../../../domain/decisions/measurements.js';
import type { Trigger } from '../../../domain/pipeline/pipeline.js';
import { instantOf, toIso } from '../../../domain/support/time.js';
import { type Seen, stateOf } from './seen.js';

type DataDrift = Extract<Trigger, { readonly kind: 'data_drift' }>;
type OutcomeDrift = Extract<Trigger, { readonly kind: 'target_drift' | 'prediction_drift' }>;

/** Fires when inputs have drifted. `consequence` is the evidence that it matters, where predictions are monitored. */
export function measureDataDrift(trigger: DataDrift, measured: Measurements, consequence: string | undefined): Seen {
  const { drift } = measured;
  const base = { condition: 'data_drift', threshold: trigger.share };
  if (drift === undefined || typeof drift === 'string')
    return { ...base, state: 'undecided', detail: drift ?? 'it was not measured' };
  const { drifted, total, names, broken } = countInputs(drift);
  if (total === 0)
    return { ...base, state: 'undecided', detail: drift.undecidedBecause ?? 'no column could be judged' };
  const share = drifted / total;
  const isDrift = share >= trigger.share && drifted > 0;
  const isEnough = trigger.on === 'any' || measured.isWatchingPredictions !== true || consequence !== undefined;
  return {
    ...base,
    state: isDrift && !isEnough ? 'suggests' : stateOf(isDrift),
    measured: Number(share.toFixed(4)),
    detail: [
      `${drifted} of ${total} columns drifted${names.length === 0 ? '' : `: ${names.join(', ')}`}`,
      ...(isDrift && !isEnough
        ? ['but neither predictions nor loss have moved: "on: any" would train all the same']
        : []),
      ...(broken.length === 0 ? [] : [`${broken.join(', ')} not judged: broken data`]),
      ...seasonText(drift.features.filter((one) => one.role === 'feature')),
      ...expectedText(drift),
      ...(isDrift && measured.isWatchingPredictions === true && consequence !== undefined ? [consequence] : []),
    ].join(', '),
    ...sinceOf(drift),
    windowEnd: measured.now,
  };
}

/** The columns that are as in the same weeks of an earlier year, which count as part of the reference. */
function seasonText(features: readonly FeatureDrift[]): readonly string[] {
  const seasonal = features.filter((one) => one.season !== undefined);
  const [season] = seasonal.flatMap((one) => one.season ?? []);
  if (season === undefined) return [];
  const [since, until] = [season.since, instantOf(season.until - 1)].map((at) => toIso(at).slice(0, 10));
  return [
    `${seasonal.map((one) => one.name).join(', ')} as in the same weeks of an earlier year, ${since} to ${until}, which are part of the reference`,
  ];
}

/** What the events explain that were declared as expected. */
function expectedText({ features, events = [] }: DriftReport): readonly string[] {
  const expected = features.filter((one) => one.role === 'feature' && one.isExpected === true).map((one) => one.name);
  const names = events.filter((event) => event.effect === 'suppress').map((event) => `"${event.name}"`);
  return expected.length === 0 ? [] : [`${expected.join(', ')} expected during ${names.join(', ')}`];
}

/** A broken column counts in the total: a fault in one column must not make a larger share of the others. */
function countInputs({ features, drifted, total }: DriftReport) {
  const inputs = features.filter((one) => one.role === 'feature');
  const named = (is: (one: FeatureDrift) => boolean): readonly string[] => inputs.filter(is).map((one) => one.name);
  const names = named(hasMoved);
  if (inputs.length === 0) return { drifted, total, names, broken: [] };
  const broken = named((one) => one.verdict === 'finding');
  const judged = names.length + named((one) => one.verdict === 'stable').length;
  return { drifted: names.length, total: judged === 0 ? 0 : judged + broken.length, names, broken };
}

/** Fires when the distribution of the label or of the predictions has drifted. */
export function measureOutcomeDrift(trigger: OutcomeDrift, measured: Measurements): Seen {
  const { drift } = measured;
  const { kind } = trigger;
  const unknown = (detail: string): Seen => ({ condition: kind, state: 'undecided', detail });
  if (drift === undefined || typeof drift === 'string') return unknown(drift ?? 'it was not measured');
  const feature = ofRole(drift, kind === 'target_drift' ? 'label' : 'prediction');
  if (feature === undefined)
    return unknown(`no ${kind === 'target_drift' ? 'label' : 'prediction'} was compared by check-drift`);
  if (feature.verdict === 'undecided' || feature.verdict === 'finding' || feature.score === undefined)
    return unknown(`${feature.name}: ${feature.detail ?? feature.verdict}`);
  const limit = trigger.score ?? feature.threshold;
  const isFar = trigger.score === undefined || feature.score >= trigger.score;
  return {
    condition: kind,
    state: stateOf(hasMoved(feature) && isFar),
    measured: Number(feature.score.toFixed(4)),
    threshold: limit === undefined ? undefined : Number(limit.toFixed(4)),
    detail: [
      `${feature.name} ${hasMoved(feature) ? 'drifted' : 'is stable'} (${feature.method})`,
      ...seasonText([feature]),
    ].join(', '),
    ...sinceOf(drift),
    windowEnd: measured.now,
  };
}

/** A sentence if the predictions have drifted; `undefined` if not. */
export function predictionsMoved({ drift }: Measurements): string | undefined {
  const feature = drift === undefined || typeof drift === 'string' ? undefined : ofRole(drift, 'prediction');
  return feature !== undefined && hasMoved(feature) ? `and the predictions moved (${feature.name})` : undefined;
}

/** One column for a role: the first that has moved, else the first stable one, else the first. */
const ofRole = ({ features }: DriftReport, role: FeatureDrift['role']): FeatureDrift | undefined => {
  const own = features.filter((one) => one.role === role);
  return own.find(hasMoved) ?? own.find((one) => one.verdict === 'stable') ?? own[0];
};

const sinceOf = ({ current }: DriftReport) => (current?.from === undefined ? {} : { since: current.from });
