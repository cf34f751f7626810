import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/** The bytes of a file, one piece after the other, unpacked where it is packed. */
export interface ByteSource extends AsyncDisposable {
  /** Fills the buffer from `offset` as far as it goes; fewer bytes than there is room for mean the end. */
  readonly fill: (buffer: Uint8Array, offset: number, length: number) => Promise<number>;
}

/** A packed file that is cut off, damaged, or not packed at all. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
  readonly path: string;
  constructor(path: string, reason: string) {
    super(reason);
    this.path = path;
  }
}

/**
 * Opens a file for reading, unpacked if its name ends with `.gz`. Throws Node's errors; a damaged file throws
 * `UnpackError` when it is read.
 */
export async function openBytes(path: string): Promise<ByteSource> {
  return /\.gz$/i.test(path) ? gunzipped(path) : plain(await open(path, 'r'));
}

function plain(file: FileHandle): ByteSource {
  return {
    fill: async (buffer, offset, length) => {
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(buffer, offset + filled, length - filled, null);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function gunzipped(path: string): ByteSource {
  const stream = createReadStream(path);
  const pieces = stream.pipe(createGunzip());
  stream.on('error', (error) => pieces.destroy(error));
  const iterator: AsyncIterator<Buffer> = pieces[Symbol.asyncIterator]();
  let left: Uint8Array = new Uint8Array(0);
  return {
    fill: async (buffer, offset, length) => {
      let filled = 0;
      while (filled < length) {
        if (left.length === 0) {
          const next = await iterator.next().catch((error: unknown) => {
            throw isOfZlib(error) ? new UnpackError(path, error.message) : error;
          });
          if (next.done === true) break;
          left = next.value;
        }
        const taken = left.subarray(0, length - filled);
        buffer.set(taken, offset + filled);
        filled += taken.length;
        left = left.subarray(taken.length);
      }
      return filled;
    },
    [Symbol.asyncDispose]: async () => {
      pieces.destroy();
      stream.destroy();
    },
  };
}

/** Codes like Z_DATA_ERROR. Those of the file system are others. */
const isOfZlib = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
