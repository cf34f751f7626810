const STARS = '***';
/** A secret of several lines is also masked line by line, as tools print it. Shorter lines are too common as words. */
const SHORTEST_LINE = 8;

export interface Mask {
  /** Returns what can be passed on now. An end of the stream that may begin a secret is held back. */
  readonly push: (bytes: Buffer) => Buffer;
  readonly end: () => Buffer;
}

/** Replaces secrets in a stream of bytes by `***`, also where a secret is cut by the end of a chunk. */
export function createMask(secrets: readonly string[]): Mask {
  const words = wordsOf(secrets);
  if (words.length === 0) return { push: (bytes) => bytes, end: () => Buffer.alloc(0) };
  const pattern = new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
  let held = '';
  const take = (text: string): string => {
    let said = '';
    for (let from = 0; ; ) {
      pattern.lastIndex = from;
      const found = pattern.exec(text);
      const open = unfinished(text, from, words);
      // a longer secret may begin before the shorter one that was found
      if (found === null || open <= found.index) {
        held = text.slice(open);
        return said + text.slice(from, open);
      }
      said += text.slice(from, found.index) + STARS;
      from = found.index + found[0].length;
    }
  };
  return {
    // latin1 maps every byte to one character, so no byte is lost
    push: (bytes) => Buffer.from(take(held + bytes.toString('latin1')), 'latin1'),
    end: () => {
      const rest = held.replace(pattern, STARS);
      held = '';
      return Buffer.from(rest, 'latin1');
    },
  };
}

/** Longest first: a regular expression takes the first alternative that matches. */
function wordsOf(secrets: readonly string[]): readonly string[] {
  const lines = secrets.flatMap((secret) => (secret.includes('\n') ? secret.split(/\r?\n/) : []));
  const words = [...secrets, ...lines.filter((line) => line.length >= SHORTEST_LINE)].filter((word) => word !== '');
  return [...new Set(words)]
    .map((word) => Buffer.from(word, 'utf8').toString('latin1'))
    .sort((a, b) => b.length - a.length);
}

/** Index, from `from` on, at which the end of the text may begin a secret that is not complete; otherwise the text's length. */
function unfinished(text: string, from: number, words: readonly string[]): number {
  let earliest = text.length;
  for (const word of words)
    for (let length = Math.min(word.length - 1, text.length - from); length > text.length - earliest; length--)
      if (text.endsWith(word.slice(0, length))) earliest = text.length - length;
  return earliest;
}
