import { isUtf8 } from 'node:buffer';
import type { TableProblem } from '../../domain/data/read-fault.js';

interface Found {
  readonly problem: TableProblem;
  readonly line: number;
}

const PACKED = [
  { how: 'gzip', begin: [0x1f, 0x8b] },
  { how: 'zstd', begin: [0x28, 0xb5, 0x2f, 0xfd] },
  { how: 'zip', begin: [0x50, 0x4b, 0x03, 0x04] },
] as const;

/** What the first bytes of a file that is no UTF-8 say; later bytes are checked line by line. */
export function encodingProblem(head: Uint8Array): Found | undefined {
  const packed = PACKED.find(({ begin }) => begin.every((byte, i) => head[i] === byte));
  if (packed !== undefined) return { problem: { kind: 'packed', how: packed.how }, line: 1 };
  const [a, b] = head;
  const isMarked = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  return isMarked || hasEverySecondZero(head) ? { problem: { kind: 'encoding', found: 'UTF-16' }, line: 1 } : undefined;
}

/** Latin text in UTF-16 has a zero in every second byte. */
function hasEverySecondZero(head: Uint8Array): boolean {
  const seen = head.subarray(0, 64);
  const zeros = [0, 0];
  seen.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  return seen.length >= 4 && Math.max(even, odd) > 0.4 * seen.length && Math.min(even, odd) === 0;
}

/** The first line of a piece of text that is no UTF-8. */
export function firstBadLine(bytes: Uint8Array, linesBefore: number): Found {
  let line = linesBefore;
  for (let at = 0; at < bytes.length; ) {
    line++;
    const feed = bytes.indexOf(10, at);
    const end = feed < 0 ? bytes.length : feed + 1;
    if (!isUtf8(bytes.subarray(at, end))) break;
    at = end;
  }
  return { problem: { kind: 'encoding', found: 'Latin-1' }, line };
}
