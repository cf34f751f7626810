import leven from 'leven';

/** Nobody misspells longer names, and comparing two takes the product of their lengths. */
const LONGEST = 64;
/** Of more names than this the first ones are compared. */
const MOST_KNOWN = 2000;

/**
 * The known word that was probably meant, if one is close: at most two edits, or a third of the word's length. Only words of up
 * to 64 characters are compared.
 */
export function nearMiss(word: string, known: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const ranked = [...known]
    .slice(0, MOST_KNOWN)
    .filter((candidate) => candidate.length <= LONGEST)
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance < best.candidate.length ? best.candidate : undefined;
}

/** A suggestion: the near miss, or else the list of known words. */
export function suggestOne(word: string, known: readonly string[], what: string): string {
  const near = nearMiss(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0
    ? `there are no ${what} here`
    : `known ${what}: ${known.slice(0, 12).map(shortened).join(', ')}`;
}

const shortened = (word: string): string => (word.length <= LONGEST ? word : `${word.slice(0, LONGEST - 1)}…`);
