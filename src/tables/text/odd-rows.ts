import type { ReadFault } from '../../domain/data/read-fault.js';
import type { ColumnScan } from './csv-scanner.js';
import { KIND, NUMBERS } from './kinds.js';
import type { CsvFileScan } from './scan-csv-file.js';

/** Fewer numbers do not make any word in the last row odd. */
const FEWEST_NUMBERS = 10;
/** Fewer numbers do not make a word for a sum, or a row of words, odd. */
const FEWEST_BELOW_WORDS = 2;
/** Words for a sum or a count. */
const SUM = /^((grand|sub)[ -]?)?(total|totals|totale|sum|summe|gesamt|somme|suma|count|average|mean|mittelwert)\b/i;
/** What stands for a missing value. */
const MISSING = /^(n\.?\/?a\.?n?|null|none|nil|missing|unknown|[-–—?.]+)$/i;

/** The only word of a column in which every other value is a number, and how many numbers there are. */
function onlyWord({ counts, first }: ColumnScan) {
  const word = first[KIND.text];
  const numbers = NUMBERS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  const present = counts.reduce((sum, count, kind) => sum + (kind === KIND.empty ? 0 : count), 0);
  return word !== undefined && counts[KIND.text] === 1 && numbers === present - 1 ? { ...word, numbers } : undefined;
}

/** Columns of numbers whose only word is in the last row. */
export const footersOf = (file: string, { columns, dialect, lastLine }: CsvFileScan): readonly ReadFault[] =>
  columns.flatMap((column, i) => {
    const word = onlyWord(column);
    if (word?.line !== lastLine) return [];
    const fewest = SUM.test(word.value) ? FEWEST_BELOW_WORDS : FEWEST_NUMBERS;
    return word.numbers < fewest
      ? []
      : [{ kind: 'footer' as const, file, line: lastLine, column: dialect.names[i] ?? '', value: word.value }];
  });

/**
 * A first row of words, each of them the only one in a column of numbers, where other columns have none in it: units below the
 * header, or the header below a title. Where other columns hold words too, more numbers are needed.
 */
export function secondHeaderOf(file: string, { columns, dialect, firstLine }: CsvFileScan): readonly ReadFault[] {
  if (!dialect.hasHeader) return [];
  const isFirst = (column: ColumnScan, kind: number): boolean => column.first[kind]?.line === firstLine;
  if (!columns.every((column) => isFirst(column, KIND.text) || isFirst(column, KIND.empty))) return [];
  const words = columns.map(onlyWord);
  const areAllOdd = columns.every((column, i) => words[i] !== undefined || !isFirst(column, KIND.text));
  const fewest = areAllOdd ? FEWEST_BELOW_WORDS : FEWEST_NUMBERS;
  const odd = words.flatMap((word, i) =>
    word === undefined || word.line !== firstLine || word.numbers < fewest
      ? []
      : [{ column: dialect.names[i] ?? '', value: word.value }],
  );
  if (odd.every(({ value }) => MISSING.test(value))) return [];
  return [{ kind: 'second-header', file, line: firstLine, words: odd.slice(0, 50) }];
}
