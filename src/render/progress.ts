import type { ChalkInstance } from 'chalk';
import type { Emit, RefitEvent } from '../domain/events.js';
import type { StepStatus } from '../domain/runs/run.js';
import { assertNever } from '../domain/support/result.js';
import { formatDuration } from '../domain/support/time.js';
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

/** One line for each event: for logs, CI and cron. `isVerbose`: also the output of the steps. */
export const plainProgress = (
  stream: NodeJS.WritableStream,
  chalk: ChalkInstance,
  { isVerbose, columns }: { readonly isVerbose: boolean; readonly columns?: number },
): Progress => ({
  emit: (event) => {
    if (event.type === 'step-output' && !isVerbose) return;
    const text = eventText(event, chalk, columns);
    if (text !== undefined) stream.write(`${withoutCommands(text)}\n`);
  },
  end: () => undefined,
});
