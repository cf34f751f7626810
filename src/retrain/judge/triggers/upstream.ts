import type { Measurements } from '../../../domain/decisions/measurements.js';
import { toIso } from '../../../domain/support/time.js';
import { type Seen, stateOf } from './seen.js';

/** Fires when a model that this one is built on serves another version than at the last training. */
export function measureUpstream(model: string, measured: Measurements): Seen {
  const move = measured.upstream?.[model] ?? 'it was not measured';
  if (typeof move === 'string') return { condition: 'upstream', state: 'undecided', detail: move };
  const isNew = move.generation > move.known;
  return {
    condition: 'upstream',
    state: stateOf(isNew),
    measured: `${model}@${move.version}`,
    detail: isNew
      ? `${model}@${move.version} serves since ${toIso(move.at)}`
      : `${model}@${move.version} served already at the last training`,
    since: isNew ? move.at : undefined,
    occasions: [`${model}:${move.generation}`],
  };
}
