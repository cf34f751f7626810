import type { ChalkInstance } from 'chalk';
import type { Emit, RefitEvent } from '../domain/events.js';
import type { StepStatus } from '../domain/runs/run.js';
import { assertNever } from '../domain/support/result.js';
import { formatDuration, SECOND_MS } from '../domain/support/time.js';
import { expectationText, overrunMs, usualText } from './expectation.js';
import { withoutCommands } from './parts/printable.js';
import { wrapLine } from './parts/wrap.js';

/** Progress of a running command. */
export interface Progress {
  readonly emit: Emit;
  /** Removes what is drawn. A later event may start the drawing again. */
  readonly end: () => void;
}

const BAD: readonly StepStatus[] = ['failed', 'timed-out', 'cancelled', 'lost'];
export const isBad = (status: StepStatus): boolean => BAD.includes(status);

/** The line that reports an event; `undefined` for events that only the drawing on a terminal shows. */
export function eventText(event: RefitEvent, chalk: ChalkInstance, columns?: number): string | undefined {
  switch (event.type) {
    case 'run-started':
      return chalk.dim(`run ${event.run} of ${event.pipeline}`);
    case 'step-decided':
    case 'step-started':
    case 'run-finished':
      return undefined;
    case 'step-expected':
      // Shorter steps end before anybody asks.
      return event.usualMs < LEAST_EXPECTED_MS ? undefined : chalk.dim(`${event.step}: ${usualText(event.usualMs)}`);
    case 'step-output':
      return `${chalk.dim(`${event.step} │`)} ${event.line}`;
    case 'step-retrying':
      return chalk.yellow(`${event.step}: attempt ${event.attempt} in ${formatDuration(event.delayMs)}`);
    case 'step-finished': {
      const colour = isBad(event.status) ? chalk.red : chalk.green;
      const took = event.status === 'skipped' ? '' : chalk.dim(` ${formatDuration(event.durationMs)}`);
      return `${colour(event.status.padEnd(9))} ${event.step}${took}`;
    }
    case 'phase':
      return chalk.dim(`${event.text} …`);
    case 'warning':
      return wrapLine(`warning: ${event.text}`, columns)
        .map((text) => chalk.yellow(text))
        .join('\n');
    default:
      return assertNever(event);
  }
}

const LEAST_EXPECTED_MS = 10 * SECOND_MS;

/** One line for each event: for logs, CI and cron. `isVerbose`: also the output of the steps. */
export function plainProgress(
  stream: NodeJS.WritableStream,
  chalk: ChalkInstance,
  { isVerbose, columns }: { readonly isVerbose: boolean; readonly columns?: number },
): Progress {
  const usual = new Map<string, number>();
  return {
    emit: (event) => {
      if (event.type === 'step-output' && !isVerbose) return;
      if (event.type === 'step-expected') usual.set(event.step, event.usualMs);
      const text = eventText(event, chalk, columns);
      if (text !== undefined) stream.write(`${withoutCommands(text)}${overrunText(event, usual, chalk)}\n`);
    },
    end: () => undefined,
  };
}

function overrunText(event: RefitEvent, usual: ReadonlyMap<string, number>, chalk: ChalkInstance): string {
  const usualMs = event.type === 'step-finished' ? usual.get(event.step) : undefined;
  if (event.type !== 'step-finished' || usualMs === undefined) return '';
  return overrunMs(event.durationMs, usualMs) === undefined
    ? ''
    : chalk.dim(`, ${expectationText(event.durationMs, usualMs)}`);
}
