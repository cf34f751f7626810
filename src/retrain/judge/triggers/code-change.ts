import { createHash } from 'node:crypto';
import type { Measurements } from '../../../domain/decisions/measurements.js';
import { type Seen, stateOf } from './seen.js';

/**
 * Fires when commands or code inputs of steps differ from the champion's. A change that was tried and refused fires
 * again only after another change.
 */
export function measureCodeChange({ codeChanges, championVersion }: Measurements): Seen {
  if (typeof codeChanges === 'string') return { condition: 'code_change', state: 'undecided', detail: codeChanges };
  const names = codeChanges.map((one) => one.what);
  return {
    condition: 'code_change',
    state: stateOf(names.length > 0),
    measured: names.length,
    threshold: 1,
    detail: names.length === 0 ? "code and commands are the champion's" : `changed: ${names.slice(0, 5).join(', ')}`,
    occasions: names.length === 0 ? [] : [`v${championVersion ?? 0}:${digest(codeChanges)}`],
  };
}

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
