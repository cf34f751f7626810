import { shellQuote } from '../../../domain/support/shell-quote.js';

/** A scalar of YAML: as it is where nothing could read it otherwise, else in quotes. */
export const plain = (text: string): string =>
  /^[A-Za-z][\w./@+-]*( [\w./@+=-]+)*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);

export const list = (texts: readonly string[]): string => `[${texts.map(plain).join(', ')}]`;

/** One word of a shell command. */
export const word = (text: string): string => (/^[\w./@+=-]+$/.test(text) ? text : shellQuote(text));
