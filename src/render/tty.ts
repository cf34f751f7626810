import { stripVTControlCharacters } from 'node:util';
import type { ChalkInstance } from 'chalk';
import { columnsOf } from './parts/width.js';
import { eventText, type Progress } from './progress.js';
import { emptyTree, grow, treeLines } from './step-tree.js';

const FRAME_MS = 100;
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const ERASE_LINE = '\u001B[0K';
const ERASE_BELOW = '\u001B[0J';

/** The steps drawn in place, ten times a second, below the lines that stay. */
export function ttyProgress(stream: NodeJS.WriteStream, chalk: ChalkInstance, isVerbose: boolean): Progress {
  let tree = emptyTree();
  let drawn: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const columns = (): number => stream.columns || 80;
  // to the first line of what is drawn; a terminal that became narrower has wrapped it
  const back = (): string => {
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns())), 0);
    return rows === 0 ? '' : `\r\u001B[${rows}A`;
  };
  const clear = (): void => {
    if (drawn.length > 0) stream.write(back() + ERASE_BELOW);
    drawn = [];
  };
  const draw = (): void => {
    const screen = { nowMs: performance.now(), columns: columns(), rows: Math.max(1, (stream.rows || 24) - 1) };
    const lines = treeLines(tree, screen, chalk);
    // one write a frame, line over line: nothing flickers
    stream.write(`${back()}${lines.map((line) => `${line}${ERASE_LINE}\n`).join('')}${ERASE_BELOW}`);
    drawn = lines;
  };
  const start = (): void => {
    if (timer !== undefined) return;
    stream.write(HIDE_CURSOR);
    timer = setInterval(draw, FRAME_MS).unref();
    process.once('exit', end);
  };
  const end = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    clear();
    stream.write(SHOW_CURSOR);
    process.off('exit', end);
  };
  return {
    clear,
    end,
    emit: (event) => {
      grow(tree, event, performance.now());
      start();
      if (event.type === 'run-finished') {
        // the result on stdout has every step; where that goes elsewhere, the tree stays as it ended
        draw();
        if (!process.stdout.isTTY) drawn = [];
        tree = emptyTree();
        return end();
      }
      // the tree says it; lines that stay are what it cannot say
      if (event.type === 'step-finished' || event.type === 'phase') return;
      const text =
        event.type !== 'step-output'
          ? eventText(event, chalk)
          : isVerbose
            ? eventText({ ...event, line: stripVTControlCharacters(event.line) }, chalk)
            : undefined;
      if (text === undefined) return;
      clear();
      stream.write(`${text}\n`);
    },
  };
}
