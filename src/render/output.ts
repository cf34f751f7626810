import {
  Chalk,
  type ChalkInstance,
  type ColorInfo,
  type ColorSupportLevel,
  supportsColor,
  supportsColorStderr,
} from 'chalk';
import type { Emit } from '../domain/events.js';
import type { Output } from '../domain/output.js';
import { countText, diagnosticText } from './diagnostic-text.js';
import { failureText } from './failure-text.js';
import { type GithubJob, withGithub } from './github-actions.js';
import { plainProgress } from './progress.js';
import { viewText } from './view-text.js';

export interface OutputOptions {
  readonly isJson: boolean;
  /** One line an event, no spinner; by itself where stderr is no terminal. */
  readonly isPlain: boolean;
  readonly isVerbose: boolean;
  readonly isQuiet: boolean;
  /** NO_COLOR is set. */
  readonly isColourless: boolean;
  /** Set in a job of GitHub Actions. */
  readonly github?: GithubJob;
}

const SCHEMA_VERSION = 1;

/** Chooses how to draw, once. Results go to stdout, everything else to stderr. */
export async function createOutput(options: OutputOptions): Promise<Output & Disposable> {
  const level = (support: ColorInfo): ColorSupportLevel =>
    support === false || options.isColourless ? 0 : support.level;
  const out = new Chalk({ level: level(supportsColor) });
  const error = new Chalk({ level: level(supportsColorStderr) });
  const progress = await chooseProgress(options, error);
  const output: Output & Disposable = {
    emit: progress,
    show: (command, view) => {
      const document = { schema_version: SCHEMA_VERSION, command, ...view.json };
      process.stdout.write(options.isJson ? `${JSON.stringify(document, null, 2)}\n` : viewText(view, out));
    },
    fail: (failure) => {
      if (failure.code === 'invalid-pipeline') {
        for (const one of failure.diagnostics) process.stderr.write(`${diagnosticText(one, error)}\n`);
        process.stderr.write(`${error.red(countText(failure.diagnostics))}: ${failureText(failure).next}\n`);
        return;
      }
      const { what, lines, next } = failureText(failure);
      process.stderr.write(`${error.red('error')} ${error.dim(failure.code)} ${what}\n`);
      for (const line of lines ?? []) process.stderr.write(`${error.dim('  │')} ${line}\n`);
      process.stderr.write(`  ${error.dim('→')} ${next}\n`);
    },
    warn: (diagnostics) => {
      for (const one of diagnostics) process.stderr.write(`${diagnosticText(one, error)}\n`);
    },
    [Symbol.dispose]: () => {
      if (Symbol.dispose in progress) progress[Symbol.dispose]();
    },
  };
  return options.github === undefined ? output : withGithub(output, options.github);
}

async function chooseProgress(options: OutputOptions, chalk: ChalkInstance): Promise<Emit | (Emit & Disposable)> {
  if (options.isQuiet) return () => undefined;
  if (options.isPlain || !process.stderr.isTTY) return plainProgress(process.stderr, chalk, options.isVerbose);
  const { ttyProgress } = await import('./tty.js');
  return ttyProgress(process.stderr, chalk, options.isVerbose);
}
