import { CommanderError } from 'commander';
import { UsageError } from './cli/action.js';
import { EXIT } from './cli/exit-codes.js';
import { joinForce } from './cli/selection.js';
import { VERSION } from './cli/version.js';
import { worldFailure } from './domain/support/world-failure.js';
import { createProgram } from './program.js';
import { printableText } from './render/parts/printable.js';

/** The error boundary. Everything that arrives here is wrong usage or a bug. */
export async function runProgram(): Promise<void> {
  try {
    const program = await createProgram(process.argv[2]);
    for (const command of [program, ...program.commands]) command.exitOverride();
    await program.parseAsync(joinForce(process.argv));
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    else if (error instanceof UsageError) {
      printProblem(`error usage ${error.message}\n${error.next === undefined ? '' : `  → ${error.next}\n`}`);
      process.exitCode = EXIT.usage;
    } else if (isOutOfDescriptors(error)) {
      printProblem(
        `error too-many-open-files ${error.message}\n  → raise the limit (ulimit -n), or run fewer steps at a time (--jobs)\n`,
      );
      process.exitCode = EXIT.failed;
    } else if (isIncomplete(error)) {
      printProblem(
        `error installation-incomplete ${error.message.split('\n')[0]}\n  → install refit again, with optional packages and on this kind of machine; see docs/install.md, and refit --version --verbose\n`,
      );
      process.exitCode = EXIT.failed;
    } else if (refusal(error) !== undefined) {
      printProblem(refusal(error) ?? '');
      process.exitCode = EXIT.failed;
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      printProblem(
        `${text}\n\nThis is a bug in refit ${VERSION} (node ${process.version}, ${process.platform}).\nNothing recorded is lost. Please report it with the lines above and the command you gave.\n`,
      );
      process.exitCode = EXIT.bug;
    }
  }
}

/** What the disk refused before a command began or after it ended; what it refuses in between is the answer of the command. */
function refusal(error: unknown): string | undefined {
  const failure = worldFailure(error);
  if (failure === undefined || !('path' in failure) || !('reason' in failure)) return undefined;
  return `error ${failure.code} ${failure.path}: ${failure.reason}\n  → check the disk and its permissions, and repeat the command\n`;
}

/** What the command line or a stack trace quotes is shown, not obeyed. */
function printProblem(text: string): void {
  process.stderr.write(printableText(text));
}

/** A package with compiled code is missing, or is for another system. */
const isIncomplete = (error: unknown): error is Error =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ERR_DLOPEN_FAILED' ||
    (error.code === 'MODULE_NOT_FOUND' && /@duckdb|better.sqlite3/.test(error.message)));

/** Out of file descriptors. Node needs one to open any file, even the next module of refit. */
const isOutOfDescriptors = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
