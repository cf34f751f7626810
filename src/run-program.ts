import { type Command, CommanderError } from 'commander';
import { UsageError } from './cli/action.js';
import { EXIT } from './cli/exit-codes.js';
import { joinForce } from './cli/selection.js';
import { terminalWidth } from './cli/terminal-width.js';
import { VERSION } from './cli/version.js';
import { messageOf } from './domain/support/system-error.js';
import { worldFailure } from './domain/support/world-failure.js';
import { createProgram } from './program.js';
import { type ErrorFields, errorDocument } from './render/parts/error-document.js';
import { printableText } from './render/parts/printable.js';
import { wrapLine } from './render/parts/wrap.js';
import { usageProblem } from './usage-problem.js';

/** The error boundary. Everything that arrives here is wrong usage or a bug. */
export async function runProgram(): Promise<void> {
  const words = process.argv.slice(2);
  let program: Command | undefined;
  try {
    program = await createProgram(words[0]);
    for (const command of [program, ...program.commands]) command.exitOverride();
    await program.parseAsync(joinForce(process.argv));
  } catch (error) {
    if (error instanceof CommanderError || error instanceof UsageError) await reportUsage(error, program, words);
    else reportFault(error, words);
  }
}

async function reportUsage(
  error: CommanderError | UsageError,
  program: Command | undefined,
  words: readonly string[],
): Promise<void> {
  // `refit` alone prints the help, and has nothing to add.
  const isHelp = error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help');
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (isHelp) return;
  const { message, next } = await usageProblem(error, program, words);
  report({ code: 'usage', message, where: null, next }, words);
}

/** What no command could report. */
function reportFault(error: unknown, words: readonly string[]): void {
  if (isOutOfDescriptors(error)) {
    process.exitCode = EXIT.failed;
    const next = 'raise the limit (ulimit -n), or run fewer steps at a time (--jobs)';
    report({ code: 'too-many-open-files', message: error.message, where: null, next }, words);
    return;
  }
  if (isIncomplete(error)) {
    process.exitCode = EXIT.failed;
    const next =
      'install refit again, with optional packages and on this kind of machine; see docs/install.md, and refit --version --verbose';
    report({ code: 'installation-incomplete', message: error.message.split('\n')[0] ?? '', where: null, next }, words);
    return;
  }
  const refused = refusal(error);
  if (refused !== undefined) {
    process.exitCode = EXIT.failed;
    report(refused, words);
    return;
  }
  process.exitCode = EXIT.bug;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printProblem(
    `${text}\n\nThis is a bug in refit ${VERSION} (node ${process.version}, ${process.platform}).\nNothing recorded is lost. Please report it with the lines above and the command you gave.\n`,
  );
  const message = messageOf(error);
  printDocument({ code: 'bug', message, where: null, next: 'report it with the lines on stderr' }, words);
}

function report(fields: ErrorFields, words: readonly string[]): void {
  const columns = terminalWidth(process.stderr);
  const { code, message, where, next } = fields;
  const text = `error ${code} ${where === null ? '' : `${where}: `}${message}`;
  const lines = [...text.split('\n'), ...(next === null ? [] : [`  → ${next}`])];
  printProblem(`${lines.flatMap((line) => wrapLine(line, columns)).join('\n')}\n`);
  printDocument(fields, words);
}

/** With `--json` the problem is also the document. Nothing was printed to stdout before. */
function printDocument(fields: ErrorFields, words: readonly string[]): void {
  const end = words.indexOf('--');
  if (!(end < 0 ? words : words.slice(0, end)).includes('--json')) return;
  const [command = null] = words.filter((word) => !word.startsWith('-'));
  process.stdout.write(errorDocument(command, fields));
}

/** What the disk refused before a command began or after it ended; what it refuses in between is the answer of the command. */
function refusal(error: unknown): ErrorFields | undefined {
  if (isFolderGone(error))
    return {
      code: 'file-unreadable',
      message: 'the folder in which refit was started was removed',
      where: '.',
      next: 'change to a folder that is there, and repeat the command',
    };
  const failure = worldFailure(error);
  if (failure === undefined || !('path' in failure) || !('reason' in failure)) return undefined;
  return {
    code: failure.code,
    message: failure.reason,
    where: failure.path,
    next: 'check the disk and its permissions, and repeat the command',
  };
}

const isFolderGone = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';

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
