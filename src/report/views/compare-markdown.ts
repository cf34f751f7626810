import type { View } from '../../domain/view.js';
import { comparisonDocument } from './comparison-document.js';
import { reportMarkdown } from './report-markdown.js';

/** The comparison as Markdown, as the comment of a pull request shows it. */
export function compareMarkdown(name: string, view: View): readonly string[] {
  const document = comparisonDocument([name, 'this working tree'], view, {
    title: `Models, compared with ${name}`,
    subtitle: `Before is ${name}, after the working tree. An interval comes from predictions of the same rows.`,
  });
  const lines = reportMarkdown(document);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
