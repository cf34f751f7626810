import type { Trigger } from '../../domain/pipeline.js';
import type { Measurements } from '../measurements.js';
import type { Seen } from './seen.js';

/** The model has become worse. Also what makes a movement of the inputs a reason to train. */
export function measurePerformance(
  trigger: Extract<Trigger, { readonly kind: 'performance' }>,
  _measured: Measurements,
): Seen {
  return { condition: trigger.kind, state: 'undecided', detail: 'not measured by this version' };
}
