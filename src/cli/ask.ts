import { createInterface } from 'node:readline/promises';

/**
 * Asks on the terminal for one of the options, by its number, or for a text of one's own. An empty answer, also ^D, takes the
 * first option.
 */
export async function ask(text: string, options: readonly string[]): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (const [i, one] of options.length > 1 ? options.entries() : []) process.stderr.write(`  ${i + 1}  ${one}\n`);
    const closed = new Promise<string>((done) => terminal.once('close', () => done('')));
    const answer = (await Promise.race([terminal.question(`${text} [${options[0]}] `), closed])).trim();
    const chosen = options.length > 1 && /^\d+$/.test(answer) ? options[Number(answer) - 1] : undefined;
    return chosen ?? (answer === '' ? (options[0] ?? '') : answer);
  } finally {
    terminal.close();
  }
}
