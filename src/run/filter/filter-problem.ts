import type { Token } from './tokens.js';

/**
 * A mistake in a filter: the token where parsing stopped, and a suggestion. Thrown inside the parser, and caught by
 * `parseRunFilter`.
 */
export class Problem extends Error {
  readonly token: Token;
  readonly code: string;
  readonly suggestion: string;

  constructor(
    token: Token,
    code: string,
    { message, suggestion }: { readonly message: string; readonly suggestion: string },
  ) {
    super(message);
    this.token = token;
    this.code = code;
    this.suggestion = suggestion;
  }
}

export function unexpected(token: Token, wanted: string, suggestion: string): Problem {
  const is = token.kind === 'end' ? 'it ends' : `there is "${token.text}"`;
  return new Problem(token, 'unexpected', { message: `${is} where ${wanted} is expected`, suggestion });
}
