import type { Measurements } from '../../../domain/decisions/measurements.js';
import type { Command } from '../../../domain/pipeline/pipeline.js';
import { type Seen, stateOf } from './seen.js';

/** The key under which a command's exit code is stored. */
export const commandKey = (command: Command): string => JSON.stringify(command);

/** Fires when the user's command exits with 0. */
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
