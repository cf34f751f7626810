import type { Measurements } from '../../../domain/decisions/measurements.js';
import { toIso } from '../../../domain/support/time.js';
import { type Seen, stateOf } from './seen.js';

/** Id of an event to train for, the same for every place in the tree that refers to it. */
export const eventTrigger = (name: string, key: string): string => `event:${name}:${key}`;

/** Fires for each event reported with `refit trigger`, once for each id. */
export function measureEvent(name: string, { events }: Measurements): Seen {
  const pending = events?.[name] ?? [];
  const first = pending[0];
  return {
    condition: 'event',
    state: stateOf(first !== undefined),
    measured: pending.length,
    threshold: 1,
    detail:
      first === undefined
        ? `no ${name} since the last training`
        : `${name} ${pending.map((one) => one.key).join(', ')}, since ${toIso(first.at)}`,
    since: first === undefined ? undefined : first.at,
    occasions: pending.map((one) => one.key),
  };
}
