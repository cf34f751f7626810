/**
 * Whether tests that need a program can run. Without it they are skipped, and stderr says so; in CI (`CI=true`) its
 * absence is an error: .ci/run installs all of them.
 */
export function isInstalled(isFound: boolean, program: string): boolean {
  if (isFound) return true;
  const missing = `${program} cannot be used here`;
  if (process.env.CI === 'true') throw new Error(`${missing}, and CI must not skip its tests: see .ci/run`);
  process.stderr.write(`${missing}: its tests are skipped\n`);
  return false;
}
