import { createInterface } from 'node:readline/promises';
import { isatty } from 'node:tty';

/** Whether somebody can be asked: both the question and the answer have a terminal. */
export const canAsk = (): boolean => isatty(0) && isatty(2);

/** Asks on the terminal. Anything but y or yes is a no, also ^D. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((done) => terminal.once('close', () => done('')));
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
