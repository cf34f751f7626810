/** What may separate fields in files of other programs. Marks that often join words of one value (`-`, `/`, `_`, `.`) are left out. */
const MARKS = ['::', '||', '^', '~', '#', ':', '!', '¦', '§', '@', '*', '&', ',', ';', '\t', '|'];
/** So many of the rows must have as many fields as the header. */
const MOST = 0.95;

export interface OtherDelimiter {
  /** `spaces` for one or several blanks. */
  readonly delimiter: string;
  readonly fields: number;
}

/**
 * The delimiter of a table that was read as one column: a mark, or spaces, that the header and nearly all rows hold equally
 * often. `undefined` for a table that has one column. Words with spaces are one value, so spaces count only between numbers, or
 * between three columns of which one holds numbers.
 */
export function otherDelimiter(header: string, rows: readonly string[]): OtherDelimiter | undefined {
  if (rows.length === 0) return undefined;
  for (const mark of MARKS) {
    const fields = header.split(mark).length;
    if (fields < 2 || !isNamed(header.split(mark))) continue;
    if (shareOf(rows, (row) => row.split(mark).length === fields) >= MOST) return { delimiter: mark, fields };
  }
  const fields = wordsOf(header).length;
  const isTable =
    fields > 1 &&
    shareOf(rows, (row) => wordsOf(row).length === fields) >= MOST &&
    shareOf(rows, (row) => (fields > 2 ? wordsOf(row).some(isNumber) : wordsOf(row).every(isNumber))) >= MOST;
  return isTable ? { delimiter: 'spaces', fields } : undefined;
}

/** Two marks in a row are one delimiter where every second name, and every second value, is empty. */
export function isDoubled(header: readonly string[], rows: readonly (readonly string[])[]): boolean {
  const isHalfEmpty = (fields: readonly string[]): boolean =>
    fields.length === header.length && fields.every((field, i) => i % 2 === 0 || field === '');
  return header.length > 2 && header.length % 2 === 1 && rows.length > 0 && [header, ...rows].every(isHalfEmpty);
}

/** A number with a decimal comma, and perhaps points between its thousands. */
export const isDecimalComma = (text: string): boolean =>
  /^ *[-+]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+ *%?$/.test(text);

const isNamed = (names: readonly string[]): boolean => names.every((name) => name.trim() !== '');
const wordsOf = (line: string): readonly string[] => line.trim().split(/\s+/);
const isNumber = (word: string): boolean => word !== '' && Number.isFinite(Number(word));
const shareOf = (rows: readonly string[], has: (row: string) => boolean): number =>
  rows.filter(has).length / rows.length;
