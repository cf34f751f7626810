import { printable, printableLines } from './printable.js';

/** A character of no width. GitHub and GitLab see no mention, no number of an issue and no address across it. */
const APART = '&#8203;';

/**
 * What GitHub and GitLab make of text although it is no markup: `@name` calls somebody, `#12`, `GH-12` and addresses become links,
 * `~word` becomes a label, `%word` a milestone, `&1` an epic.
 */
const withoutLinks = (text: string): string =>
  text
    .replace(/(?<![A-Za-z0-9_])(?:\\~|&amp;|[@#!%^])(?=[A-Za-z0-9_"])|(?:#|\bGH-)(?=\d)/gi, `$&${APART}`)
    .replaceAll('://', `:${APART}//`)
    .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}${APART}.`);

/**
 * A dollar sign that begins no formula. GitLab heeds the backslash; GitHub looks for formulas before it does, and not across a tag.
 */
const DOLLAR = '<span>\\$</span>';

/** Text that Markdown shows as it is: no markup, HTML, link, image, mention or formula, no command or label of GitLab. One line. */
export const markdown = (text: string): string =>
  withoutLinks(
    printable(text.trim())
      .replaceAll('&', '&amp;')
      .replace(/[\\`*~[\]|]/g, '\\$&'),
  )
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('$', () => DOLLAR)
    // An underscore inside a word is no emphasis.
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    // What makes a list, a heading, a rule or a quick action of a line that begins with it.
    .replace(/^(?:[#+=/-]|:(?=:)|\d+(?=[.)](?:\s|$)))/, (found) => (/\d/.test(found) ? `${found}\\` : `\\${found}`));

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));

/** A code span. A bar is escaped because a table would take it as the end of a cell, in code too. */
export function code(text: string): string {
  const shown = printable(text).replaceAll('|', '\\|');
  const ticks = '`'.repeat(longestRun(shown) + 1);
  return ticks.length === 1 ? `\`${shown}\`` : `${ticks} ${shown} ${ticks}`;
}

/** A code block, with a fence that none of its lines can close. */
export function fenced(lines: readonly string[], language = ''): readonly string[] {
  const shown = lines.flatMap(printableLines);
  const fence = '`'.repeat(Math.max(3, longestRun(shown.join('\n')) + 1));
  return [`${fence}${language}`, ...shown, fence];
}

/** A table of cells that are Markdown already. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
];
