import { open, stat } from 'node:fs/promises';
import { waitFor } from '../../domain/support/wait.js';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const MOST_BYTES = 4 * 1024 * 1024;

interface LogTarget {
  readonly putLog: (from: number, bytes: Uint8Array) => Promise<boolean>;
}

/** Uploads the log of a running command in pieces, less often the longer the command runs. */
export function sendLog(target: LogTarget, path: string) {
  const ending = new AbortController();
  let at = 0;
  const send = async (): Promise<boolean> => {
    for (;;) {
      const size = (await stat(path).catch(() => undefined))?.size ?? 0;
      if (size <= at) return true;
      const bytes = await pieceOf(path, at, Math.min(size - at, MOST_BYTES));
      if (bytes.length === 0 || !(await target.putLog(at, bytes))) return false;
      at += bytes.length;
    }
  };
  const follow = async (): Promise<void> => {
    for (let pauseMs = FIRST_PAUSE_MS; !ending.signal.aborted; pauseMs = Math.min(1.3 * pauseMs, LONGEST_PAUSE_MS)) {
      await waitFor(pauseMs, ending.signal);
      await send();
    }
  };
  const following = follow();
  return {
    /** Sends the log again from its beginning. */
    again: (): void => {
      at = 0;
    },
    /** Sends the rest after the command has ended. False if some of it could not be sent. */
    end: async (): Promise<boolean> => {
      ending.abort();
      await following;
      return send();
    },
  };
}

async function pieceOf(path: string, from: number, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
