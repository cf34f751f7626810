import { afterAll, expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const rig = createRig({
  'pipelines/m.yaml':
    "pipeline: m\nsteps: { a: { run: 'echo hi > a.txt', outputs: [a.txt] } }\nmodel: { path: a.txt }\n",
});
afterAll(() => rig[Symbol.dispose]());

const helpOf = async (...words: readonly string[]): Promise<string> => (await rig.refit(...words, '--help')).stdout;

/** Every option of every command that takes a number, a time or a duration, as the help names them. */
const PLACEHOLDER = /^ +(?:-\w, )?(--[a-z-]+) <(n|duration|time|version|indices)>/gm;

interface Option {
  readonly command: string;
  readonly option: string;
}

async function optionsOf(words: readonly string[]): Promise<readonly Option[]> {
  const help = await helpOf(...words);
  const own = [...help.matchAll(PLACEHOLDER)].map(([, option = '']) => ({ command: words.join(' '), option }));
  const isGroup = /^Commands:/m.test(help);
  if (!isGroup && words.length > 0) return own;
  const names = [...help.matchAll(/^ {2}([a-z][a-z-]*)(?: \[| <| {2})/gm)].map(([, name = '']) => name);
  const below: Option[][] = [];
  for (const part of chunks(
    names.filter((name) => name !== 'help'),
    4,
  ))
    below.push((await Promise.all(part.map((name) => optionsOf([...words, name])))).flat());
  return [...own, ...below.flat()];
}

const chunks = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

const WRONG = ['-1', '99999999999999999999', 'NaN', ''];

/** A threshold in the unit of a metric has no upper end, and no change is an answer. */
const IS_FINE = new Set(['--drop=99999999999999999999', '--changes=']);

/** Arguments without which another usage error comes first. */
const NEEDED: Readonly<Record<string, readonly string[]>> = { 'evaluate-detectors': ['x.csv', '--column', 'error'] };

it('answers a number, time or duration that is none with a usage error, for every option of every command', async () => {
  const options = await optionsOf([]);
  // the help was understood: these are among them
  expect(options).toEqual(
    expect.arrayContaining([
      { command: 'runs', option: '--limit' },
      { command: 'gc', option: '--days' },
      { command: 'run', option: '--wait' },
      { command: 'logs', option: '--lines' },
    ]),
  );
  const asked = options
    .flatMap((one) => WRONG.map((value) => ({ ...one, value })))
    .filter(({ option, value }) => !IS_FINE.has(`${option}=${value}`));
  const wrong: string[] = [];
  for (const part of chunks(asked, 4))
    await Promise.all(
      part.map(async ({ command, option, value }) => {
        const { exit, stderr } = await rig.refit(
          ...command.split(' '),
          ...(NEEDED[command] ?? []),
          `${option}=${value}`,
        );
        const isRefused = exit === 2 && stderr.includes(option) && !/^ +at /m.test(stderr);
        if (!isRefused) wrong.push(`refit ${command} ${option}=${value}: exit ${exit} ${stderr.split('\n')[0]}`);
      }),
    );
  expect(wrong).toEqual([]);
}, 300_000);

const SUBJECTS = ['m@99999999999999999999', 'm@-1', 'm@1e999', 'm@NaN', 'm@', '../m', '../../etc/passwd', 'm/..'];

it.each([
  ['promote', '--reason', 'a'],
  ['why'],
  ['show'],
  ['logs'],
  ['served'],
  ['lineage'],
  ['diff', 'm@1'],
  ['plan'],
  ['reproduce'],
])(
  'answers a version or path that is none with a usage error: %s',
  async (command, ...more) => {
    for (const subject of SUBJECTS) {
      const words = command === 'diff' ? [command, ...more, subject] : [command, subject, ...more];
      const { exit, stderr } = await rig.refit(...words);
      expect([2, 4], `refit ${words.join(' ')}: ${stderr}`).toContain(exit);
      expect(stderr).toMatch(/^error/m);
    }
  },
  60_000,
);
