import type { Token } from './tokens.js';

/** Stands for the folder of the script itself: `Path(__file__).parent`. */
export const OWN_FOLDER = '\0';

/** Texts by name, as far as a script assigns them once and for all. */
export type Names = ReadonlyMap<string, string>;

const PATH_LIKE = /^(pathlib\.)?(Path|PurePath)$|^(str|os\.fspath|normalizePath|path\.expand)$/;
const JOINING = /^(os\.path\.join|path\.join|join|file\.path|here|here::here)$/;

/** Paths are no longer. A script that doubles a text line by line would fill the memory. */
const MOST_CHARACTERS = 4096;

/** Expressions that name a path are not nested deeper. */
const MOST_DEPTH = 20;

/** The text that an expression stands for; `undefined` if that is not certain, or if it is too long for a path. */
export function textOf(given: readonly Token[], names: Names, depth = 0): string | undefined {
  if (depth > MOST_DEPTH) return undefined;
  const text = textWithin(given, names, depth + 1);
  return text === undefined || text.length > MOST_CHARACTERS ? undefined : text;
}

function textWithin(given: readonly Token[], names: Names, depth: number): string | undefined {
  const tokens = given.filter((one) => one.kind !== 'sign' || one.value !== '\n');
  const own = ownFolder(tokens);
  if (own !== undefined) return own;
  const parts = splitAt(tokens, '/');
  if (parts.length > 1) return joined(textsOf(parts, names, depth));
  const sums = splitAt(tokens, '+');
  if (sums.length > 1) {
    const texts = textsOf(sums, names, depth);
    return texts.includes(undefined) ? undefined : texts.join('');
  }
  return operandText(tokens, names, depth);
}

/** One of them is `undefined` if any is not known, or if all together are too long. */
function textsOf(parts: readonly (readonly Token[])[], names: Names, depth: number): readonly (string | undefined)[] {
  const texts: string[] = [];
  let length = 0;
  for (const part of parts) {
    const text = textOf(part, names, depth);
    length += text?.length ?? 0;
    if (text === undefined || length > MOST_CHARACTERS) return [undefined];
    texts.push(text);
  }
  return texts;
}

function operandText(tokens: readonly Token[], names: Names, depth: number): string | undefined {
  const [first, ...rest] = tokens;
  if (first === undefined) return undefined;
  if (rest.length === 0) {
    if (first.kind === 'string') return first.value;
    return first.kind === 'name' ? textOfName(first.value, names) : undefined;
  }
  const end = first.kind === 'sign' && first.value === '(' ? closing(tokens, 0) : closing(tokens, 1);
  if (end === undefined || !isSettled(tokens.slice(end + 1))) return undefined;
  if (first.kind === 'sign') return textOf(tokens.slice(1, end), names, depth);
  if (first.kind !== 'name' || !(PATH_LIKE.test(first.value) || JOINING.test(first.value))) return undefined;
  return joined(textsOf(splitAt(tokens.slice(2, end), ','), names, depth));
}

/** `args.model` is also known by what an argument parser calls it. */
const textOfName = (name: string, names: Names): string | undefined =>
  names.get(name) ?? names.get(`args ${name.slice(name.lastIndexOf('.') + 1)}`);

/** Calls behind a path that do not lead elsewhere: `.resolve()`. */
const isSettled = (tokens: readonly Token[]): boolean =>
  /^(\.(resolve|absolute|as_posix|expanduser)\(\))*$/.test(tokens.map((one) => one.value ?? '').join(''));

const joined = (parts: readonly (string | undefined)[]): string | undefined =>
  parts.length === 0 || parts.includes(undefined)
    ? undefined
    : parts.reduce((before, part) => (part?.startsWith('/') === true ? part : `${before}/${part}`));

/** `Path(__file__).parent`, `os.path.dirname(os.path.abspath(__file__))`: each further step goes one folder up. */
function ownFolder(tokens: readonly Token[]): string | undefined {
  if (!tokens.some((one) => one.kind === 'name' && one.value === '__file__')) return undefined;
  const text = tokens.map((one) => (one.kind === 'string' ? '"' : one.value)).join('');
  if (/["/+,]/.test(text)) return undefined;
  const ups = (text.match(/\.parent\b/g) ?? []).length + (text.match(/\bdirname\(/g) ?? []).length;
  return ups === 0 ? undefined : [OWN_FOLDER, ...Array.from({ length: ups - 1 }, () => '..')].join('/');
}

const OPEN = '([{';
const CLOSE = ')]}';

/** Longer lists of arguments hold data and no paths. It also bounds the time for a file that only opens brackets. */
export const MOST_TOKENS = 2000;

/** Position of the bracket that closes the one at `from`; `undefined` if there is none near it. */
export function closing(tokens: readonly Token[], from: number): number | undefined {
  let depth = 0;
  for (let i = from; i < Math.min(tokens.length, from + MOST_TOKENS); i++) {
    const token = tokens[i];
    if (token?.kind !== 'sign') {
      if (i === from) return undefined;
      continue;
    }
    if (OPEN.includes(token.value)) depth++;
    else if (CLOSE.includes(token.value)) depth--;
    else if (i === from) return undefined;
    if (depth === 0) return i;
  }
  return undefined;
}

/** The parts between signs that stand outside all brackets. */
export function splitAt(tokens: readonly Token[], sign: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const value = token.kind === 'sign' ? token.value : '';
    if (value !== '' && OPEN.includes(value)) depth++;
    if (value !== '' && CLOSE.includes(value)) depth--;
    if (depth === 0 && value === sign) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.length === 1 && parts[0]?.length === 0 ? [] : parts;
}
