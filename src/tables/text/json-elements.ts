/** Where one value of a JSON file begins and ends, in bytes. */
export type Element = readonly [start: number, end: number];

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const OPEN = new Set([91, 123]);
const CLOSE = new Set([93, 125]);
const SPACES = new Set([9, 10, 13, 32]);

/** The elements of a JSON array, or the values of a file that holds one after the other. Of a broken file they are pieces of it. */
export function readElements(bytes: Uint8Array): { readonly elements: readonly Element[]; readonly isArray: boolean } {
  const begin = skipSpaces(bytes, bytes[0] === 0xef ? 3 : 0);
  const isArray = bytes[begin] === 91;
  const elements: Element[] = [];
  for (let at = skipSpaces(bytes, isArray ? begin + 1 : begin); at < bytes.length && bytes[at] !== 93; ) {
    // a bracket that closes nothing is one more value, which nobody can read: a broken file has an end, too
    const end = Math.max(at + 1, endOfValue(bytes, at));
    elements.push([at, end]);
    at = skipSpaces(bytes, end);
    if (bytes[at] === COMMA) at = skipSpaces(bytes, at + 1);
  }
  return { elements, isArray };
}

function skipSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && SPACES.has(bytes[at] ?? 0)) at++;
  return at;
}

function endOfValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (OPEN.has(byte)) depth++;
    else if (CLOSE.has(byte)) depth--;
    else if (depth > 0 || !isBetween(byte)) continue;
    // behind a closing bracket or quote at the outside, or before what follows a bare value
    if (depth === 0) return isBetween(bytes[at] ?? 0) ? at : at + 1;
    if (depth < 0) return at;
  }
  return bytes.length;
}

const isBetween = (byte: number): boolean => byte === COMMA || SPACES.has(byte);

/** The place of the closing quote. */
function endOfString(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
