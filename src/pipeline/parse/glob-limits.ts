import { expandBraces, MOST_ALTERNATIVES, MOST_CHARACTERS } from '../../domain/support/braces.js';

const LONGEST = 1000;

interface Fault {
  readonly problem: string;
  readonly suggestion: string;
}

/** Why a glob stands for too much to be matched soon, and what to write instead; `undefined` if it does not. */
export function globFault(glob: string): Fault | undefined {
  if (glob.length > LONGEST)
    return { problem: `is a glob of more than ${LONGEST} characters`, suggestion: 'list several shorter ones' };
  if (expandBraces(glob) !== undefined) return undefined;
  return {
    problem: `stands for more than ${MOST_ALTERNATIVES} globs or ${MOST_CHARACTERS} characters when its braces are written out`,
    suggestion: 'write "*" for a part of it, or list several globs',
  };
}

/** What people write for other matchers, and what it is here. For a path or glob that matches nothing. */
export function unsupportedSign(glob: string): string | undefined {
  const group = /[@?*+!]\([^)]*\)?/.exec(glob)?.[0];
  if (group !== undefined)
    return `"${group}" is no group: "(", "|" and ")" are ordinary characters here; write {a,b} for alternatives`;
  if (glob.startsWith('!'))
    return '"!" excludes nothing: it is an ordinary character here; list the files that are wanted';
  const [braces, inside = ''] = /\{([^{},]*)\}/.exec(glob) ?? [];
  if (braces !== undefined)
    return inside.includes('..')
      ? `"${braces}" is no range: write two whole numbers or two letters, such as {1..12} or {a..e}`
      : `"${braces}" holds no comma and no range, so its braces are ordinary characters`;
  if (/(?:[^/]\*\*|\*\*[^/])/.test(glob))
    return '"**" stands for folders only if it stands alone between two slashes; here it is the same as "*"';
  return undefined;
}
