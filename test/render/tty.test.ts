import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { BIN, createRig, type Rig } from '../support/rig.js';
import { openTerminal } from '../support/terminal.js';

const SPINNER = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /;
const WAIT = 'until [ -e go ]; do sleep 0.05; done';

/** Two steps that run at the same time until there is a file `go`, and one that waits for both. */
const PARALLEL = `steps:
  left: { run: "${WAIT}; echo 1 > left.txt", inputs: [], outputs: [left.txt] }
  right: { run: "${WAIT}; echo 2 > right.txt", inputs: [], outputs: [right.txt] }
  model: { run: "${WAIT}; cat left.txt right.txt > model.txt", inputs: [left.txt, right.txt], outputs: [model.txt] }
`;

const many = (count: number, run: string): Readonly<Record<string, string>> => ({
  'pipelines/p.yaml': `pipeline: p\nsteps:\n${Array.from({ length: count }, (_, i) => `  s${i}: { run: "${run}; : ${i}", inputs: [], outputs: [] }\n`).join('')}`,
});

it.each([80, 140])(
  'run: draws a spinner and the steps that run in parallel, in place, at %i columns',
  async (columns) => {
    using rig = createRig({ 'pipelines/p.yaml': `pipeline: p\n${PARALLEL}` });
    using terminal = openTerminal(rig, 'run p --jobs 2', { columns, rows: 24 });
    const drawn = await terminal.shows('2 running');
    expect(drawn).toEqual([
      expect.stringMatching(/^run \S+ of p$/),
      expect.stringMatching(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] 0 of 3 steps · 2 running · \d+s$/),
      expect.stringMatching(/^▸ left {5}\d+s$/),
      expect.stringMatching(/^▸ right {4}\d+s$/),
      '·   model  waiting for left, right',
    ]);
    rig.write({ go: '' });
    const ended = await terminal.shows('EXIT 0');
    expect(ended.filter((line) => SPINNER.test(line) || /^[▸·]/.test(line))).toEqual([]);
    expect(ended.filter((line) => /^ {2}(left|right|model) +succeeded/.test(line))).toHaveLength(3);
    expect(terminal.isCursorVisible()).toBe(true);
  },
);

it.each([80, 140])('retrain: draws what it does besides the steps, then the steps, at %i columns', async (columns) => {
  using rig = createRig({
    'pipelines/p.yaml': `pipeline: p
${PARALLEL}model: { path: model.txt, gate: [{ smoke: "true" }], first: accept }
retrain: { when: { max_age: 1d } }
`,
  });
  using terminal = openTerminal(rig, 'retrain p', { columns, rows: 24 });
  const drawn = await terminal.shows('2 running');
  expect(drawn.filter((line) => SPINNER.test(line))).toHaveLength(1);
  expect(drawn.filter((line) => line.startsWith('▸'))).toHaveLength(2);
  for (const line of drawn) expect(line.length).toBeLessThanOrEqual(columns);
  rig.write({ go: '' });
  const ended = await terminal.shows('EXIT 0');
  expect(ended.filter((line) => SPINNER.test(line) || /^[▸·]/.test(line))).toEqual([]);
});

it('keeps four rows free, shows the running steps first and cuts each line to the width', async () => {
  const rows = 10;
  using rig = createRig(many(30, WAIT));
  using terminal = openTerminal(rig, 'run p --jobs 3', { columns: 20, rows });
  const drawn = (await terminal.shows('▸ s2')).slice(-(rows - 4));
  expect(drawn).toEqual([
    expect.stringMatching(/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] 0 of 30 steps · 3$/),
    expect.stringMatching(/^▸ s0 {2}\d+s$/),
    expect.stringMatching(/^▸ s1 {2}\d+s$/),
    expect.stringMatching(/^▸ s2 {2}\d+s$/),
    '· s3  waiting',
    '· s4  waiting',
  ]);
  rig.write({ go: '' });
  expect(await terminal.shows('EXIT 0')).not.toContain('· s4  waiting');
});

it('shows the output of the steps above the drawing, without their control characters', async () => {
  using rig = createRig(many(2, `printf 'one\\\\033[2Jtwo\\\\n'; ${WAIT}`));
  using terminal = openTerminal(rig, 'run p --verbose --jobs 2', { columns: 80, rows: 24 });
  await terminal.shows('s0 │ onetwo');
  const drawn = await terminal.shows('s1 │ onetwo');
  const spinner = drawn.findIndex((line) => SPINNER.test(line));
  expect(spinner).toBeGreaterThan(drawn.findLastIndex((line) => line.includes('│')));
  rig.write({ go: '' });
  expect(await terminal.shows('EXIT 0')).toEqual(expect.arrayContaining(['s0 │ onetwo', 's1 │ onetwo']));
});

it('ends the steps at ^C, and restores the cursor', async () => {
  using rig = createRig(many(2, 'sleep 300'));
  using terminal = openTerminal(rig, 'run p --jobs 2', { columns: 80, rows: 24 });
  await terminal.shows('2 running');
  expect(terminal.isCursorVisible()).toBe(false);
  terminal.press('C-c');
  await terminal.shows('EXIT 130');
  expect(terminal.isCursorVisible()).toBe(true);
});

it('leaves the steps as they ended when the result is written elsewhere', async () => {
  using rig = createRig(many(2, 'true'));
  using terminal = openTerminal(rig, 'run p > result', { columns: 80, rows: 24 });
  const ended = await terminal.shows('EXIT 0');
  expect(ended.slice(1)).toEqual([
    expect.stringMatching(/^✔ 2 of 2 steps/),
    expect.stringMatching(/^✔ s0 {2}done/),
    expect.stringMatching(/^✔ s1 {2}done/),
    'EXIT 0',
  ]);
});

/** What a shell command writes to a terminal, with all control characters. */
async function written(rig: Rig, command: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  // a CI service sets CI, and chalk then uses no colours
  const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, CI: _ci, ...inherited } = process.env;
  const options = { cwd: rig.root, env: { ...inherited, TERM: 'xterm', ...env }, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], options);
  return stdout;
}

const SIZED = 'stty rows 10 cols 40;';
const REFIT = `"${process.execPath}" "${BIN}"`;

it('uses colours, but none when NO_COLOR is set', async () => {
  using rig = createRig(many(2, 'true'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's language is made of them
  const colour = /\u001B\[[\d;]*m/;
  expect(await written(rig, `${SIZED} ${REFIT} run p`)).toMatch(colour);
  expect(await written(rig, `${SIZED} ${REFIT} run p --force`, { NO_COLOR: '1' })).not.toMatch(colour);
});

it('draws nothing on a dumb terminal or with --plain', async () => {
  using rig = createRig(many(2, 'true'));
  expect(await written(rig, `${SIZED} ${REFIT} run p`)).toContain('\u001B[?25l');
  expect(await written(rig, `${SIZED} ${REFIT} run p --force`, { TERM: 'dumb' })).not.toContain('\u001B');
  expect(await written(rig, `${SIZED} ${REFIT} run p --force --plain`, { NO_COLOR: '1' })).not.toContain('\u001B');
});

it('draws nothing on a terminal that does not say its size', async () => {
  using rig = createRig(many(2, 'true'));
  const text = await written(rig, `stty rows 0 cols 0; ${REFIT} run p`, { NO_COLOR: '1' });
  expect(text).not.toContain('\u001B');
  expect(text).toContain('succeeded s1');
});

it('ends the drawing when the size of the terminal is lost', async () => {
  using rig = createRig(many(2, `touch started; ${WAIT}`));
  const lose = 'until [ -e started ]; do sleep 0.05; done; stty rows 0 cols 0; sleep 0.3; touch go';
  const text = await written(rig, `${SIZED} ${REFIT} run p & ${lose}; wait $!; echo "EXIT $?"`);
  expect(text).toContain('EXIT 0');
});
