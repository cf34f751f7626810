import stringWidth from 'string-width';

/** Terminal columns that a text takes: two for wide characters and emoji, none for combining marks and colour codes. */
export const columnsOf = (text: string): number => stringWidth(text);

export const widest = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, columnsOf(text)), 0);

/** The text with spaces behind it, so that it takes at least `columns`. */
export const padToColumns = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

/** As much of the beginning of a text as fits into `columns`; no character is cut apart. The text has no colour codes. */
export function cutToColumns(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let [kept, width] = ['', 0];
  // made here, not when the file is loaded: the first one costs some 10 ms, and few texts have to be cut
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += columnsOf(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}

/** The step is drawn below the deepest of these. */
export const shorten = (text: string, columns: number): string =>
  columnsOf(text) <= columns ? text : `${cutToColumns(text, columns - 1)}…`;
