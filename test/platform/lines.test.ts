import { expect, it } from 'vitest';
import { splitLines } from '../../src/platform/processes/lines.js';

function linesOf(...chunks: readonly (string | Buffer)[]): readonly string[] {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return lines;
}

it('gives whole lines, including the last one and empty ones', () => {
  expect(linesOf('one\nt', 'wo\n\nthr', 'ee')).toEqual(['one', 'two', '', 'three']);
});

it('joins characters that were cut', () => {
  const bytes = Buffer.from('grün\n');
  expect(linesOf(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(['grün']);
});

it('shows only the last state of a progress bar', () => {
  expect(linesOf('10 %\r50 %\r100 %\r\nend\r\n')).toEqual(['100 %', 'end']);
});

it('cuts a line without end, and continues after it', () => {
  const [line, next] = linesOf(...Array.from({ length: 100 }, () => 'x'.repeat(1000)), '\nnext\n');
  expect(line).toBe(`${'x'.repeat(4096)} …`);
  expect(next).toBe('next');
});
