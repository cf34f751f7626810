import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editsBetween, unifiedDiff } from '../../src/lineage/views/text-diff.js';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 });

/** Longest common subsequence by the textbook's table. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  const rows = [new Array<number>(b.length + 1).fill(0)];
  for (const one of a) {
    const last = rows.at(-1) ?? [];
    const row = [0];
    b.forEach((other, j) => {
      row.push(one === other ? (last[j] ?? 0) + 1 : Math.max(last[j + 1] ?? 0, row[j] ?? 0));
    });
    rows.push(row);
  }
  return rows.at(-1)?.at(-1) ?? 0;
}

it('gives back both texts, in as few edits as can be', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const edits = editsBetween(before, after);
      expect(edits.filter((edit) => edit.mark !== '+').map((edit) => edit.text)).toEqual(before);
      expect(edits.filter((edit) => edit.mark !== '-').map((edit) => edit.text)).toEqual(after);
      const changes = edits.filter((edit) => edit.mark !== ' ').length;
      expect(changes).toBe(before.length + after.length - 2 * commonLength(before, after));
    }),
  );
});

it('writes what diff -u writes', () => {
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
  expect(unifiedDiff('', 'new\n', 'x')).toEqual(['--- a/x', '+++ b/x', '@@ -0,0 +1 @@', '+new']);
  expect(unifiedDiff('same\n', 'same\n', 'x')).toEqual([]);
});
