import type { Failure } from '../../domain/failure.js';

/** Something at a remote is no regular file, or has another size than was declared. */
export class NotAsDeclared extends Error {
  readonly expected: string;
  readonly found: string;
  readonly file: string;

  constructor(file: string, expected: string, found: string) {
    super(`${file}: ${expected}, found ${found}`);
    this.file = file;
    this.expected = expected;
    this.found = found;
  }
}

/** The failure for it. Nothing that was read is used. */
export const notAsDeclared = (remote: string, { file, expected, found }: NotAsDeclared): Failure => ({
  code: 'integrity',
  what: `${file} at ${remote}`,
  expected,
  found,
  next: 'the remote was changed by hand or is damaged: nothing was merged; compare it with a backup',
});

/** Counts bytes as they pass. Throws as soon as there are more than `size`, and at the end if there were fewer. */
export async function* exactly(file: string, size: number, source: AsyncIterable<Uint8Array>) {
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.length;
    if (seen > size) throw new NotAsDeclared(file, `${size} bytes`, 'more');
    yield chunk;
  }
  if (seen !== size) throw new NotAsDeclared(file, `${size} bytes`, String(seen));
}

/** The bytes of a stream of at most `most`. */
export async function bytesUpTo(file: string, most: number, source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.length;
    if (seen > most) throw new NotAsDeclared(file, `at most ${most} bytes`, 'more');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
