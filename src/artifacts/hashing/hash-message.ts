import type { ContentHash } from '../../domain/ids.js';
import type { FileHash } from './hash-file.js';

/** The same list goes to every worker; `cursor` (one Int32) is the index that nobody has taken yet. */
export interface HashRequest {
  readonly job: number;
  readonly paths: readonly string[];
  readonly cursor: SharedArrayBuffer;
}

/** Results as columns: cloning ten thousand objects between threads would cost more than hashing them. */
export interface HashReply {
  readonly job: number;
  readonly indexes: Int32Array;
  /** Five a file: bytes read, then inode, size, mtime and ctime. */
  readonly numbers: Float64Array;
  /** 64 digits a file. */
  readonly digits: string;
  readonly unreadable: readonly (readonly [index: number, code: string])[];
}

export function packHashes(job: number, results: readonly (readonly [number, FileHash])[]): HashReply {
  const indexes: number[] = [];
  const numbers: number[] = [];
  const unreadable: [number, string][] = [];
  let digits = '';
  for (const [index, result] of results) {
    if (result.kind === 'unreadable') unreadable.push([index, result.code]);
    else {
      const { ino, size, mtimeMs, ctimeMs } = result.stat;
      indexes.push(index);
      numbers.push(result.size, ino, size, mtimeMs, ctimeMs);
      digits += result.hash;
    }
  }
  return { job, indexes: Int32Array.from(indexes), numbers: Float64Array.from(numbers), digits, unreadable };
}

/** Puts each result at its index of `into`; how many they were. */
export function unpackHashes(reply: HashReply, into: (FileHash | undefined)[]): number {
  for (const [index, code] of reply.unreadable) into[index] = { kind: 'unreadable', code };
  reply.indexes.forEach((index, i) => {
    const [bytes = 0, ino = 0, size = 0, mtimeMs = 0, ctimeMs = 0] = reply.numbers.subarray(5 * i, 5 * i + 5);
    const hash = reply.digits.slice(64 * i, 64 * i + 64) as ContentHash;
    into[index] = { kind: 'hashed', hash, size: bytes, stat: { ino, size, mtimeMs, ctimeMs } };
  });
  return reply.indexes.length + reply.unreadable.length;
}
