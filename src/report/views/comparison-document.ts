import type { View, ViewPart } from '../../domain/view.js';
import type { ReportDocument, ReportSection } from './document.js';

/** The comparison of two versions or runs: a view of `diff` or `compare`, a section for each of its headings. */
export function comparisonDocument(
  [a, b]: readonly [string, string],
  { json, parts, charts }: View,
  words: Partial<Pick<ReportDocument, 'title' | 'subtitle'>> = {},
): ReportDocument {
  const sections: { title: string; parts: ViewPart[] }[] = [{ title: 'Summary', parts: [] }];
  for (const part of parts)
    if (part.kind === 'heading') sections.push({ title: part.text, parts: [] });
    else sections.at(-1)?.parts.push(part);
  return {
    title: `${a} and ${b}`,
    subtitle: 'every difference that the registry knows',
    ...words,
    sections: sections
      .filter((section) => section.parts.length > 0)
      .map((section, i): ReportSection => ({ ...section, id: `part-${i}`, figures: [] })),
    json,
    charts,
  };
}
