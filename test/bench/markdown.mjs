// Tables that are read in a terminal and copied into the documentation as they are.

export const heading = (text) => console.log(`\n### ${text}\n`);

export function markdownTable(head, rows) {
  const widths = head.map((cell, i) => Math.max(3, String(cell).length, ...rows.map((row) => String(row[i]).length)));
  const line = (cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))).join(' | ')} |`;
  console.log(line(head));
  console.log(
    `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
  );
  for (const row of rows) console.log(line(row));
}
