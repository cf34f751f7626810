/**
 * Markdown that is no longer than a limit, cut at the end of a line outside of code blocks, with a last line that says so. The limit counts
 * UTF-16 units, of which GitHub stores at most three bytes each.
 */
export function shortenMarkdown(markdown: string, most: number, whole: string): string {
  if (markdown.length <= most) return markdown;
  const lines = markdown.split('\n');
  const room = most - noticeOf(lines.length, whole).length - CLOSING.length;
  let [length, kept, fence, folds, keptFolds] = [0, 0, '', 0, 0];
  for (const [i, line] of lines.entries()) {
    length += line.length + 1;
    if (length > room) break;
    fence = fenceAfter(line, fence);
    folds += count(line, '<details') - count(line, CLOSING.trim());
    if (fence === '') [kept, keptFolds] = [i + 1, folds];
  }
  const start = kept === 0 ? markdown.slice(0, Math.max(0, room)) : lines.slice(0, kept).join('\n');
  const end = CLOSING.repeat(Math.min(1, Math.max(0, keptFolds)));
  return `${start}${end}${noticeOf(lines.length - kept, whole)}`;
}

const CLOSING = '\n</details>\n';

const count = (text: string, part: string): number => text.split(part).length - 1;

/** The fence of the code block that is open after a line, or nothing. */
function fenceAfter(line: string, open: string): string {
  const found = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
  if (found === undefined) return open;
  if (open === '') return found;
  const closes = found.startsWith(open) && line.trim() === found;
  return closes ? '' : open;
}

const noticeOf = (lines: number, whole: string): string =>
  `\n\n**Shortened**: ${lines} more ${lines === 1 ? 'line' : 'lines'} did not fit here. ${whole}\n`;
