import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { BIN, createRig, type Rig } from '../support/rig.js';

const ROWS = 10;
const ESC = '\u001B';

/** What refit writes to a terminal of 10 rows. */
async function onTerminal(rig: Rig, args: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const command = `stty rows ${ROWS} cols 40; "${process.execPath}" "${BIN}" ${args}`;
  // what surrounds the tests must not decide colours: a CI service sets CI, and chalk then draws none
  const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, CI: _ci, ...inherited } = process.env;
  const options = { cwd: rig.root, env: { ...inherited, TERM: 'xterm', ...env }, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], options);
  return stdout;
}

/** The lines that a terminal of 10 rows ends up with, those scrolled away included. */
function screenOf(text: string): readonly string[] {
  const lines = [''];
  let row = 0;
  let isAtStart = true;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's language is made of them
  for (const [token] of text.matchAll(/\u001B\[[?\d;]*[A-Za-z]|\r|\n|[^\u001B\r\n]+/g)) {
    const isText = !token.startsWith(ESC) && token !== '\r' && token !== '\n';
    if (isText) lines[row] = isAtStart ? token : lines[row] + token;
    if (token === '\n') row += 1;
    if (token.startsWith(ESC) && token.endsWith('A')) {
      const rows = Number(token.slice(2, -1));
      expect(rows).toBeLessThan(ROWS);
      row -= rows;
    }
    if (token === `${ESC}[0J`) lines.splice(row, lines.length, '');
    isAtStart = isText ? false : isAtStart || token === '\r' || token === '\n';
    lines[row] ??= '';
  }
  return lines.filter((line) => line !== '');
}

const many = (count: number, run: string): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\nsteps:\n${Array.from({ length: count }, (_, i) => `  s${i}: { run: "${run}; : ${i}", inputs: [], outputs: [] }\n`).join('')}`,
});

it('draws the steps in place, within the screen, and leaves the table of the result', async () => {
  using rig = createRig(many(30, 'sleep 0.02'));
  const text = await onTerminal(rig, 'run p');
  expect(text).toContain('of 30 steps');
  expect(text).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] s\d+ +0s/);
  expect(text.lastIndexOf('\u001B[?25h')).toBeGreaterThan(text.lastIndexOf('\u001B[?25l'));
  expect(text).toContain('\u001B[3');
  const screen = screenOf(text);
  expect(screen.filter((line) => line.includes('waiting') || line.includes('of 30 steps'))).toEqual([]);
  const table = screen.filter((line) => /^ {2}s\d+ .*succeeded/.test(line));
  expect(table.length).toBe(30);
});

it('leaves the steps as they ended where the result goes elsewhere', async () => {
  using rig = createRig(many(2, 'true'));
  const screen = screenOf(await onTerminal(rig, 'run p > result', { NO_COLOR: '1' }));
  expect(screen.slice(1)).toEqual([
    expect.stringMatching(/^✔ s0 {2}done/),
    expect.stringMatching(/^✔ s1 {2}done/),
    expect.stringMatching(/^2 of 2 steps/),
  ]);
});

it('uses no colour where NO_COLOR is set, and draws nothing on a dumb terminal', async () => {
  using rig = createRig(many(2, 'true'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's language is made of them
  expect(await onTerminal(rig, 'run p', { NO_COLOR: '1' })).not.toMatch(/\u001B\[[\d;]*m/);
  expect(await onTerminal(rig, 'run p --force', { TERM: 'dumb' })).not.toContain('\u001B[?25l');
  expect(await onTerminal(rig, 'run p --force --plain', {})).not.toContain('\u001B[?25l');
});

it('shows what the steps say above the drawing, without their control characters', async () => {
  using rig = createRig(many(2, "printf 'one\\\\033[2Jtwo\\\\n'; sleep 0.3"));
  const screen = screenOf(await onTerminal(rig, 'run p --verbose', { NO_COLOR: '1' }));
  expect(screen.filter((line) => line.includes('│'))).toEqual(expect.arrayContaining(['s0 │ onetwo', 's1 │ onetwo']));
});
