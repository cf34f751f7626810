/** A glob with more alternatives, or with a longer list of them, is refused. */
export const MOST_ALTERNATIVES = 1000;
export const MOST_CHARACTERS = 50_000;

type Part = string | readonly (readonly Part[])[];

/**
 * The globs without braces that a glob stands for: `{a,b}`, also nested, `{1..12}`, `{01..12}`, `{a..e}`, `{0..90..30}`. Braces
 * that hold neither a comma nor a range are ordinary characters. `undefined` if there are too many.
 */
export function expandBraces(glob: string): readonly string[] | undefined {
  const expanded = expandParts(readParts(glob, bracesOf(glob), 0, glob.length));
  return isTooLong(expanded) ? undefined : expanded;
}

const isTooLong = (texts: readonly string[]): boolean =>
  texts.length > MOST_ALTERNATIVES || texts.reduce((sum, one) => sum + one.length, 0) > MOST_CHARACTERS;

/** Stops at the first sign that it will be too long, with a result that is too long itself. */
function expandParts(parts: readonly Part[]): readonly string[] {
  let texts: readonly string[] = [''];
  for (const part of parts) {
    const options = typeof part === 'string' ? [part] : expandAlternatives(part);
    if (isTooLong(options) || texts.length * options.length > MOST_ALTERNATIVES) return TOO_MANY;
    texts = texts.flatMap((text) => options.map((option) => text + option));
    if (isTooLong(texts)) return texts;
  }
  return texts;
}

const TOO_MANY: readonly string[] = Array<string>(MOST_ALTERNATIVES + 1).fill('');

function expandAlternatives(alternatives: readonly (readonly Part[])[]): readonly string[] {
  const texts: string[] = [];
  for (const alternative of alternatives) {
    texts.push(...expandParts(alternative));
    if (texts.length > MOST_ALTERNATIVES) return TOO_MANY;
  }
  return texts;
}

interface Brace {
  readonly end: number;
  readonly commas: readonly number[];
}

/** Every pair of braces by the place where it opens, with the commas of its own level. One pass, however they are nested. */
function bracesOf(glob: string): ReadonlyMap<number, Brace> {
  const pairs = new Map<number, Brace>();
  const open: { readonly start: number; readonly commas: number[] }[] = [];
  for (let at = 0; at < glob.length; at += lengthAt(glob, at)) {
    if (glob[at] === '{') open.push({ start: at, commas: [] });
    else if (glob[at] === ',') open.at(-1)?.commas.push(at);
    else if (glob[at] === '}') {
      const pair = open.pop();
      if (pair !== undefined) pairs.set(pair.start, { end: at, commas: pair.commas });
    }
  }
  return pairs;
}

/** An escaped character and a set belong together: a brace in `[…]` is an ordinary character. */
function lengthAt(glob: string, at: number): number {
  if (glob[at] === '\\') return 2;
  const end = glob[at] === '[' ? glob.indexOf(']', at + (/[!^]/.test(glob[at + 1] ?? '') ? 3 : 2)) : -1;
  return end < 0 || end - at > 100 || glob.slice(at, end).includes('/') ? 1 : end - at + 1;
}

function readParts(glob: string, pairs: ReadonlyMap<number, Brace>, start: number, end: number): readonly Part[] {
  const parts: Part[] = [];
  for (let at = start; at < end; ) {
    const pair = glob[at] === '{' ? pairs.get(at) : undefined;
    const alternatives = pair === undefined ? undefined : readBraces(glob, pairs, at, pair);
    const length = pair === undefined || alternatives === undefined ? lengthAt(glob, at) : pair.end - at + 1;
    parts.push(alternatives ?? glob.slice(at, Math.min(end, at + length)));
    at += length;
  }
  return parts;
}

function readBraces(
  glob: string,
  pairs: ReadonlyMap<number, Brace>,
  start: number,
  { end, commas }: Brace,
): readonly (readonly Part[])[] | undefined {
  if (commas.length === 0) return rangeIn(glob.slice(start + 1, end))?.map((value) => [value]);
  const edges = [start, ...commas, end];
  return edges.slice(1).map((edge, i) => readParts(glob, pairs, (edges[i] ?? start) + 1, edge));
}

const RANGE = /^(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.-?(\d{1,9}))?$/;

function rangeIn(text: string): readonly string[] | undefined {
  const [, from = '', to = '', step = '1'] = RANGE.exec(text) ?? [];
  const isNumbers = /\d$/.test(from) && /\d$/.test(to);
  if (!isNumbers && !(/^[A-Za-z]$/.test(from) && /^[A-Za-z]$/.test(to))) return undefined;
  const [first, last] = isNumbers ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)];
  const by = Math.max(1, Number(step)) * (first <= last ? 1 : -1);
  const count = Math.floor((last - first) / by) + 1;
  if (count > MOST_ALTERNATIVES) return TOO_MANY;
  const values = Array.from({ length: count }, (_, i) => first + i * by);
  if (!isNumbers) return values.map((value) => String.fromCharCode(value));
  const width = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0;
  return values.map(
    (value) => (value < 0 ? '-' : '') + String(Math.abs(value)).padStart(value < 0 ? width - 1 : width, '0'),
  );
}
