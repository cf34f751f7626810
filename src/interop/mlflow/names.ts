import { createHash } from 'node:crypto';

/**
 * Length limits of an MLflow server in characters. Names may have letters, digits and `_ . - / space`, and must be normalised
 * paths. Servers before 2.8 accept params of 500 characters, servers before 1.28 of 250.
 */
export const LIMITS = { name: 250, param: 6000, tag: 5000 } as const;
export const OLD_PARAM = 500;

const HASH_DIGITS = 8;

/** The nearest valid MLflow name. A name that is too long is cut and gets a hash. */
export function validName(name: string): string {
  const clean = name
    .replaceAll(/[^\p{L}\p{N}_/. -]/gu, '_')
    .split('/')
    .map((segment) => (segment === '' || segment === '.' || segment === '..' ? '_' : segment))
    .join('/');
  if (clean.length <= LIMITS.name) return clean;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  // A normalised path must not end with a slash.
  return `${cut(clean, LIMITS.name - HASH_DIGITS - 1).replace(/\/$/, '_')}-${hash}`;
}

/** Gives each name a unique valid name, and remembers which were changed. */
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

/** The first `length` code units of a text, without splitting a surrogate pair. */
export function cut(text: string, length: number): string {
  const short = text.slice(0, length);
  return /[\ud800-\udbff]$/.test(short) ? short.slice(0, -1) : short;
}

/** Splits a text into pieces of at most `length` code units. */
export function pieces(text: string, length: number): readonly string[] {
  const all: string[] = [];
  for (let rest = text; rest !== ''; rest = rest.slice(all.at(-1)?.length)) all.push(cut(rest, length));
  return all;
}
