import type { ChalkInstance } from 'chalk';
import ora from 'ora';
import type { RefitEvent } from '../domain/events.js';
import { eventText, isBad, type Progress } from './progress.js';
import { emptyTree, grow, treeLines } from './step-tree.js';

const REFRESH_MS = 100;
/** Rows of the terminal that stay free for the lines above the drawing and for the prompt. */
const FREE_ROWS = 4;

/**
 * Draws the steps in place, below the lines that stay. While the spinner runs, ora intercepts what is written to the
 * terminal: it clears the drawing, writes, and draws again.
 */
export function ttyProgress(stream: NodeJS.WriteStream, chalk: ChalkInstance, isVerbose: boolean): Progress {
  let tree = emptyTree();
  let timer: NodeJS.Timeout | undefined;
  const spinner = ora({
    stream,
    color: chalk.level > 0 ? 'cyan' : false,
    // The caller has checked the terminal.
    isEnabled: true,
    // Otherwise ora puts the terminal into raw mode, where ^C is no signal.
    discardStdin: false,
  });
  const drawing = (): string => {
    const screen = { nowMs: performance.now(), columns: stream.columns || 80, rows: (stream.rows || 24) - FREE_ROWS };
    return treeLines(tree, screen, chalk).join('\n');
  };
  const refresh = (): void => {
    spinner.text = drawing();
  };
  const start = (): void => {
    if (stream.columns === 0) return;
    refresh();
    spinner.start();
    timer ??= setInterval(refresh, REFRESH_MS).unref();
  };
  const end = (): void => {
    clearInterval(timer);
    timer = undefined;
    if (spinner.isSpinning) spinner.stop();
  };
  /**
   * Keeps the drawing when the result goes elsewhere than to the terminal. Otherwise the result's table shows every
   * step.
   */
  const finish = (symbol: string): void => {
    if (!process.stdout.isTTY && spinner.isSpinning) spinner.stopAndPersist({ symbol, text: drawing() });
    end();
    tree = emptyTree();
  };
  // ora divides by the number of columns, and at 0 would clear lines for ever.
  stream.on('resize', () => {
    if (stream.columns === 0) end();
  });
  return {
    end,
    emit: (event) => {
      grow(tree, event, performance.now());
      if (event.type === 'run-started' || event.type === 'phase') start();
      if (event.type === 'run-finished') finish(isBad(event.status) ? chalk.red('✖') : chalk.green('✔'));
      const line = lineAbove(event, chalk, { isVerbose, columns: stream.columns });
      if (line !== undefined) stream.write(`${line}\n`);
    },
  };
}

/** The line for an event that the drawing cannot show. */
function lineAbove(
  event: RefitEvent,
  chalk: ChalkInstance,
  { isVerbose, columns }: { readonly isVerbose: boolean; readonly columns: number },
): string | undefined {
  switch (event.type) {
    case 'step-finished':
    case 'phase':
    case 'step-expected':
      return undefined;
    case 'step-output':
      return isVerbose ? eventText(event, chalk) : undefined;
    default:
      return eventText(event, chalk, columns > 0 ? columns : undefined);
  }
}
