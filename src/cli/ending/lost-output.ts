import { reasonOf, systemCode } from '../../domain/support/system-error.js';
import { EXIT } from '../exit-codes.js';

/**
 * Reports a result that stdout did not take (a full disk under `> result.json`) and lets refit exit with 1 instead of 0. A reader
 * that stopped reading (`refit runs | head -1`) is no error. A closed stderr must not end a run, and can be told to nobody.
 */
export function watchOutput(): void {
  let isLost = false;
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error) => {
    if (isLost || systemCode(error) === 'EPIPE') return;
    isLost = true;
    process.stderr.write(
      `error file-unwritable stdout cannot be written: ${reasonOf(error)}\n  → what the command did stands, only its result was not printed; make room, then print it with a command that only reads\n`,
    );
    // The command sets its own exit code later: another one than 0 is kept.
    process.once('exit', () => {
      process.exitCode ||= EXIT.failed;
    });
  });
}
