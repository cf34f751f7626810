/**
 * What Python, R and JavaScript have in common, as far as paths are concerned: strings, dotted names and single signs. A newline is
 * a sign. Comments are left out.
 */
export type Token =
  /** `value` is absent for an f-string or a template with fields, whose text is not known. */
  | { readonly kind: 'string'; readonly value: string | undefined }
  | { readonly kind: 'name'; readonly value: string }
  | { readonly kind: 'sign'; readonly value: string };

const STRING = /([rbfuRBFU]{0,2})("""|'''|"|')/y;
const NAME = /\.?[\p{L}_][\p{L}\p{N}_]*(?:(?:\.|::)[\p{L}\p{N}_]+)*/uy;
const BLANK = /(?:[ \t\r\f]|\\\r?\n)+/y;
const COMMENT = /#[^\n]*/y;
const NUMBER = /\d[\w.]*/y;

/** JavaScript has other comments and quotes, and `;` may end a line. */
const JS_STRING = /()(["'`])/y;
const JS_COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;

/** The tokens of a script. Never fails: what is not understood becomes signs. */
export function tokensOf(text: string, isJavaScript = false): readonly Token[] {
  const [stringStart, comment] = isJavaScript ? [JS_STRING, JS_COMMENT] : [STRING, COMMENT];
  const tokens: Token[] = [];
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) return false;
    at += found.length;
    return true;
  };
  while (at < text.length) {
    if (skip(BLANK) || skip(comment)) continue;
    stringStart.lastIndex = at;
    const string = stringStart.exec(text);
    if (string !== null) {
      const { token, end } = readString(text, at + string[0].length, string[1] ?? '', string[2] ?? '"');
      tokens.push(token);
      at = end;
      continue;
    }
    const from = at;
    if (skip(NAME)) tokens.push({ kind: 'name', value: text.slice(from, at) });
    else if (!skip(NUMBER)) {
      const sign = text[at++] ?? '';
      tokens.push({ kind: 'sign', value: isJavaScript && sign === ';' ? '\n' : sign });
    }
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\n': '' };

/** Reads from behind the opening quote. A string that is not closed ends with its line, or with the text. */
function readString(text: string, from: number, prefix: string, quote: string): { token: Token; end: number } {
  const isRaw = /r/i.test(prefix);
  let value = '';
  let at = from;
  while (at < text.length && !text.startsWith(quote, at)) {
    const sign = text[at] ?? '';
    if (sign === '\n' && quote.length === 1 && quote !== '`') break;
    const isEscape = sign === '\\' && at + 1 < text.length;
    const escaped = text[at + 1] ?? '';
    value += isEscape && !isRaw ? (ESCAPES[escaped] ?? escaped) : isEscape ? sign + escaped : sign;
    at += isEscape ? 2 : 1;
  }
  const hasFields = (/f/i.test(prefix) && /[{}]/.test(value)) || (quote === '`' && value.includes('${'));
  const isKnown = !hasFields && !/b/i.test(prefix);
  return { token: { kind: 'string', value: isKnown ? value : undefined }, end: at + quote.length };
}
