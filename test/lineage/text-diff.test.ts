import { applyPatch } from 'diff';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unifiedDiff } from '../../src/lineage/views/text-diff.js';

const texts = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', 'a\r'), { maxLength: 40 }), fc.boolean())
  .map(([lines, isEnded]) => lines.join('\n') + (isEnded ? '\n' : ''));
const numbered = (count: number, word: string): string =>
  Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('');

it('is a patch that turns the first text into the second', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const lines = unifiedDiff(before, after, 'x.py');
      expect(lines.length === 0).toBe(before === after);
      if (lines.length > 0)
        expect(applyPatch(before, `${lines.join('\n')}\n`, { autoConvertLineEndings: false })).toBe(after);
    }),
  );
});

it('shows each change with three lines around it', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15'];
  const after = ['1', 'two', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15', '16'];
  expect(unifiedDiff(`${before.join('\n')}\n`, `${after.join('\n')}\n`, 'x.py')).toEqual([
    '--- a/x.py',
    '+++ b/x.py',
    '@@ -1,5 +1,5 @@',
    ' 1',
    '-2',
    '+two',
    ' 3',
    ' 4',
    ' 5',
    '@@ -13,3 +13,4 @@',
    ' 13',
    ' 14',
    ' 15',
    '+16',
  ]);
});

it('shows a new file, a deleted one, and a name that is not ASCII', () => {
  expect(unifiedDiff('', 'new\n', 'x')).toEqual(['--- a/x', '+++ b/x', '@@ -0,0 +1,1 @@', '+new']);
  expect(unifiedDiff('old\n', '', 'x')).toEqual(['--- a/x', '+++ b/x', '@@ -1,1 +0,0 @@', '-old']);
  expect(unifiedDiff('a\n', 'b\n', 'größe.py').slice(0, 2)).toEqual(['--- a/größe.py', '+++ b/größe.py']);
});

it('says when only the newline at the end is missing', () => {
  const [, , , ...changes] = unifiedDiff('same\n', 'same', 'x');
  expect(changes).toEqual(['-same', '+same', '\\ No newline at end of file']);
});

it('shows texts with too many differences as replaced', () => {
  const lines = unifiedDiff(numbered(3000, 'before'), numbered(2000, 'after'), 'x');
  expect(lines[2]).toBe('@@ -1,3000 +1,2000 @@');
  expect(lines.slice(3, 3003).every((line) => line.startsWith('-before'))).toBe(true);
  expect(lines.slice(3003).every((line) => line.startsWith('+after'))).toBe(true);
  expect(lines.length).toBe(3 + 5000);
});
