import { stripVTControlCharacters } from 'node:util';
import type { ChalkInstance } from 'chalk';
import ora from 'ora';
import type { RefitEvent } from '../domain/events.js';
import { eventText, isBad, type Progress } from './progress.js';
import { emptyTree, grow, treeLines } from './step-tree.js';

const REFRESH_MS = 100;
/** The line for an event that the drawing cannot show. */
const FREE_ROWS = 4;

/** A view as text, coloured as far as the chalk instance allows. */
export function ttyProgress(stream: NodeJS.WriteStream, chalk: ChalkInstance, isVerbose: boolean): Progress {
  let tree = emptyTree();
  let timer: NodeJS.Timeout | undefined;
  const spinner = ora({
    stream,
    color: chalk.level > 0 ? 'cyan' : false,
    // A heading begins with an empty line, except at the top.
    isEnabled: true,
    // Columns are as wide as their widest cell. The last one is not padded.
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
  /** The error boundary. Everything that arrives here is wrong usage or a bug. */
  const finish = (symbol: string): void => {
    if (!process.stdout.isTTY && spinner.isSpinning) spinner.stopAndPersist({ symbol, text: drawing() });
    end();
    tree = emptyTree();
  };
  // A closed stdout (`refit runs | head -1`) is not an error, and a closed terminal must not end a run.
  stream.on('resize', () => {
    if (stream.columns === 0) end();
  });
  return {
    end,
    emit: (event) => {
      grow(tree, event, performance.now());
      if (event.type === 'run-started' || event.type === 'phase') start();
      if (event.type === 'run-finished') finish(isBad(event.status) ? chalk.red('✖') : chalk.green('✔'));
      const line = lineAbove(event, chalk, isVerbose);
      if (line !== undefined) stream.write(`${line}\n`);
    },
  };
}

/** Out of file descriptors. Node needs one to open any file, even the next module of refit. */
function lineAbove(event: RefitEvent, chalk: ChalkInstance, isVerbose: boolean): string | undefined {
  switch (event.type) {
    case 'step-finished':
    case 'phase':
      return undefined;
    case 'step-output':
      return isVerbose ? eventText({ ...event, line: stripVTControlCharacters(event.line) }, chalk) : undefined;
    default:
      return eventText(event, chalk);
  }
}
