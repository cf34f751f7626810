/** The code of a notebook's cells, without the lines that only Jupyter understands; `undefined` if it is none. */
export function notebookCode(text: string): string | undefined {
  try {
    const { cells } = JSON.parse(text) as { readonly cells?: unknown };
    return Array.isArray(cells) ? cells.map(codeOfCell).join('\n') : undefined;
  } catch {
    return undefined;
  }
}

function codeOfCell(cell: unknown): string {
  const { cell_type: type, source } = (cell ?? {}) as { readonly cell_type?: unknown; readonly source?: unknown };
  if (type !== 'code') return '';
  const text = Array.isArray(source) ? source.filter((one) => typeof one === 'string').join('') : source;
  return typeof text === 'string' ? text.replace(/^\s*[%!?].*$/gm, '') : '';
}
