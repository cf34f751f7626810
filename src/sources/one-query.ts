/** Quotes and comments of PostgreSQL, which may hold any character, and the marks that count outside of them. */
const PIECE =
  /--[^\n]*|\/\*|\b[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\k<tag>\$|['"();]/g;

/** How a statement that only returns rows begins. */
const READS = /^(\(|(select|with|values|table)\b)/i;

/**
 * Why a text is not exactly one query; `undefined` if it is. The text becomes part of a larger statement, which an extra
 * parenthesis or semicolon would end early. It may only return rows: `copy` would write files on the server, even in a
 * read-only transaction.
 */
export function unfitQuery(text: string): string | undefined {
  let depth = 0;
  let plain = '';
  let at = 0;
  PIECE.lastIndex = 0;
  for (let found = PIECE.exec(text); found !== null; found = PIECE.exec(text)) {
    const [piece] = found;
    plain += text.slice(at, found.index);
    at = PIECE.lastIndex;
    if (piece === '/*') {
      const end = endOfComment(text, at);
      if (end === undefined) return 'a comment in it has no end';
      PIECE.lastIndex = end;
      at = end;
    } else if (piece === "'" || piece === '"') return 'a quote in it has no end';
    else if (piece === ';') return 'it holds several statements';
    else if (piece === '(') depth++;
    else if (piece === ')' && --depth < 0) return 'its parentheses do not match';
    plain += /^(--|\/\*)/.test(piece) ? ' ' : piece;
  }
  if (depth > 0) return 'its parentheses do not match';
  return READS.test((plain + text.slice(at)).trimStart())
    ? undefined
    : 'it does not begin with select, with, values or table';
}

/** Comments can be nested. */
function endOfComment(text: string, from: number): number | undefined {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 1;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return undefined;
}
