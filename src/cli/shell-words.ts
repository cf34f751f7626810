/** The last word of a command line, as typed. */
export interface TypedLine {
  /** The words before the cursor without quotes. The last one is what is being typed, and may be empty. */
  readonly words: readonly string[];
  /** How much of the last word, without quotes, stands before the last character at which the shell breaks words. */
  readonly kept: number;
  /** The quote that the last word has opened and not closed. */
  readonly quote: '"' | "'" | undefined;
}

/** Bash breaks words before these, and replaces them too. */
const PREFIXES = ['@', '$'];

/**
 * Splits a command line of bash up to the cursor. Substitutions are not run: `$(…)` is text. `breaks`: COMP_WORDBREAKS, at which
 * bash begins the part of a word that it replaces.
 */
export function readLine(line: string, breaks: string): TypedLine {
  const words: string[] = [];
  let [word, quote, kept, isBegun]: [string, TypedLine['quote'], number, boolean] = ['', undefined, 0, false];
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (quote === undefined && /\s/.test(character)) {
      if (isBegun) words.push(word);
      [word, kept, isBegun] = ['', 0, false];
      continue;
    }
    isBegun = true;
    if (quote === undefined && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = undefined;
    else if (character === '\\' && quote !== "'") {
      i += 1;
      word += line.charAt(i);
    } else {
      word += character;
      if (quote === undefined && breaks.includes(character))
        kept = word.length - (PREFIXES.includes(character) ? 1 : 0);
    }
  }
  return { words: [...words, word], kept, quote };
}

/** Characters that no shell gives a meaning, in quotes or outside. */
const PLAIN = /^[\w@%+=:,./-]*$/;
const NON_ASCII = /[^\x20-\x7e]/;
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Whether a name can be offered at all: one with a control character could act on the terminal. */
export const isOfferable = (name: string): boolean => name !== '' && !CONTROL.test(name);

/**
 * A name as bash must find it on the line: every character with a meaning is escaped, so that a name such as `$(rm x)` stays a
 * name when the line is run. `undefined` in an open quote where it could not be escaped safely.
 */
export function quoteForBash(name: string, quote: TypedLine['quote']): string | undefined {
  if (PLAIN.test(name)) return name;
  if (quote !== undefined) return undefined;
  return [...name].map((one) => (PLAIN.test(one) || NON_ASCII.test(one) ? one : `\\${one}`)).join('');
}
