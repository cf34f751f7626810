import { describe, expect, it } from 'vitest';
import { createRig } from '../support/rig.js';

const ROWS = 2000;
const csv = (head: string, row: (i: number) => readonly (number | string)[]): string =>
  `${head}\n${Array.from({ length: ROWS }, (_, i) => row(i).join(',')).join('\n')}\n`;

const files = {
  'before.csv': csv('size,carrier', (i) => [i % 4, ['AA', 'BB', 'CC'][i % 3] ?? '']),
  'after.csv': csv('size,carrier', (i) => [i % 2, ['AA', 'AA', 'DD'][i % 3] ?? '']),
};
const FORM = ['check-drift', '--reference', 'before.csv', '--current', 'after.csv', '--plot'] as const;
const chartOf = (text: string): string => text.slice(text.indexOf('the columns that moved'));
const ASCII = /^[\n -~]*$/;

describe('check-drift --plot', () => {
  it('draws the columns that moved, with the reference and the current window over each other', async () => {
    using rig = createRig(files);
    const { stdout, exit } = await rig.refit(...FORM);
    expect(exit).toBe(3);
    expect(stdout).toMatch(/^size: drift, .*\n {2}██ reference {3}⣿⣿ current {3}shares of all rows\n/m);
    // A quarter of the rows each before, half each of two after: half the height.
    expect(stdout).toMatch(/50 % ┤⡏/);
    expect(stdout).toMatch(/\n25 % ┤[^\n]*█{15,}\n/);
    expect(stdout).toMatch(/AA +│█+[▏▎▍▌▋▊▉]? 33 %\n +│⣿+⡇? 67 %/);
    expect(stdout).toMatch(/DD +│ 0 %\n +│⣿+⡇? 33 %/);
    expect(
      stdout
        .split('\n')
        .filter((line) => /[█⣿┤]/.test(line))
        .every((line) => line.length < 80),
    ).toBe(true);
  });

  it('has the same shares in its document', async () => {
    using rig = createRig(files);
    const { distributions } = await rig.json(3, ...FORM);
    const size = distributions.find((one: { name: string }) => one.name === 'size');
    expect(size.edges).toEqual([-0.5, 0.5, 1.5, 2.5, 3.5]);
    for (const share of size.reference) expect(share).toBeCloseTo(0.25, 2);
    expect(size.current[0]).toBeCloseTo(0.5, 2);
    expect((await rig.json(3, ...FORM.slice(0, -1))).distributions).toBeUndefined();
  });

  it.each([
    ['LC_ALL', { LC_ALL: 'C' }],
    ['LANG', { LC_ALL: '', LC_CTYPE: '', LANG: 'C' }],
    ['nothing', { LC_ALL: '', LC_CTYPE: '', LANG: '' }],
  ])('is ASCII where the locale is not UTF-8: %s', async (_, env) => {
    using rig = createRig(files, env);
    const { stdout } = await rig.refit(...FORM);
    const chart = stdout.slice(stdout.indexOf('size: drift'));
    expect(chart).toMatch(ASCII);
    expect(chart).toMatch(/50 % \+#+/);
    expect(chart).toMatch(/25 % \+:+\n/);
    expect(stdout).toMatch(/AA +\|:+ 33 %\n +\|#+ 67 %/);
  });

  it('has no colour code under NO_COLOR, and the same characters as with colour', async () => {
    using plain = createRig(files);
    using coloured = createRig(files, { NO_COLOR: '', FORCE_COLOR: '1' });
    const [without, with_] = [(await plain.refit(...FORM)).stdout, (await coloured.refit(...FORM)).stdout];
    expect(without).not.toContain('\u001b');
    expect(with_).toContain('\u001b[33m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character begins colours
    const bare = with_.replaceAll(/\u001b\[\d+m/g, '');
    expect(chartOf(bare)).toBe(chartOf(without));
  });

  it('draws odd columns: one value, no value, huge and infinite values, long and hostile names', async () => {
    const hostile = '"\u001b[31mx\u202e::error::"';
    const head = `one,gone,huge,wild,long,${hostile}`;
    using rig = createRig({
      'before.csv': csv(head, (i) => [5, i, i + 1, i, `${'n'.repeat(90)}${i % 2}`, i % 5]),
      'after.csv': csv(head, (i) => [
        7,
        '',
        i % 9 === 0 ? 1e300 : i,
        i % 3 === 0 ? 'inf' : i,
        `${'n'.repeat(90)}${i % 3}`,
        9,
      ]),
    });
    const { stdout, exit } = await rig.refit(...FORM);
    expect([3, 4]).toContain(exit);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('\u202e');
    expect(stdout).not.toMatch(/^::error/m);
    expect(stdout).not.toMatch(/NaN %|undefined|Infinity %/);
    for (const name of ['one', 'gone', 'huge', 'wild', 'long'])
      expect(stdout).toMatch(new RegExp(`^${name}: (drift|finding|unclear|stable)`, 'm'));
    expect(stdout).toMatch(/missing: reference 0 %, current 100 %/);
    expect(stdout).toMatch(/NaN or infinite: reference 0 rows, current \d+ rows/);
    expect(stdout).toMatch(/n… +│/);
  });

  it('draws the nearest columns where none has moved, and says so', async () => {
    using rig = createRig({ 'before.csv': files['before.csv'], 'after.csv': files['before.csv'] });
    const { stdout, exit } = await rig.refit(...FORM);
    expect(exit).toBe(0);
    expect(stdout).toContain('no column has moved; these are nearest to their limits');
    expect(stdout).toMatch(/size: stable/);
  });
});
