import { describe, expect, it } from 'vitest';
import type { ColumnContext } from '../../../../src/domain/data/drift.js';
import { instantOf } from '../../../../src/domain/support/time.js';
import { contextSentence } from '../../../../src/drift/judge/context-sentence.js';

const at = (text: string) => instantOf(Date.parse(text));
const MAY = at('2026-05-03T04:05:06Z');
const JUNE = at('2026-06-01T00:00:00Z');

it.each<[string, ColumnContext, string]>([
  ['nothing known', {}, ''],
  ['the whole window', { onset: { kind: 'whole-window' } }, 'it is so in the whole window'],
  ['growth', { onset: { kind: 'gradual', from: MAY } }, 'it grew from 2026-05-03 04:05 on'],
  ['growth that ends', { onset: { kind: 'gradual', until: JUNE } }, 'it grew from the start on until 2026-06-01 00:00'],
  [
    'a stretch',
    { onset: { kind: 'inside', from: MAY, until: JUNE } },
    'it is so since 2026-05-03 04:05 until 2026-06-01 00:00',
  ],
  ['a beginning', { onset: { kind: 'inside', from: MAY } }, 'it is so since 2026-05-03 04:05'],
  ['an end', { onset: { kind: 'inside', until: JUNE } }, 'it is so until 2026-06-01 00:00'],
  ['a midnight', { onset: { kind: 'midnight', from: JUNE } }, 'it is so since 2026-06-01 00:00, a midnight'],
  [
    'a file',
    { onset: { kind: 'file', from: MAY, file: 'b.csv' } },
    'it is so since 2026-05-03 04:05, exactly where b.csv begins; look at b.csv first',
  ],
  [
    'a file without a name',
    { onset: { kind: 'file', from: MAY } },
    'it is so since 2026-05-03 04:05, exactly where a file begins',
  ],
  [
    'the next file',
    { onset: { kind: 'file', until: JUNE, file: 'c.csv' } },
    'it is so until 2026-06-01 00:00, exactly where c.csv begins',
  ],
  [
    'the next file without a name',
    { onset: { kind: 'file', until: JUNE } },
    'it is so until 2026-06-01 00:00, exactly where the next file begins',
  ],
])('where a change begins: %s', (_, context, sentence) => {
  expect(contextSentence(context)).toBe(sentence);
});

describe('a column beside another', () => {
  const goes = { with: 'size', before: 0.98765, after: 0.9, isBroken: false };
  const broken = { with: 'size', before: -0.5, after: 0.0123, isBroken: true };
  it('goes with it still, or no longer', () => {
    expect(contextSentence({ correlation: goes })).toBe('it still goes with size (rank correlation 0.99, now 0.9)');
    expect(contextSentence({ correlation: broken })).toBe('its rank correlation with size went from -0.5 to 0.012');
  });

  const WORLD = 'that is how the world changes, not how a pipeline breaks';
  it.each(['gradual', 'inside', 'midnight', 'file', 'whole-window'] as const)(
    'moved by the world, where it came %s',
    (kind) => {
      const isWorlds = kind === 'gradual' || kind === 'inside';
      expect(contextSentence({ onset: { kind, from: MAY }, correlation: goes }).endsWith(WORLD)).toBe(isWorlds);
      expect(contextSentence({ onset: { kind, from: MAY }, correlation: broken })).not.toContain(WORLD);
      expect(contextSentence({ onset: { kind, from: MAY } })).not.toContain(WORLD);
    },
  );
});

describe('where a column comes from', () => {
  it.each([
    [{ dataset: 'sales', through: [], changed: [] }, 'it comes from dataset sales'],
    [
      { dataset: 'sales', through: ['clean', 'join'], changed: [] },
      'it comes from dataset sales through clean and join, whose code has not changed',
    ],
    [{ step: 'join', through: [], changed: [] }, 'step join makes it, whose code has not changed'],
    [{ step: 'join', through: ['cut'], changed: [] }, 'step join makes it through cut, whose code has not changed'],
    [
      { step: 'join', through: [], changed: ['join.py', 'the command of join'] },
      'step join makes it, and join.py, the command of join changed since the reference; look at join.py first',
    ],
  ])('%j', (upstream, sentence) => {
    expect(contextSentence({ upstream })).toBe(sentence);
  });

  it('says to look at changed code before a file', () => {
    const context: ColumnContext = {
      onset: { kind: 'file', from: MAY, file: 'b.csv' },
      upstream: { dataset: 'sales', through: [], changed: ['cut.sql'] },
    };
    expect(contextSentence(context).match(/look at \S+ first/g)).toEqual(['look at cut.sql first']);
  });
});
