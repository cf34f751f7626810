import { expandBraces } from './braces.js';

/**
 * A glob of `*`, `**`, `?`, `[…]` and `{…}`, read one name at a time from the top of the workspace. All places of the pattern that
 * a path may have reached are kept, so that the work grows with pattern times path and never with a power of it.
 */
export interface Glob {
  /** The folder before the first sign, for each of its alternatives; `.` for the workspace itself. */
  readonly bases: readonly string[];
  readonly start: GlobPlaces;
  /** The places after one more name of a path; none if nothing below it can match. */
  readonly step: (places: GlobPlaces, name: string) => GlobPlaces;
  readonly isMatch: (places: GlobPlaces) => boolean;
  /** Whether a path below these places can match. */
  readonly isOpen: (places: GlobPlaces) => boolean;
}

/** Numbers of places in the pattern. */
export type GlobPlaces = ReadonlySet<number>;

type Segment = '**' | ((name: string) => boolean);

export const isGlob = (text: string): boolean => /[*?[\]{}]/.test(text);

/** `hasDots`: signs also match names that begin with a dot. */
export function compileGlob(pattern: string, { hasDots = false }: { readonly hasDots?: boolean } = {}): Glob {
  const alternatives = [...new Set(expandBraces(pattern) ?? [])].map((one) => segmentsOf(one));
  const segments: (Segment | undefined)[] = [];
  const endings = new Set<number>();
  const firsts: number[] = [];
  for (const alternative of alternatives) {
    firsts.push(segments.length);
    // An alternative ends with an empty place: a path that reaches it matches.
    segments.push(...alternative.map((segment) => compileSegment(segment, hasDots)), undefined);
    if (isFolderOrBelow(alternative)) endings.add(segments.length - 2);
  }
  const add = (places: Set<number>, place: number): Set<number> => {
    places.add(place);
    if (segments[place] === '**' && (segments[place + 1] !== undefined || endings.has(place))) add(places, place + 1);
    return places;
  };
  const start = new Set<number>();
  for (const first of firsts) add(start, first);
  return {
    bases: [...new Set(alternatives.map(baseOf))],
    start,
    step: (places, name) => {
      const next = new Set<number>();
      for (const place of places) {
        const segment = segments[place];
        if (segment === '**' && (hasDots || !name.startsWith('.'))) add(add(next, place), place + 1);
        else if (typeof segment === 'function' && segment(name)) add(next, place + 1);
      }
      return next;
    },
    isMatch: (places) => [...places].some((place) => segments[place] === undefined),
    isOpen: (places) => [...places].some((place) => segments[place] !== undefined),
  };
}

/** Whether a whole path matches. */
export const globMatches = (glob: Glob, path: string): boolean => glob.isMatch(placesAt(glob, path));

/** The places of the pattern that a path may have reached. */
export const placesAt = (glob: Glob, path: string): GlobPlaces =>
  path === '.' ? glob.start : path.split('/').reduce((places, name) => glob.step(places, name), glob.start);

/** `**` twice in a row is the same as once. */
const segmentsOf = (pattern: string): readonly string[] =>
  pattern
    .split('/')
    .filter((one) => one !== '' && one !== '.')
    .filter((one, i, all) => one !== '**' || all[i - 1] !== '**');

/**
 * Whether a `**` at the end also stands for no name. `data/**` matches `data`, which may be a file or an output. As in picomatch,
 * `data/*` followed by `**` matches only what lies in the folders of `data`, and `**` alone never the workspace.
 */
const isFolderOrBelow = (segments: readonly string[]): boolean =>
  segments.at(-1) === '**' && segments.length > 1 && segments.at(-2)?.endsWith('*') === false;

function baseOf(segments: readonly string[]): string {
  const open = segments.findIndex((segment) => /[*?[]/.test(segment));
  const literal = segments.slice(0, open < 0 ? Math.max(0, segments.length - 1) : open).map(unescaped);
  return literal.join('/') || '.';
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

function compileSegment(segment: string, hasDots: boolean): Segment {
  if (segment === '**') return '**';
  const signs = signsOf(segment);
  const isDotMatched = hasDots || segment.startsWith('.') || segment.startsWith('\\.');
  return (name) => (isDotMatched || !name.startsWith('.')) && matchesName(signs, name);
}

type Sign = '*' | ((character: string) => boolean);

/**
 * The usual matcher of one name: after a failure only the last star takes one more character, because an earlier one can gain
 * nothing by it. At most length of the pattern times length of the name.
 */
function matchesName(signs: readonly Sign[], name: string): boolean {
  let [at, sign, star, resume] = [0, 0, -1, 0];
  while (at < name.length) {
    const one = signs[sign];
    if (one === '*') {
      [star, resume] = [sign, at];
      sign += 1;
    } else if (one?.(name[at] ?? '') === true) {
      at += 1;
      sign += 1;
    } else if (star >= 0) {
      resume += 1;
      [at, sign] = [resume, star + 1];
    } else return false;
  }
  return signs.slice(sign).every((one) => one === '*');
}

function signsOf(segment: string): readonly Sign[] {
  const signs: Sign[] = [];
  for (let at = 0; at < segment.length; at += 1) {
    const character = segment[at] ?? '';
    const set = character === '[' ? readSet(segment, at) : undefined;
    if (set !== undefined) {
      signs.push(set.matches);
      at = set.end;
    } else if (character === '*') {
      if (signs.at(-1) !== '*') signs.push('*');
    } else if (character === '?') signs.push(() => true);
    else {
      const literal = character === '\\' && at + 1 < segment.length ? (segment[++at] ?? '') : character;
      signs.push((one) => one === literal);
    }
  }
  return signs;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /[0-9]/,
  alnum: /[A-Za-z0-9]/,
  lower: /[a-z]/,
  upper: /[A-Z]/,
  space: /\s/,
  xdigit: /[0-9A-Fa-f]/,
  punct: /[!-/:-@[-`{-~]/,
};

/** `[abc]`, `[a-z]`, `[!a]`, `[^a]`, `[[:digit:]]`. `undefined` if it does not end: then `[` is an ordinary character. */
function readSet(
  text: string,
  start: number,
): { readonly matches: (character: string) => boolean; readonly end: number } | undefined {
  const isNegated = text[start + 1] === '!' || text[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  const tests: ((character: string) => boolean)[] = [];
  let at = first;
  for (; at < text.length && (text[at] !== ']' || at === first); at += 1) {
    const [whole, name = ''] = /^\[:(\w+):\]/.exec(text.slice(at, at + 12)) ?? [];
    const known = CLASSES[name];
    if (whole !== undefined && known !== undefined) {
      tests.push((one) => known.test(one));
      at += whole.length - 1;
      continue;
    }
    if (text[at] === '\\' && at + 1 < text.length) at += 1;
    const from = text[at] ?? '';
    const isRange = text[at + 1] === '-' && at + 2 < text.length && text[at + 2] !== ']';
    const to = isRange ? (text[at + 2] ?? '') : from;
    if (isRange) at += 2;
    tests.push((one) => one >= from && one <= to);
  }
  if (at >= text.length) return undefined;
  return { matches: (one) => tests.some((test) => test(one)) !== isNegated, end: at };
}
