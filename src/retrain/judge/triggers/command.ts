import type { Measurements } from '../../../domain/decisions/measurements.js';
import type { Command } from '../../../domain/pipeline/pipeline.js';
import { type Seen, stateOf } from './seen.js';

/** The key under which a command's exit code is stored. */
export const commandKey = (command: Command): string => JSON.stringify(command);

/** What a shell exits with when it does not answer, but could not ask (POSIX, XCU 2.8.2). */
const NOT_ASKED: Readonly<Record<number, string>> = {
  126: 'it exited with 126: the shell found it, and may not execute it',
  127: 'it exited with 127: the shell found no such command',
};

/** Why a command gave no exit code, by the kind of its end. */
const NO_ANSWER: Readonly<Record<string, string>> = {
  'timed-out': 'it ran for longer than 60 s and was ended',
  signalled: 'it was ended by a signal',
  cancelled: 'it was interrupted',
  'not-started': 'it could not be started',
};

/** Fires when the user's command exits with 0. A command that could not answer is undecided: `not` must not take it for a no. */
export function measureCommand(command: Command, measured: Measurements): Seen {
  const code = measured.commands[commandKey(command)] ?? 'it was not run';
  if (typeof code === 'string') return { condition: 'command', state: 'undecided', detail: NO_ANSWER[code] ?? code };
  const unasked = NOT_ASKED[code];
  if (unasked !== undefined) return { condition: 'command', state: 'undecided', measured: code, detail: unasked };
  return {
    condition: 'command',
    state: stateOf(code === 0),
    measured: code,
    threshold: 0,
    detail: `it exited with ${code}`,
  };
}
