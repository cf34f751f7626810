import type { Check } from '../domain/check.js';
import type { Failure } from '../domain/failure.js';
import type { Output } from '../domain/ports/output.js';
import type { Result } from '../domain/support/result.js';
import { messageOf } from '../domain/support/system-error.js';
import { type Instant, parseDuration, parseInstant } from '../domain/support/time.js';
import { worldFailure } from '../domain/support/world-failure.js';
import type { View } from '../domain/view.js';
import type { CiOptions, Ended } from './ci-reports.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import type { OpenOptions, OpenServices } from './services.js';
import { watchSignals } from './signals.js';
import { terminalWidth } from './terminal-width.js';

/** Options that every command takes; those of `CiOptions` only commands that judge something. */
export interface CommonOptions extends CiOptions {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  /** False with `--no-commands`. */
  readonly commands?: boolean;
}

export interface Answer {
  readonly view?: View;
  /** Problems to report beside the document. */
  readonly failures?: readonly Failure[];
  /** What was judged, one by one, for CI systems. */
  readonly checks?: readonly Check[];
  readonly exit: number;
}

export const answer = (
  view: View,
  exit: number = EXIT.done,
  failures: readonly Failure[] = [],
  checks: readonly Check[] = [],
): Result<Answer, Failure> => ({
  ok: true,
  value: { view, exit, failures, checks },
});

/** Turns the view of a use case into an answer. Failures pass through. */
export const answerWith = (result: Result<View, Failure>): Result<Answer, Failure> =>
  result.ok ? answer(result.value) : result;

/** Work around every command. It needs capabilities, which cli/ may not import, so the main program passes it in. */
export interface Surrounding {
  /** Prepares the services of a command that only reads. */
  readonly forReading: (services: OpenServices) => Promise<OpenServices>;
  /** Runs after a command that writes. */
  readonly afterWriting: (services: OpenServices, startedAt: Instant) => Promise<void>;
}

let surrounding: Surrounding = { forReading: async (services) => services, afterWriting: async () => undefined };

export function surroundCommands(given: Surrounding): void {
  surrounding = given;
}

/** Opens the services, runs the command, shows its answer and sets the exit code. */
export async function perform(
  command: string,
  options: CommonOptions,
  workspace: OpenOptions['workspace'],
  work: (services: OpenServices) => Promise<Result<Answer, Failure>>,
): Promise<void> {
  const { openOutput, openServices } = await import('./services.js');
  const drawing = drawingOf(options);
  using output = await openOutput(drawing);
  const interruption = watchSignals();
  const areCommandsRefused = options.commands === false;
  const asked = {
    ...drawing,
    workspace,
    areCommandsRefused,
    signal: interruption.signal,
    beforeWork: interruption.watch,
    holdSignals: interruption.hold,
  };
  const opened = await orFailure(() => openServices(asked, output));
  if (!opened.ok) return await refuse(output, command, opened.error);
  await using services = opened.value;
  const startedAt = services.clock.now();
  interruption.guard({
    processes: services.processes,
    isReading: workspace === 'read' || workspace === 'none',
    warn: (text) => services.emit({ type: 'warning', code: 'interrupted', text }),
  });
  const isWriting = workspace === 'write' || workspace === 'make';
  const isPrepared = isWriting || workspace === 'record';
  const done = await orFailure(async () => work(isPrepared ? services : await surrounding.forReading(services)));
  if (done.ok) {
    if (done.value.view !== undefined) output.show(command, done.value.view);
    for (const failure of done.value.failures ?? []) output.fail(failure);
    output.conclude(done.value.checks ?? [], done.value.exit !== EXIT.done);
    process.exitCode = interruption.exitCode() ?? done.value.exit;
  } else {
    await refuse(output, command, done.error);
    process.exitCode = interruption.exitCode() ?? exitCodeOf(done.error);
  }
  const { view, checks = [], failures = [] } = done.ok ? done.value : { failures: [done.error] };
  await reportToCi(services, output, options, { command, view, checks, failures, startedAt });
  if (isWriting) await notify(services, startedAt);
  interruption.stop();
}

/** How results are drawn: by the options, the environment and the terminal. */
const drawingOf = (options: CommonOptions) => ({
  isJson: options.json ?? false,
  isPlain: options.plain === true || process.env.TERM === 'dumb',
  isColourless: (process.env.NO_COLOR ?? '') !== '',
  isUnicode: /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || ''),
  isVerbose: options.verbose ?? false,
  isQuiet: options.quiet ?? false,
  columns: { out: terminalWidth(process.stdout), error: terminalWidth(process.stderr) },
});

/** Writes the files that CI systems read, if they were asked for. A file that cannot be written is a failure of the command. */
async function reportToCi(
  services: OpenServices,
  output: Pick<Output, 'fail'>,
  options: CiOptions,
  ended: Ended,
): Promise<void> {
  if (options.junit === undefined && options.dotenv === undefined) return;
  const { writeCiReports } = await import('./ci-reports.js');
  const written = await orFailure(() => writeCiReports(services, options, ended));
  if (written.ok) return;
  output.fail(written.error);
  process.exitCode ||= exitCodeOf(written.error);
}

/** Sends notices after the work. A failure here is a warning: the work is done, and its exit code stays. */
async function notify(services: OpenServices, startedAt: Instant): Promise<void> {
  try {
    await surrounding.afterWriting(services, startedAt);
  } catch (error) {
    const text = `nobody was notified: ${messageOf(error)}`;
    services.emit({ type: 'warning', code: 'notifications', text });
  }
}

/** What a disk, a permission or a limit of the system refuses is a failure and no bug. */
async function orFailure<T>(work: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
  try {
    return await work();
  } catch (error) {
    const failure = worldFailure(error);
    if (failure === undefined) throw error;
    return { ok: false, error: failure };
  }
}

async function refuse(output: Pick<Output, 'refuse'>, command: string, failure: Failure): Promise<void> {
  process.exitCode = exitCodeOf(failure);
  output.refuse(command, await explained(command, failure));
}

/** A name that does not exist is explained where it is something else. */
async function explained(command: string, failure: Failure): Promise<Failure> {
  if (failure.code !== 'pipeline-not-found' && failure.code !== 'not-found') return failure;
  const { openWorkspaceNames } = await import('./workspace-names.js');
  const { explainName } = await import('./words/explain-name.js');
  using names = openWorkspaceNames();
  return names === undefined ? failure : await explainName(command, failure, names);
}

/** The time a command uses: `--now`, or the clock. */
export function whenOf(
  services: OpenServices,
  now: Instant | undefined,
): { readonly now: Instant; readonly isNowGiven: boolean } {
  return { now: now ?? services.clock.now(), isNowGiven: now !== undefined };
}

/** A wrong command line. `next` says what to write instead. */
export class UsageError extends Error {
  readonly next: string | undefined;

  constructor(problem: string, next?: string) {
    super(problem);
    this.next = next;
  }
}

export function parseNow(text: string): Instant {
  const now = parseInstant(text);
  if (now === undefined) throw new UsageError(`--now ${text}: not a time`, 'write 2026-02-01 or 2026-02-01T03:00:00Z');
  return now;
}

/** Parser of an option that takes a time. `option` is its name in error messages. */
export const parseTime =
  (option: string) =>
  (text: string): Instant => {
    const at = parseInstant(text);
    if (at === undefined)
      throw new UsageError(`${option} ${text}: not a time`, `write ${option} 2026-02-01 or 2026-02-01T03:00:00Z`);
    return at;
  };

export function parseWait(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--wait ${text}: not a duration`, 'write 30s, 10m or 1h');
  return ms;
}

/** Parser of `--reason`. An empty reason is refused because reasons are recorded for good. */
export function parseReason(text: string): string {
  if (text.trim() === '') throw new UsageError('--reason: it is empty', 'write --reason "why"');
  return text;
}

/** The largest number that everything which takes one can hold. */
const MOST = 2 ** 31 - 1;

/** Parser of an option that takes a whole number above 0. `option` is its name in error messages. */
export const parseCount =
  (option: string) =>
  (text: string): number => {
    const count = Number(text);
    if (!/^\d+$/.test(text) || count < 1 || count > MOST)
      throw new UsageError(`${option} ${text}: not a whole number from 1 to ${MOST}`, `write ${option} 2`);
    return count;
  };

/** Collects repeated `--param name=value`. */
export function collectParams(
  text: string,
  sofar: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--param ${text}: no value is given`, 'write --param name=value');
  return { ...sofar, [text.slice(0, at)]: text.slice(at + 1) };
}
