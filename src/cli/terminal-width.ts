/** Narrower ones are mistakes, or terminals in which nothing could be read. */
const LEAST = 20;

/**
 * Columns that a text may take: `COLUMNS` if it is set, else the width of the terminal. `undefined` where the output goes to a
 * file, a pipe or the log of a job: a width invented for those would break lines that a script searches.
 */
export function terminalWidth(stream: NodeJS.WriteStream): number | undefined {
  const given = process.env.COLUMNS ?? '';
  const columns = /^\d{1,5}$/.test(given) ? Number(given) : stream.isTTY ? stream.columns : 0;
  return columns > 0 ? Math.max(LEAST, columns) : undefined;
}
