import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** Letters and signs that take one column, alone and beside each other: printable ASCII, Latin, dashes, arrows, lines of tables. */
const NARROW = /^[ -~\u00a1-\u00ac\u00ae-\u024f\u2010-\u2027\u2190-\u21ff\u2500-\u259f]*$/;

/** Terminal columns of a text: two for wide characters and emoji, none for combining marks and colour codes. */
export const columnsOf = (text: string): number =>
  // Loading string-width takes 15 ms and its first other character 20 ms: most commands print none.
  NARROW.test(text) ? text.length : (load('string-width') as typeof import('string-width')).default(text);

export const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, columnsOf(text)), 0);

/** Pads a text with spaces to at least `columns`. */
export const padToColumns = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

/**
 * The longest beginning of a text that fits into `columns`. No character is split. The text must have no colour codes.
 */
export function cutToColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let [kept, width] = ['', 0];
  // Created here, not at load time: the first segmenter costs about 10 ms, and few texts are cut.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += columnsOf(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}

/** Shortens a text to `columns`, with an ellipsis, if it is wider. */
export const shorten = (text: string, columns: number): string =>
  columnsOf(text) <= columns ? text : `${cutToColumns(text, columns - 1)}…`;
