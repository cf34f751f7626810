import { padToColumns, widest } from './width.js';
import { widestWord, wrapLine } from './wrap.js';

/** A cell: its plain text, and how it is coloured. */
export interface Cell {
  readonly text: string;
  readonly paint: (text: string) => string;
}

const MARGIN = '  ';
const GAP = '  ';

/**
 * A table with columns as wide as their widest cell. If that is wider than `columns`, the widest columns become narrower and
 * their cells continue on further lines. If even the longest words do not fit beside each other, every row becomes a block
 * of labelled lines. Nothing is left out.
 */
export function tableLayout(
  head: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  columns: number | undefined,
): readonly string[] {
  const all = [head, ...rows];
  const natural = head.map((_, i) => widest(all.map((row) => row[i]?.text ?? '')));
  const overhead = MARGIN.length + GAP.length * (head.length - 1);
  if (columns === undefined || sum(natural) + overhead <= columns) return all.map((row) => plainRow(row, natural));
  const least = head.map((_, i) => Math.max(1, ...all.map((row) => widestWord(row[i]?.text ?? ''))));
  const widths = narrowed(natural, least, columns - overhead);
  if (widths === undefined) return blocks(head, rows, columns);
  return all.flatMap((row) => wrappedRow(row, widths));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** The last column is not padded. */
const plainRow = (row: readonly Cell[], widths: readonly number[]): string =>
  `${MARGIN}${row
    .map(({ text, paint }, i) => (i === row.length - 1 ? paint(text) : padToColumns(paint(text), widths[i] ?? 0)))
    .join(GAP)}`;

/** Takes columns from the widest ones until all fit; `undefined` if the longest words leave no room for that. */
function narrowed(natural: readonly number[], least: readonly number[], room: number): readonly number[] | undefined {
  if (sum(least) > room) return undefined;
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    const slack = widths.map((width, i) => (width > (least[i] ?? 0) ? width : 0));
    const at = slack.indexOf(Math.max(...slack));
    widths[at] = (widths[at] ?? 1) - 1;
  }
  return widths;
}

function wrappedRow(row: readonly Cell[], widths: readonly number[]): readonly string[] {
  const cells = row.map(({ text }, i) => wrapLine(text, widths[i], 0));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    plainRow(
      row.map(({ paint }, i) => ({ text: cells[i]?.[at] ?? '', paint })),
      widths,
    ),
  );
}

/** Each row as its first cell, and the others below it with the titles of their columns. One without a title follows the one before it. */
function blocks(head: readonly Cell[], rows: readonly (readonly Cell[])[], columns: number): readonly string[] {
  const [, ...titles] = head;
  const width = widest(titles.map(({ text }) => text));
  return rows.flatMap(([first, ...others]) => {
    const lines = first === undefined ? [] : [...wrapCell(first, columns, MARGIN)];
    for (const [i, cell] of others.entries()) {
      const title = titles[i];
      if (cell.text === '' || title === undefined) continue;
      if (title.text === '') follow(lines, cell, columns);
      else
        lines.push(...labelled(padToColumns(title.paint(title.text), width), cell, { columns, indent: MARGIN + GAP }));
    }
    return lines;
  });
}

/** Puts a cell behind the last line, or below it where it does not fit. */
function follow(lines: string[], cell: Cell, columns: number): void {
  const before = lines.pop() ?? MARGIN;
  const joined = `${before}${GAP}${cell.paint(cell.text)}`;
  if (widest([joined]) <= columns) lines.push(joined);
  else lines.push(before, ...wrapCell(cell, columns, MARGIN + GAP));
}

const wrapCell = ({ text, paint }: Cell, columns: number, indent: string): readonly string[] =>
  wrapLine(text, columns - indent.length, 0).map((line) => `${indent}${paint(line)}`);

/** A label and its value. Further lines of the value stand below its first one. */
function labelled(
  label: string,
  { text, paint }: Cell,
  { columns, indent }: { readonly columns: number; readonly indent: string },
): readonly string[] {
  const before = indent + label + GAP;
  const deep = padToColumns('', columnsBefore(before));
  return wrapLine(text, columns - deep.length, 0).map((line, i) => `${i === 0 ? before : deep}${paint(line)}`);
}

const columnsBefore = (text: string): number => widest([text]);
