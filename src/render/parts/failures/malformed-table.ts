import type { TableProblem } from '../../../domain/data/read-fault.js';
import type { Failure } from '../../../domain/failure.js';
import { baseName } from '../../../domain/support/paths.js';
import { assertNever } from '../../../domain/support/result.js';
import type { FailureText } from './failure-words.js';
import { foreignTable } from './foreign-table.js';

type Malformed = Extract<Failure, { readonly code: 'table-malformed' }>;

/** Says why a file is not a table, with its line if known, and what to do about it. */
export function malformedTable({ path, line, problem }: Malformed): FailureText {
  const place = line === undefined ? path : `${path}, line ${line}:`;
  return wordsOf(problem, { path, place });
}

function wordsOf(
  problem: TableProblem,
  { path, place }: { readonly path: string; readonly place: string },
): FailureText {
  switch (problem.kind) {
    case 'empty':
      return {
        what: `${path} is empty: it has not even a header`,
        next: 'check the export that writes it, or remove the file',
      };
    case 'encoding':
      return problem.found === 'UTF-16'
        ? {
            what: `${path} is encoded in UTF-16; refit reads UTF-8`,
            next: `convert it: iconv -f UTF-16 -t UTF-8 ${path} > utf8-${baseName(path)}`,
          }
        : {
            what: `${place} the text is not UTF-8; it looks like Latin-1 (Windows-1252)`,
            next: `convert it: iconv -f WINDOWS-1252 -t UTF-8 ${path} > utf8-${baseName(path)}`,
          };
    case 'packed':
      return packed(problem.how, path);
    case 'foreign':
      return foreignTable(problem.format, path);
    case 'not-packed':
      return {
        what: `${path} is no whole gzip file: ${problem.reason}`,
        next: 'copy it again; if it is not compressed, take .gz off its name',
      };
    case 'title':
      return {
        what: `${place} "${problem.text}" stands alone above several columns: a title, not a header`,
        next: 'remove the lines above the header, or begin each of them with #',
      };
    case 'unclosed-quote':
      return { what: `${place} a quote is opened and never closed`, next: 'close or double the quote' };
    case 'no-row-fits':
      return {
        what: `${place} the header names ${count(problem.names, 'column')}, and no row has as many fields; this one has ${problem.fields}`,
        next: 'use the same delimiter in the header and in the rows, and quote values that hold it',
      };
    case 'other-delimiter':
      return otherDelimiter(problem, { path, place });
    case 'two-delimiters': {
      const [one = '', other = ''] = problem.delimiters.map((mark) => MARKS[mark] ?? `"${mark}"`);
      return {
        what: `${place} ${one} and ${other} both separate the header and the rows, and nothing tells which is the delimiter`,
        next: `quote the values that hold the other mark, or name the delimiter in a first line, as sep=${problem.delimiters[0]}`,
      };
    }
    case 'ambiguous-dates':
      return {
        what: `${place} "${problem.value}" in ${problem.column} may have its day first or its month first, and no other value tells`,
        next: 'write dates as year-month-day (2026-03-01)',
      };
    case 'not-json':
      return {
        what: `${place} this is no JSON object: ${problem.text}`,
        next: 'write one JSON object a line, or one array of objects',
      };
    case 'no-column-name':
      if (problem.key.includes('\0'))
        return {
          what: `${place} the name "${problem.key}" holds a NUL byte, so it names no column`,
          next: 'remove the byte, or export the table again',
        };
      return problem.key === ''
        ? { what: `${place} a key is empty, so it names no column`, next: 'give the key a name' }
        : {
            what: `${place} the key "${problem.key}" differs from another one in capital letters alone, so both name one column`,
            next: 'rename one of the two keys',
          };
    case 'too-wide':
      return {
        what: `${place} there are more than ${problem.most} columns here, and refit reads no wider tables`,
        next: 'split the table, or write one row for each value: id, name, value',
      };
    case 'broken-row':
      return { what: `${place} ${rowText(problem)}`, next: 'fix or remove the line' };
    default:
      return assertNever(problem);
  }
}

function packed(how: Extract<TableProblem, { readonly kind: 'packed' }>['how'], path: string): FailureText {
  if (how === 'zip')
    return {
      what: `${path} is a ZIP archive or an Excel workbook`,
      next: `unpack it (unzip ${path}); of a workbook: ${foreignTable('excel', path).next}`,
    };
  const ending = how === 'gzip' ? 'gz' : 'zst';
  return {
    what: `${path} is compressed with ${how}, and its name does not say so`,
    next: `rename it: mv ${path} ${path}.${ending}`,
  };
}

/** Marks that cannot be seen. */
const MARKS: Record<string, string> = { spaces: 'spaces', '\t': 'tabs', '\t\t': 'two tabs' };

function otherDelimiter(
  { delimiter, fields }: Extract<TableProblem, { readonly kind: 'other-delimiter' }>,
  { path, place }: { readonly path: string; readonly place: string },
): FailureText {
  const isTsv = /\.tsv\b/i.test(path);
  const readable = isTsv ? 'tabs' : 'commas, semicolons, tabs and |';
  const shown = MARKS[delimiter] ?? `"${delimiter}"`;
  return {
    what: `${place} ${count(fields, 'field')} seem to be separated by ${shown}; refit reads ${readable}${isTsv ? ' under the name .tsv' : ''}`,
    next:
      isTsv && [',', ';', '|'].includes(delimiter)
        ? 'rename the file to .csv'
        : `convert it to commas, quoting values that hold one; if it is one column, take ${shown} out of its header`,
  };
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

function rowText({ why, names, fields, text }: Extract<TableProblem, { readonly kind: 'broken-row' }>): string {
  const shown = `: ${text}`;
  if (why === 'not-json') return `this is no JSON object${shown}`;
  if (why === 'quote') return `a quote is not closed before the next delimiter${shown}`;
  if (why === 'header-again') return `a header comes again${shown}`;
  if (why === 'mark') return `the row begins with a byte-order mark, as if another file began here${shown}`;
  if (why === 'cut') return `the last line is cut off${shown}`;
  return `the row has ${count(fields ?? 0, 'field')}, the header has ${names ?? 0}${shown}`;
}
