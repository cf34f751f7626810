import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resolveCommand } from '../../src/execute/attempt/command.js';
import { parseTemplate } from '../../src/pipeline/parse/template.js';

it('hands any text to a real shell as one word', () => {
  const { template } = parseTemplate('printf "%s\\0" ${{ params.x }} end');
  fc.assert(
    fc.property(
      fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')),
      (x) => {
        const [file = '', ...args] = resolveCommand({ kind: 'shell', script: template }, { params: { x } });
        expect(execFileSync(file, args, { encoding: 'utf8' }).split('\0')).toEqual([x, 'end', '']);
      },
    ),
    { numRuns: 60 },
  );
});

it('hands a dataset over as one word a file, in scripts and lists', () => {
  const { template } = parseTemplate('${{ datasets.rows }}');
  const values = { params: {}, datasets: { rows: ['a b.csv', 'c.csv'] } };
  expect(resolveCommand({ kind: 'shell', script: template }, values).at(-1)).toBe("'a b.csv' c.csv");
  expect(resolveCommand({ kind: 'argv', words: [parseTemplate('cat').template, template] }, values)).toEqual([
    'cat',
    'a b.csv',
    'c.csv',
  ]);
});
