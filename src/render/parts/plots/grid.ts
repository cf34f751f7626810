import type { Line, Tone } from '../../../domain/view.js';
import { toned } from '../parts.js';

interface Cell {
  readonly mark: string;
  readonly tone: Tone;
}

/** Characters by row (0 is the top) and column. A later character replaces an earlier one. */
export interface Grid {
  readonly put: (row: number, column: number, mark: string, tone: Tone) => void;
  /** Sets one of the 2 × 4 braille dots of each cell, by place from the top left. */
  readonly dot: (x: number, y: number, tone: Tone) => void;
  readonly lines: () => readonly Line[];
}

/** The bit of each braille dot, by its row and its column in the cell. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const FIRST_BRAILLE = 0x2800;

export function createGrid(height: number, width: number): Grid {
  const cells = Array.from({ length: height }, () => new Array<Cell | undefined>(width).fill(undefined));
  const dots = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const put: Grid['put'] = (row, column, mark, tone) => {
    const line = cells[row];
    if (line !== undefined && column >= 0 && column < width) line[column] = { mark, tone };
  };
  return {
    put,
    dot: (x, y, tone) => {
      const [row, column] = [Math.floor(y / 4), Math.floor(x / 2)];
      const line = dots[row];
      if (line === undefined || column < 0 || column >= width) return;
      line[column] = (line[column] ?? 0) | (DOTS[y % 4]?.[x % 2] ?? 0);
      put(row, column, String.fromCodePoint(FIRST_BRAILLE + line[column]), tone);
    },
    lines: () => cells.map(spansOf),
  };
}

/** Neighbours of one tone are one span. */
function spansOf(row: readonly (Cell | undefined)[]): Line {
  const spans: { text: string; tone: Tone }[] = [];
  for (const cell of row) {
    const { mark, tone } = cell ?? { mark: ' ', tone: 'plain' };
    const last = spans.at(-1);
    if (last?.tone === tone) last.text += mark;
    else spans.push({ text: mark, tone });
  }
  return spans.map(({ text, tone }) => toned(text, tone));
}
