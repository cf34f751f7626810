import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/** The bytes of a file, one piece after the other, unpacked where it is packed. */
export interface ByteSource extends AsyncDisposable {
  /** Fills the buffer from `offset` as far as it goes; fewer bytes than there is room for mean the end. */
  readonly fill: (buffer: Uint8Array, offset: number, length: number) => Promise<number>;
}

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
          const next = await iterator.next();
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
