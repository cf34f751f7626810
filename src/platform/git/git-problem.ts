/**
 * Why git did not tell the commit of a workspace that lies in a repository, with the command that mends it. `undefined`: the
 * repository has no commit yet, which is no fault.
 */
export function gitProblem(
  stderr: string,
  root: string,
): { readonly reason: string; readonly mend: string } | undefined {
  if (/does not have any commits yet|bad default revision|not a git repository/i.test(stderr)) return undefined;
  if (/dubious ownership/i.test(stderr)) {
    const mend = /git config --global --add safe\.directory \S+/.exec(stderr)?.[0];
    return {
      reason: 'the repository belongs to another user',
      mend: mend ?? `git config --global --add safe.directory ${root}`,
    };
  }
  const pipe = WAITS.exec(stderr)?.[1];
  if (pipe !== undefined) return { reason: stderr, mend: `rm ${pipe}` };
  if (/not found on the PATH/.test(stderr)) return { reason: 'git is not installed', mend: 'install git' };
  const [line = 'git failed'] = stderr.trim().split('\n');
  return { reason: line, mend: `git -C ${root} log -1 shows the fault` };
}

const WAITS = /^(.+) is a pipe or a device, and git would wait for it$/s;

/** What git cannot say itself. */
export const waitsFor = (pipe: string): string => `${pipe} is a pipe or a device, and git would wait for it`;
