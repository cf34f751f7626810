import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { joinForce } from '../../src/cli/selection.js';
import { EXAMPLES } from '../../src/cli/words/help-examples.js';
import { createProgram } from '../../src/program.js';
import { createRig } from '../support/rig.js';

const COLUMNS = 80;

const allCommands = async (): Promise<readonly string[]> =>
  (await createProgram()).commands.map((command) => command.name());

/** Splits an example as a shell would; the examples use quotes, and nothing else that a shell knows. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');

/** What stands before `&&`, `>` and the like is refit's. */
const ownWords = (line: string): readonly string[] => {
  const inner = /^source <\((.*)\)$/.exec(line)?.[1] ?? line;
  const words = wordsOf(inner);
  const end = words.findIndex((word) => word === '>' || word === '&&');
  return end < 0 ? words : words.slice(0, end);
};

it('has examples for every command, and for no other', async () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...(await allCommands())].sort());
  for (const examples of Object.values(EXAMPLES)) expect([1, 2]).toContain(examples.length);
});

it('parses every example with the definitions of the commands', async () => {
  for (const { line } of Object.values(EXAMPLES).flat()) {
    const [program, name, ...rest] = ownWords(line);
    expect(program, line).toBe('refit');
    const parser = await createProgram(name);
    const command = parser.commands.find((one) => one.name() === name);
    const parsed: string[] = [];
    command?.action(() => void parsed.push(name ?? ''));
    for (const one of [parser, command]) one?.exitOverride();
    await parser.parseAsync(joinForce(['node', 'refit', name ?? '', ...rest]));
    expect(parsed, line).toEqual([name]);
  }
});

it('fits the help of every command into 80 columns, with examples, and without raw milliseconds', async () => {
  using rig = createRig({}, { COLUMNS: String(COLUMNS) });
  const helps = await Promise.all(
    ['', ...(await allCommands())].map(async (name) => ({
      name,
      ...(await rig.refit(...(name === '' ? [] : [name]), '--help')),
    })),
  );
  for (const { name, exit, stdout } of helps) {
    expect(exit, name).toBe(0);
    expect(stdout.split('\n').filter((line) => stringWidth(line) > COLUMNS)).toEqual([]);
    if (name !== '') expect(stdout, name).toContain(`\nExamples:\n  # `);
    expect(stdout, name).not.toMatch(/default: \d{5,}/);
  }
}, 300_000);
