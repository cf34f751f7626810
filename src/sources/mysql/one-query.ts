/** Quotes and comments of MySQL, which may hold any character, and the words and marks that count outside of them. */
const PIECE =
  /--(?=\s|$)[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|`(?:[^`]|``)*`|\/\*|['"`();?]|(?<![\w$.@])into(?![\w$])/gi;

/** How a statement that only returns rows begins. */
const READS = /^(\(|(select|with|values|table)\b)/i;

/**
 * Why a text is not exactly one query with the given number of placeholders; `undefined` if it is. The text becomes part
 * of a larger statement, which it must not end. It may only return rows: `into outfile` would write a file on the server,
 * even in a read-only transaction.
 */
export function unfitMysqlQuery(text: string, placeholders: number): string | undefined {
  let depth = 0;
  let marks = 0;
  let plain = '';
  let at = 0;
  PIECE.lastIndex = 0;
  for (let found = PIECE.exec(text); found !== null; found = PIECE.exec(text)) {
    const [piece] = found;
    plain += text.slice(at, found.index);
    at = PIECE.lastIndex;
    const isComment = /^(--|#|\/\*.)/.test(piece);
    if (/^\/\*M?!/i.test(piece)) return 'MySQL runs what stands in a comment that begins with /*!';
    if (piece === '/*') return 'a comment in it has no end';
    if (/^['"`]$/.test(piece)) return 'a quote in it has no end';
    if (piece === ';') return 'it holds several statements';
    if (/^into$/i.test(piece)) return 'it writes what it finds (INTO)';
    if (piece === '?') marks++;
    if (piece === '(') depth++;
    if (piece === ')' && --depth < 0) return 'its parentheses do not match';
    plain += isComment ? ' ' : piece;
  }
  if (depth > 0) return 'its parentheses do not match';
  if (marks !== placeholders)
    return marks > placeholders
      ? 'a ? in it is a placeholder of MySQL: write ${{ params.name }}, or the value'
      : 'a ${{ … }} in it stands in quotes or in a comment: it is a value by itself';
  return READS.test((plain + text.slice(at)).trimStart())
    ? undefined
    : 'it does not begin with select, with, values or table';
}
