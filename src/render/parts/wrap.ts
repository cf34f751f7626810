import { columnsOf } from './width.js';

/** The most that continued lines are indented, as a share of the width. Deeper ones would leave too little room. */
const MOST_INDENT = 0.5;
const CONTINUED = 2;

/**
 * Breaks one line at its spaces into lines of at most `columns`. `undefined`: the width is not known, nothing is broken. A word
 * is never broken: a path, an address, an id or a hash must stay whole to be copied, even if it is wider. The text may be
 * coloured. `indent`: spaces before continued lines; default two more than the line itself has.
 */
export function wrapLine(text: string, columns: number | undefined, indent?: number): readonly string[] {
  if (columns === undefined || columnsOf(text) <= columns) return [text];
  const [own = ''] = /^ */.exec(text) ?? [];
  const deep = Math.min(indent ?? own.length + CONTINUED, Math.floor(columns * MOST_INDENT));
  return fill(text.slice(own.length), { first: own, next: ' '.repeat(deep), columns });
}

function fill(
  text: string,
  { first, next, columns }: { readonly first: string; readonly next: string; readonly columns: number },
): readonly string[] {
  const lines: string[] = [];
  let [line, width, isEmpty] = [first, first.length, true];
  // Words and the spaces between them, in turn.
  for (const [i, piece] of text.split(/( +)/).entries()) {
    if (i % 2 === 1) {
      line += piece;
      width += piece.length;
      continue;
    }
    const room = columnsOf(piece);
    if (!isEmpty && width + room > columns) {
      lines.push(line.trimEnd());
      [line, width] = [next, next.length];
    }
    line += piece;
    width += room;
    isEmpty = isEmpty && room === 0;
  }
  return [...lines, line];
}

/** The width of the widest word: no column of a table can be narrower. */
export const widestWord = (text: string): number =>
  text.split(' ').reduce((most, word) => Math.max(most, columnsOf(word)), 0);
