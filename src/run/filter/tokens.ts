export type Token =
  | { readonly kind: 'word' | 'text'; readonly text: string; readonly from: number; readonly to: number }
  | { readonly kind: 'sign'; readonly text: string; readonly from: number; readonly to: number }
  /** A character that starts no token, or a quote that never ends. */
  | { readonly kind: 'bad'; readonly text: string; readonly from: number; readonly to: number }
  | { readonly kind: 'end'; readonly text: ''; readonly from: number; readonly to: number };

const PATTERN =
  /\s+|(?<sign><=|>=|!=|<>|==|[=<>(),])|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>(?:[^'\\]|\\.)*)'|(?<word>[^\s=<>!(),"']+)|(?<bad>[\s\S])/gu;

/** Words, quoted texts and signs with their positions. The last token is always `end`. */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PATTERN)) {
    const { sign, double, single, word, bad } = match.groups ?? {};
    const place = { from: match.index, to: match.index + match[0].length };
    const quoted = double ?? single;
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, ...place });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replace(/\\(.)/g, '$1'), ...place });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...place });
    else if (bad !== undefined) tokens.push({ kind: 'bad', text: bad, ...place });
  }
  return [...tokens, { kind: 'end', text: '', from: text.length, to: text.length + 1 }];
}

export interface TokenCursor {
  /** The next token, left in place. After the last token it stays at the end. */
  readonly peek: () => Token;
  readonly take: () => Token;
  /** Whether the next token is one of these words, in any case. */
  readonly isWord: (...words: readonly string[]) => boolean;
  readonly isSign: (sign: string) => boolean;
}

/** Reads tokens one by one. */
export function createCursor(tokens: readonly Token[]): TokenCursor {
  let next = 0;
  const peek = (): Token => tokens[next] ?? (tokens.at(-1) as Token);
  return {
    peek,
    take: () => {
      const token = peek();
      next += 1;
      return token;
    },
    isWord: (...words) => {
      const token = peek();
      return token.kind === 'word' && words.includes(token.text.toLowerCase());
    },
    isSign: (sign) => peek().kind === 'sign' && peek().text === sign,
  };
}
