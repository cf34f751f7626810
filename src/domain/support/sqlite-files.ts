/** What SQLite opens beside a database file, if it is there, and what is wrong with a database of others before SQLite opens it. */
const BESIDE = ['-journal', '-wal', '-shm'];

/**
 * Why SQLite cannot be given this database: it would wait for the writer of a pipe without end. `isRegular` tells whether a path
 * is a regular file and no link; `undefined` where nothing is.
 */
export function unfitDatabase(path: string, isRegular: (path: string) => boolean | undefined): string | undefined {
  const odd = BESIDE.find((ending) => isRegular(`${path}${ending}`) === false);
  return odd === undefined ? undefined : `the file beside it that ends with ${odd} is not a regular file`;
}
