import type { Failure } from '../failure.js';
import type { ReadFault } from './read-fault.js';

/**
 * The failure of a table that may have no broken row. `isGrowing`: its files are still being written, so a last line
 * without a line break is not a fault.
 */
export function brokenRowFailure(faults: readonly ReadFault[], { isGrowing = false } = {}): Failure | undefined {
  for (const fault of faults) {
    if (fault.kind !== 'broken-rows') continue;
    const first = fault.first.find((row) => !isGrowing || row.why !== 'cut');
    if (first === undefined) continue;
    const { file, line, why, fields, text } = first;
    const problem = { kind: 'broken-row', why, fields, names: fault.names, text } as const;
    return { code: 'table-malformed', path: file, line, problem };
  }
  return undefined;
}
