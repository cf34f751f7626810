import { Chalk } from 'chalk';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { diagnosticText } from '../../src/render/diagnostic-text.js';
import { columnsOf, cutToColumns, padToColumns, shorten } from '../../src/render/parts/width.js';
import { viewText } from '../../src/render/view-text.js';

const FAMILY = '👨‍👩‍👧‍👦';
const COMBINED = 'e\u0301';
const plain = new Chalk({ level: 0 });
const coloured = new Chalk({ level: 1 });

it.each([
  ['', 0],
  ['plain', 5],
  ['größe', 5],
  ['日本語', 6],
  ['한국', 4],
  ['🚀', 2],
  [FAMILY, 2],
  ['🇩🇪', 2],
  [COMBINED, 1],
  ['ｱｲ', 2],
  ['a\u200Bb', 2],
  [coloured.red('日本'), 4],
])('counts the columns of %j', (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
  expect(columnsOf(padToColumns(text, 20))).toBe(20);
  expect(padToColumns(text, columns)).toBe(text);
});

describe('cutting', () => {
  it('never splits a character', () => {
    expect(cutToColumns('日本語', 5)).toBe('日本');
    expect(cutToColumns(`a${FAMILY}b`, 2)).toBe('a');
    expect(cutToColumns(`a${FAMILY}b`, 3)).toBe(`a${FAMILY}`);
    expect(cutToColumns(`${COMBINED}${COMBINED}`, 1)).toBe(COMBINED);
    expect(cutToColumns('short', 5)).toBe('short');
    expect(cutToColumns('日', 1)).toBe('');
    expect(shorten('日本語', 5)).toBe('日本…');
    expect(shorten('日本語', 6)).toBe('日本語');
  });

  it('keeps the longest beginning that fits', () => {
    const texts = fc.array(fc.constantFrom('a', 'ß', '日', '🚀', FAMILY, COMBINED, ' '), { maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.nat(30), (characters, columns) => {
        const text = characters.join('');
        const cut = cutToColumns(text, columns);
        expect(text.startsWith(cut)).toBe(true);
        expect(columnsOf(cut)).toBeLessThanOrEqual(columns);
        // the next character is at most two columns wide
        if (cut !== text) expect(columnsOf(cut)).toBeGreaterThanOrEqual(columns - 1);
      }),
    );
  });
});

/** In how many columns each line has its mark. */
const placesOf = (text: string, mark: string): readonly number[] =>
  text
    .split('\n')
    .filter((line) => line.includes(mark))
    .map((line) => columnsOf(line.slice(0, line.indexOf(mark))));

it.each([
  ['plain', plain],
  ['coloured', coloured],
])('aligns tables and fields of wide text (%s)', (_, chalk) => {
  const names = ['東京都', 'Zürich', `${COMBINED}t${COMBINED}`, `${FAMILY} home`, '🚀', 'a long plain name'];
  const view = viewText(
    {
      json: {},
      parts: [
        { kind: 'table', head: ['名前', '|'], rows: names.map((name) => [{ text: name, tone: 'strong' }, '|']) },
        { kind: 'fields', rows: names.map((name) => [name, ['#']]) },
      ],
    },
    chalk,
  );
  for (const mark of ['|', '#']) {
    const places = placesOf(view, mark);
    expect(places.length).toBeGreaterThanOrEqual(names.length);
    expect(new Set(places).size).toBe(1);
  }
});

it.each([
  ['plain: bad', 'bad'],
  ['東京: bad', 'bad'],
  ['🚀 größe: 語語', '語語'],
  [`${COMBINED}${FAMILY}: bad`, 'bad'],
  ['\t日\tbad', 'bad'],
])('puts the carets below the place: %j', (sourceLine, wrong) => {
  const start = sourceLine.indexOf(wrong);
  const text = diagnosticText(
    {
      severity: 'error',
      code: 'x',
      message: 'm',
      sourceLine,
      at: { file: 'f', line: 1, col: start + 1, endCol: start + 1 + wrong.length },
    },
    plain,
  );
  const [, source = '', carets = ''] = text.split('\n');
  const before = source.slice(0, source.indexOf(wrong));
  const blanks = carets.slice(0, carets.indexOf('^'));
  expect(columnsOf(blanks)).toBe(columnsOf(before));
  expect(blanks.replaceAll(/[^\t]/g, '')).toBe(before.replaceAll(/[^\t]/g, ''));
  expect(columnsOf(carets.trim().replace(/^│\s*/, ''))).toBe(columnsOf(wrong));
});

it('gives every character of the basic plane the columns that string-width gives it', () => {
  const differing: string[] = [];
  for (let code = 0x20; code < 0xd800; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    if (columnsOf(text) !== stringWidth(text)) differing.push(code.toString(16));
  }
  expect(differing).toEqual([]);
});
