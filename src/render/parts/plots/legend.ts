import type { Line } from '../../../domain/view.js';
import { columnsOf } from '../width.js';

const textWidth = (line: Line): number =>
  line.reduce((sum, span) => sum + columnsOf(typeof span === 'string' ? span : span.text), 0);

/** Entries side by side, on as many lines as they need. */
export function legendLines(entries: readonly Line[], columns: number): readonly Line[] {
  const lines: Line[] = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    if (last === undefined || textWidth(last) + 3 + textWidth(entry) > columns) lines.push(['  ', ...entry]);
    else lines[lines.length - 1] = [...last, '   ', ...entry];
  }
  return lines;
}
