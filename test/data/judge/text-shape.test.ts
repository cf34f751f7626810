import { describe, expect, it } from 'vitest';
import { testTextShape } from '../../../src/data/judge/repairs/text-shape.js';
import { triage } from '../../../src/data/judge/triage.js';
import { column, table, texts } from './profiles.js';

const N = 400;
const ids = (from: number, make: (i: number) => string = (i) => `MSCU${1_000_000 + i}`): string[] =>
  Array.from({ length: N }, (_, i) => make(from + 7 * i));
const WORDS = ['Fahrrad', 'Tisch', 'Küche', 'Bett', 'Gartenbank mit Auflage', 'Lampe', 'Kommode'];
const titles = (from: number): string[] =>
  ids(from, (i) => `${WORDS[i % 7]} ${WORDS[(i * 3 + Math.floor(i / 7)) % 7]} ${i % 97}`);

const says = (was: readonly string[], is: readonly string[]): string => {
  const fault = testTextShape(texts(was, is));
  return fault === undefined ? 'nothing' : `${fault.severity} ${fault.code}: ${fault.likelyCause}`;
};

describe('ids and free texts', () => {
  const was = ids(0);
  const now = ids(10_000);
  const mixed = ids(0, (i) => `Box ${i}`);

  it.each([
    ['padded', was, now.map((one) => `${one}  `), 'unclear respelled: padding'],
    ['in small letters', was, now.map((one) => one.toLowerCase()), 'unclear respelled: another upper and lower case'],
    ['in capitals', mixed, ids(10_000, (i) => `BOX ${i}`), 'unclear respelled: another upper and lower case'],
    [
      'that lost a digit',
      was,
      now.map((one) => one.slice(0, -1)),
      'unclear truncated: texts that lost 1 of their characters',
    ],
    ['with more digits', was, now.map((one) => `0${one}`), 'unclear respelled: characters that were added'],
    [
      'read in another encoding',
      titles(1),
      titles(5000).map((one) => Buffer.from(one).toString('latin1')),
      'unclear respelled: UTF-8 read as Latin-1',
    ],
    [
      'cut to a length',
      titles(1),
      titles(5000).map((one) => one.slice(0, 14)),
      'unclear truncated: texts cut to 14 characters',
    ],
  ])('%s', (_, before, current, expected) => {
    expect(says(before, current)).toBe(expected);
  });

  it.each([
    ['as before', was, now],
    ['titles as before', titles(1), titles(5000)],
    ['of several lengths', ids(0, String), ids(10_000, String)],
    ['that always had spaces', was.map((one) => ` ${one}`), now.map((one) => ` ${one}`)],
    ['some of which have spaces', was, now.map((one, i) => (i % 2 === 0 ? ` ${one}` : one))],
    ['of digits where letters were', was, ids(0, (i) => String(10_000_000_000 + i))],
    ['that are shorter, but end anywhere', titles(1), titles(5000).filter((one) => one.length < 20)],
    [
      'with letters of other languages',
      was.map((one) => `${one} Oslo`),
      now.map((one, i) => `${one} ${i % 2 === 0 ? 'Åmål' : 'Oslo'}`),
    ],
    ['few kinds', was.map((_, i) => `K${i % 30}`.padEnd(3, '0')), now.map((_, i) => `K${i % 30}`.padEnd(4, '0'))],
    ['few rows', was.slice(0, 40), now.slice(0, 40).map((one) => `${one}  `)],
  ])('%s: nothing', (_, before, current) => {
    expect(says(before, current)).toBe('nothing');
  });

  it('are as usual where an earlier window had the same form', () => {
    const padded = now.map((one) => `${one} `);
    expect(testTextShape({ ...texts(was, padded), past: [column('c', padded)] })).toBeUndefined();
    expect(testTextShape({ ...texts(was, padded), past: [column('c', now)] })?.code).toBe('respelled');
  });

  it('give both readings, in the table, too', () => {
    const found = triage({
      reference: table({ id: was }),
      current: table({ id: now.map((one) => one.slice(0, -1)) }),
      history: [],
      ignore: [],
    });
    expect(found.unclear).toMatchObject([
      {
        column: 'id',
        detail: 'all texts have 10 characters; those of the reference have 11; a fault or a changed world',
        rows: N,
        selects: { kind: 'present', column: 'id' },
        readings: [{ as: 'bug' }, { as: 'normal', text: expect.stringContaining('another source') }],
      },
    ]);
  });
});
