import type { Measurements } from '../../../domain/decisions/measurements.js';
import { toIso } from '../../../domain/support/time.js';
import { type Seen, stateOf } from './seen.js';

/** Id of what an event is to be trained for; the same wherever in the tree it is asked for. */
export const eventTrigger = (name: string, key: string): string => `event:${name}:${key}`;

/** `refit trigger` has said that something happened; each id once. */
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
