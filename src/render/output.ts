import {
  Chalk,
  type ChalkInstance,
  type ColorInfo,
  type ColorSupportLevel,
  supportsColor,
  supportsColorStderr,
} from 'chalk';
import type { RefitEvent } from '../domain/events.js';
import type { Failure } from '../domain/failure.js';
import type { Output } from '../domain/ports/output.js';
import { mapTexts } from '../domain/support/map-texts.js';
import { countText, diagnosticText } from './diagnostic-text.js';
import { type GithubJob, withGithub } from './github-actions.js';
import { createLogPrinter } from './log-printer.js';
import { documentText, failureFields } from './parts/error-document.js';
import { failureText } from './parts/failure-text.js';
import { printable, printableJson, withoutCommands, withoutTerminalCodes } from './parts/printable.js';
import { wrapLine } from './parts/wrap.js';
import { type Progress, plainProgress } from './progress.js';
import { viewText } from './view-text.js';

export interface OutputOptions {
  readonly isJson: boolean;
  /** One line for each event, without drawing. Also chosen when stderr is not a terminal. */
  readonly isPlain: boolean;
  readonly isVerbose: boolean;
  readonly isQuiet: boolean;
  /** Whether NO_COLOR is set. */
  readonly isColourless: boolean;
  /** Whether the locale has more characters than ASCII. */
  readonly isUnicode: boolean;
  /** Set in a GitHub Actions job. */
  readonly github?: GithubJob;
  /** Width of stdout and of stderr; `undefined` where they are no terminal. */
  readonly columns: { readonly out?: number; readonly error?: number };
  /** Replaces secrets in a text by `***`. */
  readonly mask: (text: string) => string;
}

/**
 * Chooses the kind of output once. Results go to stdout, everything else to stderr. This is the place where what is printed is
 * masked and escaped: first each text by itself, because an escape would hide a secret of several lines, then the whole.
 */
export async function createOutput(options: OutputOptions): Promise<Output & Disposable> {
  const level = (support: ColorInfo): ColorSupportLevel =>
    support === false || options.isColourless ? 0 : support.level;
  const out = new Chalk({ level: level(supportsColor) });
  const error = new Chalk({ level: level(supportsColorStderr) });
  const progress = await chooseProgress(options, error);
  const { mask } = options;
  const print = (text: string): void => void process.stderr.write(withoutCommands(mask(text)));
  const logs = createLogPrinter();
  /** Several use cases of one command may load the same file, but each warning is shown only once. */
  const warned = new Set<string>();
  const output: Output & Disposable = {
    emit: (event) => progress.emit(printableEvent(event, mask)),
    show: (command, view) => {
      progress.end();
      const text = options.isJson
        ? printableJson(mask(documentText(command, view.json)))
        : withoutCommands(
            mask(viewText(mapTexts(view, mask), out, { columns: options.columns.out, isUnicode: options.isUnicode })),
          );
      process.stdout.write(text);
    },
    writeLog: (bytes) =>
      new Promise((resolve) => {
        progress.end();
        process.stdout.write(logs.push(bytes), (failed) => resolve(failed == null));
      }),
    refuse: (command, failure) => {
      output.fail(failure);
      if (options.isJson)
        process.stdout.write(printableJson(mask(documentText(command, failureFields(mapTexts(failure, mask))))));
    },
    fail: (failure) => print(problemText(mapTexts(failure, mask), error, options.columns.error)),
    conclude: () => undefined,
    warn: (diagnostics) => {
      const news = diagnostics
        .map((one) => `${diagnosticText(mapTexts(one, mask), error, options.columns.error)}\n`)
        .filter((text) => !warned.has(text));
      for (const text of news) warned.add(text);
      if (news.length > 0) print(news.join(''));
    },
    [Symbol.dispose]: () => {
      progress.end();
      process.stdout.write(logs.end());
    },
  };
  return options.github === undefined ? output : withGithub(output, options.github, mask);
}

const printableEvent = (event: RefitEvent, mask: (text: string) => string): RefitEvent =>
  mapTexts(event, (text) => printable(event.type === 'step-output' ? withoutTerminalCodes(mask(text)) : mask(text)));

/** Lines that a failure quotes, such as the end of a log, are not broken. */
function problemText(failure: Failure, chalk: ChalkInstance, columns?: number): string {
  const { what, lines, next } = failureText(failure);
  if (failure.code === 'invalid-pipeline' || failure.code === 'invalid-filter')
    return [
      ...failure.diagnostics.map((one) => diagnosticText(one, chalk, columns)),
      `${chalk.red(countText(failure.diagnostics))}: ${next}\n`,
    ].join('\n');
  return [
    ...wrapLine(`${chalk.red('error')} ${chalk.dim(failure.code)} ${what}`, columns),
    ...(lines ?? []).map((line) => `${chalk.dim('  │')} ${line}`),
    ...wrapLine(`  ${chalk.dim('→')} ${next}`, columns),
    '',
  ].join('\n');
}

async function chooseProgress(options: OutputOptions, chalk: ChalkInstance): Promise<Progress> {
  const nothing = () => undefined;
  if (options.isQuiet) return { emit: nothing, end: nothing };
  // A terminal that does not know its width reports 0 columns, and ora would clear infinitely many lines.
  const canDraw = process.stderr.isTTY && process.stderr.columns > 0;
  if (options.isPlain || !canDraw)
    return plainProgress(process.stderr, chalk, { isVerbose: options.isVerbose, columns: options.columns.error });
  const { ttyProgress } = await import('./tty.js');
  return ttyProgress(process.stderr, chalk, options.isVerbose);
}
