import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Failure } from '../../domain/failure.js';
import { err, ok, type Result } from '../../domain/support/result.js';
import { reasonOf } from '../../domain/support/system-error.js';
import { runGit } from './run-git.js';
import type { Copy, TreeEntry } from './tree.js';

/**
 * Writes files with the bytes that git stores: no filter, no text conversion, no line ends. Links are left out, because nobody
 * may read through a link that a commit brings.
 */
export async function writeBlobs(
  { root, target, use }: Pick<Copy, 'root' | 'target' | 'use'>,
  env: Readonly<Record<string, string>>,
  entries: readonly TreeEntry[],
): Promise<Result<void, Failure>> {
  const files = entries.filter(({ mode, path }) => mode.startsWith('100') && isPlain(path));
  if (files.length === 0) return ok(undefined);
  const input = files.map(({ object }) => `${object}\n`).join('');
  const read = await runGit(['cat-file', '--batch'], { use, cwd: root, env, input, isBinary: true });
  const contents = blobsIn(Buffer.from(read.stdout, 'latin1'));
  try {
    for (const { path, object } of files) {
      const content = contents.get(object);
      if (content === undefined) continue;
      await mkdir(dirname(join(target, path)), { recursive: true });
      await writeFile(join(target, path), content);
    }
    return ok(undefined);
  } catch (error) {
    return err({ code: 'file-unwritable', path: target, reason: reasonOf(error) });
  }
}

/** A damaged or forged tree can hold names that git would refuse to check out. */
const isPlain = (path: string): boolean =>
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');

/** Answers of `cat-file --batch`: `<object> <kind> <bytes>`, a line end, the bytes, a line end. */
function blobsIn(answers: Buffer): ReadonlyMap<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  for (let at = 0; at < answers.length; ) {
    const end = answers.indexOf(10, at);
    if (end === -1) return blobs;
    const [object = '', kind = '', bytes = ''] = answers.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (!/^\d+$/.test(bytes)) continue; // `<object> missing`
    const size = Number(bytes);
    if (kind === 'blob') blobs.set(object, answers.subarray(at, at + size));
    at += size + 1;
  }
  return blobs;
}
