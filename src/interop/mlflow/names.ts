import { createHash } from 'node:crypto';

/**
 * What an MLflow server takes: names of at most 250 characters out of letters, digits and `_ . - / space` that are the same
 * when read as a path; values by kind. Servers before 2.8 take params of 500 characters, those before 1.28 of 250.
 */
export const LIMITS = { name: 250, param: 6000, tag: 5000 } as const;
export const OLD_PARAM = 500;

const HASH_DIGITS = 8;

/** The nearest name that a server takes. */
export function validName(name: string): string {
  const clean = name
    .replaceAll(/[^\p{L}\p{N}_/. -]/gu, '_')
    .split('/')
    .map((segment) => (segment === '' || segment === '.' || segment === '..' ? '_' : segment))
    .join('/');
  if (clean.length <= LIMITS.name) return clean;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  // a cut may end in a slash, which a path does not
  return `${cut(clean, LIMITS.name - HASH_DIGITS - 1).replace(/\/$/, '_')}-${hash}`;
}

/** Gives each name a valid one of its own, and remembers which were changed. */
export function createNamer(): {
  readonly nameOf: (name: string) => string;
  readonly changed: () => readonly (readonly [name: string, to: string])[];
} {
  const given = new Map<string, string>();
  const taken = new Set<string>();
  return {
    nameOf: (name) => {
      const known = given.get(name);
      if (known !== undefined) return known;
      const valid = validName(name);
      let free = valid;
      for (let n = 2; taken.has(free); n++) free = `${cut(valid, LIMITS.name - 5)}_${n}`;
      taken.add(free);
      given.set(name, free);
      return free;
    },
    changed: () => [...given].filter(([name, to]) => name !== to),
  };
}

/** The first characters of a text, no pair of code units torn. */
export function cut(text: string, length: number): string {
  const short = text.slice(0, length);
  return /[\ud800-\udbff]$/.test(short) ? short.slice(0, -1) : short;
}

/** A text in pieces of at most so many characters. */
export function pieces(text: string, length: number): readonly string[] {
  const all: string[] = [];
  for (let rest = text; rest !== ''; rest = rest.slice(all.at(-1)?.length)) all.push(cut(rest, length));
  return all;
}
