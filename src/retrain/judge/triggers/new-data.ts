import type { Measurements } from '../../../domain/decisions/measurements.js';
import type { Trigger } from '../../../domain/pipeline/pipeline.js';
import { type Seen, stateOf } from './seen.js';

type NewDataTrigger = Extract<Trigger, { readonly kind: 'new_data' }>;

const UNITS = ['rows', 'files', 'bytes', 'labels'] as const;

/**
 * Counts new rows, files, bytes or labels. An edge counts since the newest training, so data that was tried does not
 * fire again. A level counts since the champion's training.
 */
export function measureNewData(trigger: NewDataTrigger, fires: 'edge' | 'level', measured: Measurements): Seen {
  const seen = measured.newData[trigger.dataset ?? ''] ?? 'it was not measured';
  const of = trigger.dataset === undefined ? '' : ` of ${trigger.dataset}`;
  const unknown = (why: string): Seen => ({
    condition: 'new_data',
    state: 'undecided',
    detail: `${trigger.dataset === undefined ? '' : `dataset ${trigger.dataset}: `}${why}`,
  });
  if (typeof seen === 'string') return unknown(seen);
  const since = fires === 'edge' ? seen.training : seen.champion;
  if (typeof since === 'string') return unknown(since);
  const limits = UNITS.filter((unit) => trigger[unit] !== undefined);
  const reached = limits.filter((one) => (since[one] ?? 0) >= (trigger[one] ?? Number.POSITIVE_INFINITY));
  const unit = reached[0] ?? limits[0] ?? 'rows';
  if (since[unit] === undefined) return unknown('no training has recorded how many labels there were');
  return {
    condition: 'new_data',
    state: stateOf(reached.length > 0),
    measured: since[unit],
    threshold: trigger[unit] ?? null,
    detail: `${since[unit]} new ${unit}${of} since ${fires === 'edge' ? 'the last training' : "the champion's data"}`,
    occasions: [seen.training.run],
  };
}
