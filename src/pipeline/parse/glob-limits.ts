/**
 * Limits of a glob. The matcher turns a glob into a regular expression that backtracks: its time grows with a power of the
 * length of a name, and the number of stars is the exponent. (`plainGlob` removes the groups that would make it exponential.)
 */
const LONGEST = 1000;
const MOST_STARS = 3;
const MOST_FOLDER_STARS = 3;
const MOST_BRACES = 4;
const MOST_ALTERNATIVES = 64;

/** Why a glob takes too long to match, and what to write instead; `undefined` if it does not. */
export function globFault(glob: string): { readonly problem: string; readonly suggestion: string } | undefined {
  if (glob.length > LONGEST)
    return { problem: `is a glob of more than ${LONGEST} characters`, suggestion: 'list several shorter ones' };
  const segments = glob.split('/');
  if (segments.filter((segment) => segment.includes('**')).length > MOST_FOLDER_STARS)
    return { problem: `has "**" more than ${MOST_FOLDER_STARS} times`, suggestion: 'name the folders between them' };
  if (segments.some((segment) => (segment.match(/\*+/g) ?? []).length > MOST_STARS))
    return {
      problem: `has more than ${MOST_STARS} stars between two slashes`,
      suggestion: 'write "?" for single characters, or fewer stars: "*" matches any characters',
    };
  return braceFault(glob);
}

function braceFault(glob: string): ReturnType<typeof globFault> {
  const opens = (glob.match(/\{/g) ?? []).length;
  const alternatives = (glob.match(/\{[^{}]*\}/g) ?? []).reduce((product, one) => product * one.split(',').length, 1);
  if (opens <= MOST_BRACES && alternatives <= MOST_ALTERNATIVES && !/\{[^}]*\{/.test(glob)) return undefined;
  return {
    problem: `has braces in braces, more than ${MOST_BRACES} braces, or more than ${MOST_ALTERNATIVES} alternatives`,
    suggestion: 'list several globs',
  };
}
