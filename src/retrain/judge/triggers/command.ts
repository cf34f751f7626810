import type { Measurements } from '../../../domain/decisions/measurements.js';
import type { Command } from '../../../domain/pipeline/pipeline.js';
import { type Seen, stateOf } from './seen.js';

/** Text by which a command's exit code is found again. */
export const commandKey = (command: Command): string => JSON.stringify(command);

/** A command of the user's own says so, by exiting with 0. */
export function measureCommand(command: Command, measured: Measurements): Seen {
  const code = measured.commands[commandKey(command)] ?? 'it was not run';
  if (typeof code === 'string') return { condition: 'command', state: 'undecided', detail: code };
  return {
    condition: 'command',
    state: stateOf(code === 0),
    measured: code,
    threshold: 0,
    detail: `it exited with ${code}`,
  };
}
