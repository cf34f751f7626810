/** `<purpose>-<pid>-<random>`: refit deletes such names only, and only after the process has ended. */
const MADE = /^[a-z][a-z-]*-(\d+)-[A-Za-z0-9]+$/;

/** The process that made a folder in `.refit/tmp`; `undefined` if refit gives no such names. */
export function makerOf(name: string): number | undefined {
  const pid = MADE.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Whether a name has the form of a run's id, which refit gives to the folders of outputs set aside. */
export const isRunId = (name: string): boolean => /^\d{8}-\d{6}-[0-9a-f]{6}$/.test(name);
