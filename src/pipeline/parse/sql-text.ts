/**
 * Why a text is not one SQL expression or query; `undefined` if no fault is found. A coarse check: DuckDB parses the
 * text later.
 */
export function sqlFault(text: string, kind: 'expression' | 'query'): string | undefined {
  const code = withoutQuoted(text);
  if (code === undefined) return 'a quote or comment is never closed';
  if (code.includes(';')) return `a ";" ends a statement: write one ${kind}`;
  if (!isBalanced(code)) return 'its brackets do not match';
  if (code.trim() === '') return 'it is empty';
  const first = /^[a-z]+/i.exec(code.trim())?.[0]?.toLowerCase() ?? '';
  if (kind === 'query')
    return ['select', 'from', 'with', 'values', 'table', 'pivot', 'unpivot'].includes(first) || code.trim()[0] === '('
      ? undefined
      : 'a query starts with select, from or with';
  return ['select', 'from', 'with'].includes(first) ? `"${first}" starts a statement: write a condition` : undefined;
}

/** Whether a `${{ … }}` stands inside a quoted text or name, where its SQL would not be parsed. */
export const hasQuotedValue = (text: string): boolean =>
  text.split('${{').length !== (withoutQuoted(text) ?? text).split('${{').length;

/** Replaces quoted text, quoted names and comments with blanks, by DuckDB's rules. */
function withoutQuoted(text: string): string | undefined {
  let code = '';
  let at = 0;
  while (at < text.length) {
    const quoted = QUOTED.map((one) => one(text.slice(at))).find((length) => length !== undefined);
    if (quoted === 0) return undefined;
    code += quoted === undefined ? text[at] : ' '.repeat(quoted);
    at += quoted ?? 1;
  }
  return code;
}

/** Length of the quoted part at the start of `rest`: 0 if it never ends, `undefined` if nothing is quoted there. */
type Quoted = (rest: string) => number | undefined;

const QUOTED: readonly Quoted[] = [
  (rest) => (/^[eE]'/.test(rest) ? (/^[eE]'(?:[^'\\]|\\[\s\S]|'')*'/.exec(rest)?.[0].length ?? 0) : undefined),
  (rest) => (rest[0] === "'" ? (/^'(?:[^']|'')*'/.exec(rest)?.[0].length ?? 0) : undefined),
  (rest) => (rest[0] === '"' ? (/^"(?:[^"]|"")*"/.exec(rest)?.[0].length ?? 0) : undefined),
  (rest) => (rest.startsWith('--') ? /^--[^\n]*/.exec(rest)?.[0].length : undefined),
  (rest) => (rest.startsWith('/*') ? (/^\/\*[\s\S]*?\*\//.exec(rest)?.[0].length ?? 0) : undefined),
  (rest) => {
    const open = /^\$(?:[A-Za-z_]\w*)?\$/.exec(rest)?.[0];
    if (open === undefined) return undefined;
    const end = rest.indexOf(open, open.length);
    return end < 0 ? 0 : end + open.length;
  },
];

const PAIRS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function isBalanced(code: string): boolean {
  const open: string[] = [];
  for (const one of code) {
    if ('([{'.includes(one)) open.push(one);
    else if (one in PAIRS && open.pop() !== PAIRS[one]) return false;
  }
  return open.length === 0;
}
