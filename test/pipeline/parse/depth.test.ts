import { expect, it } from 'vitest';
import { readSource } from '../../../src/pipeline/parse/source/yaml-source.js';

const indented = (levels: number): string => Array.from({ length: levels }, (_, i) => `${' '.repeat(i)}a:`).join('\n');

/** Calls as deep in the stack as there is room for, where the parser itself would end the process. */
function nearEndOfStack<T>(work: () => T): T {
  const room = (): number => {
    try {
      return 1 + room();
    } catch {
      return 0;
    }
  };
  const levels = Math.floor(room() * 0.6);
  const descend = (left: number): T => (left === 0 ? work() : descend(left - 1));
  return descend(levels);
}

it.each([
  ['lists', '['.repeat(5_000), 1],
  ['maps', '{a: '.repeat(20_000), 1],
  ['marks of lists', `${'- '.repeat(8_000)}x`, 1],
  ['marks of keys', `${'? '.repeat(8_000)}x`, 1],
  ['closed lists', `x:\n  y: ${'['.repeat(3_000)}${']'.repeat(3_000)}`, 2],
  ['indentation', indented(1_900), 1_000],
])('names the line where %s are nested too deeply, wherever it is called', (_, text, line) => {
  for (const source of [readSource('p.yaml', text), nearEndOfStack(() => readSource('p.yaml', text))]) {
    expect(source.value).toBeUndefined();
    expect(source.diagnostics).toMatchObject([{ code: 'nested-too-deeply' }]);
    expect(Math.abs((source.diagnostics[0]?.at.line ?? 0) - line)).toBeLessThan(3);
  }
});

it('reads brackets in texts and long indented blocks, which are not nested', () => {
  const text = `a: "${'['.repeat(5_000)}"\nb: |\n  ${' '.repeat(3_000)}x\n`;
  expect(readSource('p.yaml', text)).toMatchObject({ value: { a: '['.repeat(5_000) }, diagnostics: [] });
});
