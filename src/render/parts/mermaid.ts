import type { LineChart } from '../../domain/view.js';
import { fenced } from './markdown.js';
import { printable } from './printable.js';

/** Mermaid has no escape for a quote inside quotes, and takes these for marks of its own. */
const quoted = (text: string): string =>
  `"${
    printable(text)
      .replaceAll(/["`#;%{}[\]<>\\]/g, ' ')
      .trim() || '–'
  }"`;

/** Mermaid reads no exponents. */
function plain(value: number): string {
  const text = String(Number(value.toPrecision(6)));
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '').replace(/\.$/, '') : text;
}

/**
 * A line chart as a block of Mermaid, which GitHub and GitLab draw in comments and job summaries. They remove `data:` addresses and
 * inline SVG from Markdown, so a picture would have to be stored at an address that both can reach. The older name
 * `xychart-beta` is understood by every version.
 */
export function mermaidLines({ title, labels, values }: LineChart): readonly string[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.1;
  return fenced(
    [
      'xychart-beta',
      `  title ${quoted(title)}`,
      `  x-axis [${labels.map(quoted).join(', ')}]`,
      `  y-axis ${plain(low - room)} --> ${plain(high + room)}`,
      `  line [${values.map(plain).join(', ')}]`,
    ],
    'mermaid',
  );
}
